import type { TraceQuery } from '@spoor/storage';
import type { CassandraStorage } from '@spoor/storage-cassandra';
import type { Client } from 'cassandra-driver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cassandra, startCassandra } from '../../harness/cassandra.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { configFor, createForTest, ownKeyspace, startForTest, withClient } from './open-cassandra.ts';

const outside = await startCassandra();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Cassandra for rows of the peer', (context) => {
  foundOrSkipped<Cassandra>(outside, (note) => context.skip(note));
});

/** 2026-01-01T00:00:00Z */
const START = 1_767_225_600_000_000n;
const context = { tenant: 'default', signal: new AbortController().signal };

/** A tag as the peer writes it: what does not hold is not null, but zero. */
const tag = (key: string, value: string | bigint) => ({
  key,
  value_type: typeof value === 'string' ? 'string' : 'int64',
  value_string: typeof value === 'string' ? value : '',
  value_bool: false,
  value_long: typeof value === 'string' ? 0n : value,
  value_double: 0,
  value_binary: Buffer.alloc(0),
});

/** Writes a span as the peer does (CONTRACT §6.1): one statement a row, and a bucket that its hash gives. */
async function writeAsPeer(
  client: Client,
  keyspace: string,
  trace: number,
  bucket: number,
  tags = [tag('zone', 'eu')],
) {
  const traceId = Buffer.alloc(16);
  traceId.writeUInt32BE(trace, 12);
  const insert = (table: string, columns: Record<string, unknown>) =>
    client.execute(
      `INSERT INTO ${keyspace}.${table} (${Object.keys(columns).join(', ')}) VALUES (${Object.keys(columns).map(() => '?')})`,
      Object.values(columns),
      { prepare: true },
    );
  const start = { start_time: START, trace_id: traceId };
  const process = { service_name: 'shop', tags: [tag('hostname', 'h1')] };
  const span = { span_id: 1n, span_hash: BigInt(bucket), parent_id: 0n, operation_name: 'buy', flags: 1 };
  const lists = { tags, logs: [], refs: [], process };
  await insert('traces', { ...start, ...span, duration: 1_500n, ...lists });
  await insert('service_names', { service_name: 'shop' });
  await insert('operation_names_v2', { service_name: 'shop', span_kind: '', operation_name: 'buy' });
  await insert('service_name_index', { service_name: 'shop', bucket, ...start });
  await insert('service_operation_index', { service_name: 'shop', operation_name: 'buy', ...start });
  for (const { key, value_string: value } of tags)
    await insert('tag_index', { service_name: 'shop', tag_key: key, tag_value: value, ...start, span_id: 1n });
  for (const operation of ['', 'buy']) {
    const hour = { service_name: 'shop', operation_name: operation, bucket: new Date(Number(START / 1_000n)) };
    await insert('duration_index', { ...hour, duration: 1_500n, ...start });
  }
  return traceId.toString('hex');
}

describe.skipIf('missing' in outside)('spans that a peer has written', () => {
  if ('missing' in outside) return;
  const cassandra = outside.found;
  const config = configFor(cassandra, ownKeyspace());
  let store: CassandraStorage;
  let ids: string[];
  beforeAll(async () => {
    store = createForTest(config);
    await startForTest(store);
    ids = await withClient(cassandra, async (client) => [
      await writeAsPeer(client, config.keyspace, 1, 4),
      await writeAsPeer(client, config.keyspace, 2, 4),
      await writeAsPeer(client, config.keyspace, 3, 5, [tag('zone', 'eu'), tag('attempt', 7n)]),
    ]);
  });
  afterAll(async () => {
    await store.stop(context.signal);
    await withClient(cassandra, (client) => client.execute(`DROP KEYSPACE ${config.keyspace}`));
  });
  const found = async (conditions: Partial<TraceQuery>) => {
    const time = { startUnixNano: START * 1_000n, endUnixNano: START * 1_000n };
    const query = { attributes: [], time, limit: 10, serviceName: 'shop', ...conditions };
    return (await store.reader.findTraces(query, context)).items.map(({ traceId }) => traceId);
  };

  test('are read as they are', async () => {
    const spans = [];
    for await (const chunk of store.reader.getTrace(ids[2]!, context)) spans.push(...chunk);
    expect(spans).toMatchObject([
      {
        traceId: ids[2],
        spanId: '0000000000000001',
        parentSpanId: '',
        name: 'buy',
        kind: 'unspecified',
        startTimeUnixNano: START * 1_000n,
        endTimeUnixNano: START * 1_000n + 1_500_000n,
        attributes: [
          { key: 'zone', value: 'eu' },
          { key: 'attempt', value: 7n },
        ],
        resource: {
          attributes: [
            { key: 'service.name', value: 'shop' },
            { key: 'host.name', value: 'h1' },
          ],
        },
      },
    ]);
    expect(await store.reader.getServices(context)).toEqual(['shop']);
    expect(await store.reader.getOperations('shop', context)).toEqual([{ name: 'buy', spanKind: 'unspecified' }]);
  });

  test('and that start together are all found by a tag, by a duration, and by a number that is no row', async () => {
    expect(await found({ attributes: [{ key: 'zone', value: 'eu' }] })).toEqual(ids);
    expect(await found({ minDurationNanos: 1_500_000n })).toEqual(ids);
    expect(await found({ minDurationNanos: 1_500_001n })).toEqual([]);
    expect(await found({ operationName: 'buy', maxDurationNanos: 1_500_000n })).toEqual(ids);
    expect(await found({ attributes: [{ key: 'attempt', operator: 'gte', value: '7' }] })).toEqual([ids[2]]);
  });

  /**
   * The one excuse. The peer's schema keeps one row for spans that start in the same microsecond: in `service_operation_index`
   * always, in `service_name_index` where they fall into one of ten buckets. Spoor finds the others through their kinds; what a
   * peer has written without a kind has no such row.
   */
  test('and that start together without a kind are one by their service or their operation', async () => {
    expect(await found({})).toEqual([ids[1], ids[2]]);
    expect(await found({ operationName: 'buy' })).toEqual([ids[2]]);
  });
});
