import type { AttributeCondition } from '@spoor/storage';
import type { TagIndexConfig } from '../config.ts';
import { tagFilter } from '../tag-filter.ts';

/** What writers put into the index tables: those of their settings that decide it. */
export interface IndexedRows {
  readonly tags: TagIndexConfig;
  readonly durations: boolean;
}

/** What a search may rely on in the index tables: what is not there it looks for in the spans. */
export interface IndexCoverage {
  readonly durations: boolean;
  /** Whether each span that has the tag anywhere has a row for it. */
  hasTag(key: AttributeCondition['key']): boolean;
}

export function coverageOf({ tags, durations }: IndexedRows): IndexCoverage {
  // With one place left out, a span may have the tag there and have no row.
  const hasAllPlaces = tags.spanTags && tags.processTags && tags.logs;
  const allows = tagFilter(tags);
  return { durations, hasTag: (key) => hasAllPlaces && allows(key) };
}

/** What all of them have. */
export function commonCoverage(coverages: readonly IndexCoverage[]): IndexCoverage {
  return {
    durations: coverages.every(({ durations }) => durations),
    hasTag: (key) => coverages.every((coverage) => coverage.hasTag(key)),
  };
}

export const NO_COVERAGE: IndexCoverage = { durations: false, hasTag: () => false };
