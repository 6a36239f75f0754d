import type { CassandraStorage } from '@spoor/storage-cassandra';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cassandra, startCassandra } from '../../harness/cassandra.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { configFor, createForTest, ownKeyspace, startForTest, withClient } from './open-cassandra.ts';

const outside = await startCassandra();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Cassandra for sampling', (context) => {
  foundOrSkipped<Cassandra>(outside, (note) => context.skip(note));
});

const { signal } = new AbortController();

describe.skipIf('missing' in outside)('what collectors that sample adaptively share', () => {
  if ('missing' in outside) return;
  const cassandra = outside.found;
  const config = configFor(cassandra, ownKeyspace());
  let nowMs = 1_767_225_600_000;
  let store: CassandraStorage;
  beforeAll(async () => {
    store = createForTest(config, { clock: { nowMs: () => nowMs } });
    await startForTest(store);
  });
  afterAll(async () => {
    await store.stop(signal);
    await withClient(cassandra, (client) => client.execute(`DROP KEYSPACE ${config.keyspace}`));
  });

  const THROUGHPUT = [
    { service: 'shop', operation: 'GET /cart, "all"', count: 12, probabilities: ['0.001000', '0.500000'] },
    { service: 'a\nb', operation: '', count: 0, probabilities: [] },
  ];

  test('throughput is found by the time it was inserted at, after the first and until the last', async () => {
    const from = nowMs;
    for (let i = 0; i < 12; i += 1) {
      await store.sampling.insertThroughput([{ ...THROUGHPUT[0]!, count: i }], signal);
      nowMs += 1;
    }
    const counts = async (afterMs: number, untilMs: number) =>
      (await store.sampling.getThroughput(afterMs, untilMs, signal)).map(({ count }) => count).sort((a, b) => a - b);
    expect(await counts(from + 2, from + 5)).toEqual([3, 4, 5]);
    expect(await counts(from - 1, from + 100)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(await counts(from + 100, from + 200)).toEqual([]);
  });

  test('throughput and probabilities come back as they were, and are the rows of the peer', async () => {
    const from = nowMs;
    nowMs += 1_000;
    await store.sampling.insertThroughput(THROUGHPUT, signal);
    expect(await store.sampling.getThroughput(from, nowMs, signal)).toEqual(THROUGHPUT);
    const probabilities = [
      { service: 'shop', operation: 'GET /cart, "all"', probability: 0.001, qps: 12.5 },
      { service: 'pay', operation: 'POST', probability: 1, qps: 0 },
    ];
    expect(await store.sampling.getLatestProbabilities(signal)).toEqual([]);
    await store.sampling.insertProbabilities('host-1', [{ ...probabilities[0]!, probability: 0.5 }], signal);
    nowMs += 1;
    await store.sampling.insertProbabilities('host-2', probabilities, signal);
    expect(await store.sampling.getLatestProbabilities(signal)).toEqual(probabilities);
    const rows = await withClient(cassandra, async (client) => {
      const { rows: found } = await client.execute(
        `SELECT hostname, probabilities FROM ${config.keyspace}.sampling_probabilities WHERE bucket = 1`,
      );
      return found.map((row) => ({ ...row }));
    });
    expect(rows).toEqual([
      { hostname: 'host-2', probabilities: 'shop,"GET /cart, ""all""",0.001,12.5\npay,POST,1,0\n' },
      { hostname: 'host-1', probabilities: 'shop,"GET /cart, ""all""",0.5,12.5\n' },
    ]);
  });

  test('what a peer wrote that is broken is left out, the rest is read', async () => {
    nowMs += 10_000;
    await withClient(cassandra, (client) =>
      client.execute(
        `INSERT INTO ${config.keyspace}.operation_throughput (bucket, ts, throughput) VALUES (3, minTimeuuid(${nowMs}), ?)`,
        ['shop,GET,5,"0.1,0.2"\nshop,GET\nshop,GET,many,0.1\n\n"un"closed,x,1,\npay,POST,7,\n'],
        { prepare: true },
      ),
    );
    expect(await store.sampling.getThroughput(nowMs - 1, nowMs, signal)).toEqual([
      { service: 'shop', operation: 'GET', count: 5, probabilities: ['0.1', '0.2'] },
      { service: 'pay', operation: 'POST', count: 7, probabilities: [] },
    ]);
  });

  test('of many who ask for a lease at once one gets it, keeps it and gives it up', async () => {
    const owners = ['a', 'b', 'c', 'd'];
    const { leases } = store;
    const asked = await Promise.all(owners.map((owner) => leases.acquire('leader', owner, 60_000, signal)));
    expect(asked.filter(Boolean)).toHaveLength(1);
    const leader = owners[asked.indexOf(true)]!;
    const other = owners[(asked.indexOf(true) + 1) % 4]!;
    expect(await leases.acquire('leader', leader, 60_000, signal)).toBe(true);
    expect(await leases.acquire('leader', other, 60_000, signal)).toBe(false);
    expect(await leases.acquire('another', other, 60_000, signal)).toBe(true);
    expect(await leases.forfeit('leader', other, signal)).toBe(false);
    expect(await leases.forfeit('leader', leader, signal)).toBe(true);
    expect(await leases.acquire('leader', other, 1_000, signal)).toBe(true);
    // It ends by itself.
    await expect.poll(() => leases.acquire('leader', leader, 60_000, signal), { timeout: 20_000 }).toBe(true);
  });
});
