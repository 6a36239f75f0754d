import type cassandra from 'cassandra-driver';
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import type { Partition } from './partitions.ts';
import { Requests } from './requests.ts';
import { insertStatements } from './statements.ts';
import { cassandraMetrics } from './storage-metrics.ts';

const { signal } = new AbortController();
const rows = (count: number): Partition => ({
  table: 'services',
  key: [Buffer.from('shop'), Buffer.alloc(4)],
  rows: Array.from({ length: count }, () => [Buffer.alloc(8), Buffer.alloc(16)]),
  bytes: 24 * count,
});

/** What Cassandra's answers to writes are, one after the other; the last goes on. */
function requestsOver(answers: readonly (Error | undefined)[]) {
  const sent: string[] = [];
  const waits: number[] = [];
  const routes: unknown[] = [];
  const answer = async (what: string, route: unknown) => {
    sent.push(what);
    routes.push(route);
    const error = answers[Math.min(sent.length, answers.length) - 1];
    if (error !== undefined) throw error;
  };
  const client = {
    execute: (_: string, __: unknown, { keyspace }: cassandra.QueryOptions) => answer('statement', keyspace),
    batch: (statements: unknown[], { logged, keyspace, routingKey }: cassandra.QueryOptions) =>
      answer(`${logged ? 'logged' : 'unlogged'} batch of ${statements.length}`, [keyspace, routingKey]),
  } as unknown as cassandra.Client;
  const registry = new Registry();
  const gauges = { queueBytes: () => 0, queueHighWaterBytes: () => 0, concurrency: () => 0 };
  const requests = new Requests(() => client, {
    keyspace: 'k',
    consistency: 6,
    maxConcurrency: 8,
    maxAttempts: 3,
    statements: insertStatements('k'),
    metrics: cassandraMetrics(registry, gauges),
    wait: async (ms) => {
      waits.push(ms);
    },
    random: () => 0.5,
  });
  return { requests, sent, waits, routes, metrics: registry };
}

function serverError(code: number): Error {
  return Object.assign(new Error('no'), { name: 'ResponseError', code });
}

const [UNAVAILABLE, OVERLOADED, INVALID, UNAUTHORIZED] = [0x1000, 0x1001, 0x2200, 0x2100].map(serverError);

describe('requests that write', () => {
  test('are one a partition, whatever it has of rows', async () => {
    const { requests, sent, routes } = requestsOver([undefined]);
    await requests.write([rows(1), rows(3)], signal);
    expect(sent).toEqual(['statement', 'unlogged batch of 3']);
    // By which the driver finds a host that has the partition.
    expect(routes).toEqual(['k', ['k', [Buffer.from('shop'), Buffer.alloc(4)]]]);
  });

  test.each([
    ['a cluster that has too few replicas', UNAVAILABLE],
    ['one that is overloaded', OVERLOADED],
    ['a connection that broke', new Error('socket closed')],
  ])('are tried again, each time later, for %s', async (_, error) => {
    const { requests, sent, waits, metrics } = requestsOver([error, error, undefined]);
    await requests.write([rows(1)], signal);
    expect(sent).toHaveLength(3);
    expect(waits).toEqual([50, 100]);
    expect(await metrics.metrics()).toMatch(/^spoor_cassandra_write_failures_total\{trouble="\w+"\} 2$/m);
  });

  test.each([
    ['a schema that is not right', INVALID, /schema verify/],
    ['a user who may not write', UNAUTHORIZED, /no/],
  ])('are given back at once for %s', async (_, error, message) => {
    const { requests, sent } = requestsOver([error]);
    const outcome = requests.write([rows(1)], signal);
    await expect(outcome).rejects.toMatchObject({
      code: 'SPOOR_STORAGE_UNAVAILABLE',
      message: expect.stringMatching(message),
    });
    expect(sent).toHaveLength(1);
  });

  test.each([
    ['Cassandra', 'Rejected an oversized mutation (5243172/4194304) for keyspace: k. Top keys are: traces.01'],
    ['Cassandra 3', 'Mutation of 5.2MiB is too large for the maximum size of 4.0MiB'],
    ['one with guardrails', 'Guardrail collection_size violated: Detected collection tags of size 5MiB'],
  ])('are split until the row is found that is too large for %s', async (_, message) => {
    const tooLarge = Object.assign(new Error(message), { name: 'ResponseError', code: 0x2200 });
    // All five, the first three, two of them, one, which is it; then the others.
    const { requests, sent } = requestsOver([tooLarge, tooLarge, tooLarge, tooLarge, undefined]);
    const [partition, found] = [rows(5), [] as unknown[]];
    await requests.write([partition], signal, (row) => found.push(row));
    expect(found).toEqual([partition.rows[0]]);
    expect(sent.map((what) => what.replace('unlogged batch of ', ''))).toEqual([
      '5',
      '3',
      '2',
      ...Array(3).fill('statement'),
      '2',
    ]);
    await expect(requestsOver([tooLarge]).requests.write([rows(1)], signal)).rejects.toThrow(message);
  });

  test('are given back after the last attempt, and when nobody wants them any more', async () => {
    const { requests, sent } = requestsOver([UNAVAILABLE]);
    await expect(requests.write([rows(1)], signal)).rejects.toMatchObject({ code: 'SPOOR_STORAGE_UNAVAILABLE' });
    expect(sent).toHaveLength(3);
    await expect(requests.write([rows(1)], AbortSignal.abort())).rejects.toThrow();
    expect(sent).toHaveLength(4);
  });

  test('become fewer at once while the cluster refuses, and more again when it answers', async () => {
    const { requests } = requestsOver([OVERLOADED, OVERLOADED, undefined]);
    const before = requests.concurrency.limit;
    await requests.write([rows(1)], signal);
    const refused = requests.concurrency.limit;
    expect(refused).toBeLessThan(before);
    await requests.write(
      Array.from({ length: 200 }, () => rows(1)),
      signal,
    );
    expect(requests.concurrency.limit).toBeGreaterThan(refused);
    expect(requests.concurrency.limit).toBeLessThanOrEqual(8);
    expect(requests.concurrency.running).toBe(0);
  });
});
