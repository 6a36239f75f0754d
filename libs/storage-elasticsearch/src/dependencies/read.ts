import type { Clock, RequestContext } from '@spoor/model';
import {
  type Day,
  DependencyCounts,
  type DependencyLink,
  daysUpTo,
  type TimeRange,
  wholeDays,
  withoutDays,
} from '@spoor/storage';
import type { ReadContext } from '../reader/read-context.ts';
import { countInto } from './count.ts';
import { type CountedDay, type Coverage, covers, isUpToDate } from './counted-day.ts';
import type { DependencyDocuments } from './dependency-documents.ts';
import { spanDocuments } from './span-documents.ts';

/** Days further back are counted from their spans, if there are any left. */
const MOST_DAYS = 400;

export interface DependencySources {
  readonly reading: ReadContext;
  readonly documents: DependencyDocuments;
  readonly coverage: Coverage;
  readonly clock: Clock;
}

/**
 * The calls of the time. Of a day that lies in it whole and was counted before, what was counted, as long as no span of it came
 * since; of all other time they are counted from the spans. So the answer is the one that counting all of it would give.
 */
export async function readDependencies(
  sources: DependencySources,
  time: TimeRange,
  context: RequestContext,
): Promise<DependencyLink[]> {
  const counts = new DependencyCounts();
  const days = await countedDays(sources, wholeDays(daysUpTo(sources.clock.nowMs(), MOST_DAYS), time), context);
  for (const { links } of days.values())
    for (const { parent, child, callCount } of links) counts.add(parent, child, callCount);
  for (const rest of withoutDays(time, [...days.keys()])) await countInto(counts, sources.reading, rest, context);
  return counts.links();
}

/** Of each day the last count that holds. Other days are missing. */
export async function countedDays(
  { reading, documents, coverage }: Omit<DependencySources, 'clock'>,
  days: readonly Day[],
  context: RequestContext,
): Promise<Map<Day, CountedDay>> {
  const found = (await documents.find(days, context.tenant, context.signal)).filter((one) => covers(one, coverage));
  const held = new Map<Day, CountedDay>();
  if (found.length === 0) return held;
  const present = await spanDocuments(reading, [...new Set(found.map(({ day }) => day))], context);
  for (const one of found.toSorted((a, b) => a.countedMs - b.countedMs))
    if (isUpToDate(one, present.get(one.day) ?? {})) held.set(one.day, one);
  return held;
}
