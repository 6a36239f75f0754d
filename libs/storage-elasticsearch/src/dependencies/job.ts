import type { Clock } from '@spoor/model';
import type { Day } from '@spoor/storage';
import { readSources } from '../layouts/layouts.ts';
import { createReader } from '../reader/reader.ts';
import type { ElasticsearchConfig } from '../settings.ts';
import type { SearchServer } from '../transport/search-server.ts';
import { computeDay } from './compute.ts';
import type { CountedDay } from './counted-day.ts';

export interface DependencyJob {
  /** See `computeDay`. */
  compute(day: Day, signal: AbortSignal): Promise<CountedDay[]>;
}

/** What counts a day when somebody asks for it. */
export function createDependencyJob(
  config: ElasticsearchConfig,
  { server, clock }: { readonly server: SearchServer; readonly clock: Clock },
): DependencyJob {
  const { counted } = createReader(config, readSources(config, clock), { server, clock });
  return { compute: (day, signal) => computeDay(counted, day, signal) };
}
