import { DEFAULT_TENANT } from '@spoor/model';
import { type Day, endMsOf, startMsOf } from '@spoor/storage';
import type { ExactObject, RequestJson, RequestObject } from '../layouts/layout.ts';
import { askSearch, listOf, objectOf } from '../reader/ask-search.ts';
import type { ReadContext } from '../reader/read-context.ts';
import { refuse } from '../reader/trace-spans.ts';

const TENANTS_AT_ONCE = 1_000;

/**
 * Those that have spans on one of the days, and maybe others: told by the entries of services, of which there are few. Entries of
 * a Jaeger have none, which is the default tenant. Throws `SPOOR_STORAGE_UNAVAILABLE`.
 */
export async function tenantsOf(reading: ReadContext, days: readonly Day[], signal: AbortSignal): Promise<string[]> {
  const inOrder = days.toSorted();
  const range = { startMs: startMsOf(inOrder[0]!), endMs: endMsOf(inOrder.at(-1)!) };
  const found = new Set<string>();
  for (const { names } of reading.layouts) {
    const indices = names.service.forReading(range);
    let after: ExactObject | undefined;
    do {
      const sources = [{ tenant: { terms: { field: 'tenant', missing_bucket: true } } }];
      const composite = {
        size: TENANTS_AT_ONCE,
        sources,
        ...(after === undefined ? {} : { after: after as RequestJson }),
      };
      const body: RequestObject = { size: 0, aggs: { tenants: { composite } } };
      const answer = await askSearch(reading.server, { indices }, body, signal);
      if (answer.incomplete !== undefined) refuse(answer.incomplete);
      const { buckets, after_key: next } = objectOf(answer.aggregations['tenants']);
      for (const bucket of listOf(buckets)) {
        const { tenant } = objectOf(objectOf(bucket)['key']);
        found.add(typeof tenant === 'string' ? tenant : DEFAULT_TENANT);
      }
      after = listOf(buckets).length < TENANTS_AT_ONCE || next === undefined ? undefined : objectOf(next);
    } while (after !== undefined);
  }
  return [...found].sort();
}
