import { z } from 'zod';
import type { TagIndexConfig } from '../config.ts';
import { coverageOf, type IndexCoverage, type IndexedRows, NO_COVERAGE } from './index-coverage.ts';

/** By the names of the settings under `storage.cassandra.index`; those that leave nothing out are not there. */
const leftOut = z.strictObject({
  tags: z.literal(false).optional(),
  processTags: z.literal(false).optional(),
  logs: z.literal(false).optional(),
  durations: z.literal(false).optional(),
  include: z.array(z.string()).optional(),
  exclude: z.array(z.string()).optional(),
});

/** What a writer with these settings leaves out, in words that are the same for the same; `undefined` for nothing. */
export function leftOutOf({ tags, durations }: IndexedRows): string | undefined {
  const { spanTags, processTags, logs, include, exclude } = tags;
  const absent: z.infer<typeof leftOut> = {
    ...(spanTags ? {} : { tags: false }),
    ...(processTags ? {} : { processTags: false }),
    ...(logs ? {} : { logs: false }),
    ...(durations ? {} : { durations: false }),
    ...(include.length === 0 ? {} : { include: include.toSorted() }),
    ...(exclude.length === 0 ? {} : { exclude: exclude.toSorted() }),
  };
  return Object.keys(absent).length === 0 ? undefined : JSON.stringify(absent);
}

/** What there is in spite of it. Words that a later version may have written tell of nothing that can be relied on. */
export function coverageWithout(text: string): IndexCoverage {
  const absent = leftOut.safeParse(jsonOf(text)).data;
  if (absent === undefined) return NO_COVERAGE;
  const tags: TagIndexConfig = {
    spanTags: absent.tags ?? true,
    processTags: absent.processTags ?? true,
    logs: absent.logs ?? true,
    include: absent.include ?? [],
    exclude: absent.exclude ?? [],
  };
  return coverageOf({ tags, durations: absent.durations ?? true });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
