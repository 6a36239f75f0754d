import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import {
  foundOrSkipped,
  onCassandra,
  onElasticsearch,
  type SharedStore,
  startAllInOne,
  waitFor,
} from '../harness/index.ts';
import { jsonSpan, newTraceId, sendSpans } from '../harness/otlp-json.ts';
import { searchTraces, traceWith } from '../harness/query-api.ts';

const stores = [
  { name: 'Elasticsearch', outside: await onElasticsearch() },
  { name: 'Cassandra', outside: await onCassandra() },
];
afterAll(async () => {
  for (const { outside } of stores) if ('found' in outside) await outside.found.close();
});

describe.each(stores)('an all-in-one over $name', ({ outside }) => {
  test('acknowledges what the store has, finds it, and keeps nothing itself', async ({ skip }) => {
    const store = foundOrSkipped<SharedStore>(outside, skip);
    await using spoor = await startAllInOne({ env: store.settings });
    const traceId = newTraceId();
    const root = jsonSpan({ traceId, name: 'GET /basket' });
    const child = jsonSpan({ traceId, name: 'SELECT', parentSpanId: root.spanId });
    await sendSpans(spoor.addresses.otlpHttp, 'basket', [root, child]);
    expect((await store.storedSpans()).get(traceId)).toEqual([root.spanId, child.spanId].sort());

    const { queryHttp } = spoor.addresses;
    await traceWith(queryHttp, traceId, 2);
    const found = await waitFor(async () => (await searchTraces(queryHttp, { service: 'basket' }))[0], {
      describe: 'the trace of the basket',
    });
    expect(found.traceID).toBe(traceId);
    expect(readdirSync(spoor.directory)).toEqual([]);
  });
});
