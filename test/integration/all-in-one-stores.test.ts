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
import { jsonSpan, newTraceId, nowUnixNano, sendSpans } from '../harness/otlp-json.ts';
import { getMetrics, searchTraces, traceWith } from '../harness/query-api.ts';

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

  test('tells the calls that it acknowledged, each once, and goes on from them after a restart', async ({ skip }) => {
    const store = foundOrSkipped<SharedStore>(outside, skip);
    await using spoor = await startAllInOne({ env: store.settings });
    const begin = nowUnixNano() - 300_000_000_000n;
    const send = (name: string, count: number) => {
      const times = { startTimeUnixNano: String(begin), endTimeUnixNano: String(begin + 20_000_000n) };
      const spans = Array.from({ length: count }, () => jsonSpan({ name, kind: 2, ...times }));
      return sendSpans(spoor.addresses.otlpHttp, 'counted', spans);
    };
    const calls = async () => {
      const question = 'calls?service=counted&groupByOperation=true&lookback=0&ratePer=600000';
      return (await getMetrics(spoor.addresses.queryHttp, question)).series;
    };
    await send('GET /', 3);
    await send('GET /', 4);
    await send('POST /', 2);
    await expect.poll(calls).toEqual([
      ['counted GET /', 7 / 600],
      ['counted POST /', 2 / 600],
    ]);
    await spoor.kill9();
    await spoor.restart();
    await send('GET /', 1);
    await expect.poll(calls).toEqual([
      ['counted GET /', 8 / 600],
      ['counted POST /', 2 / 600],
    ]);
  });
});
