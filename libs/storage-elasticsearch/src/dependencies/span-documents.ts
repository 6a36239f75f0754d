import type { RequestContext } from '@spoor/model';
import { type Day, endMsOf, startMsOf, timeOf } from '@spoor/storage';
import { askSearch, objectOf } from '../reader/ask-search.ts';
import type { ReadContext } from '../reader/read-context.ts';
import { refuse } from '../reader/trace-spans.ts';
import type { LayoutName } from '../settings.ts';
import type { SpanDocuments } from './counted-day.ts';

const DAYS_AT_ONCE = 31;

/**
 * How many documents there are of the spans that start on each day. One request a layout for a month, answered from the index
 * alone. Throws `SPOOR_STORAGE_UNAVAILABLE` when a shard does not answer.
 */
export async function spanDocuments(
  reading: ReadContext,
  days: readonly Day[],
  { tenant, signal }: RequestContext,
): Promise<Map<Day, SpanDocuments>> {
  const found = new Map<Day, Partial<Record<LayoutName, number>>>(days.map((day) => [day, {}]));
  const inOrder = days.toSorted();
  for (let from = 0; from < inOrder.length; from += DAYS_AT_ONCE) {
    const some = inOrder.slice(from, from + DAYS_AT_ONCE);
    const range = { startMs: startMsOf(some[0]!), endMs: endMsOf(some.at(-1)!) };
    for (const { layout, names } of reading.layouts) {
      const queryOf = (day: Day) => layout.query({ attributes: [], time: timeOf(day), limit: 1 }, tenant).query;
      const filters = Object.fromEntries(some.map((day) => [day, queryOf(day)]));
      const body = { size: 0, aggs: { days: { filters: { filters } } } };
      const answer = await askSearch(reading.server, { indices: names.span.forReading(range) }, body, signal);
      if (answer.incomplete !== undefined) refuse(answer.incomplete);
      const buckets = objectOf(objectOf(answer.aggregations['days'])['buckets']);
      for (const day of some) found.get(day)![layout.name] = Number(objectOf(buckets[day])['doc_count'] ?? 0);
    }
  }
  return found;
}
