import { randomBytes } from 'node:crypto';
import type { Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { Client } from 'cassandra-driver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cassandra, startCassandra } from '../../harness/cassandra.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { configFor, createForTest, ownKeyspace, startForTest, withClient } from './open-cassandra.ts';

const outside = await startCassandra();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Cassandra for rows', (context) => {
  foundOrSkipped<Cassandra>(outside, (note) => context.skip(note));
});

const TRACE_ID = '0102030405060708090a0b0c0d0e0f10';
/** 2026-01-01T00:29:59.999999Z and 1 µs later: the hours before and after the half. */
const BEFORE_HALF = 1_767_227_399_999_999n;

const attributesOf = (values: Record<string, Span['attributes'][number]['value']>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));

const SPAN: Span = {
  traceId: TRACE_ID,
  spanId: 'fffffffffffffffe',
  parentSpanId: '0000000000000002',
  traceState: 'a=1',
  flags: 257,
  name: 'GET /cart',
  kind: 'client',
  startTimeUnixNano: BEFORE_HALF * 1_000n + 999n,
  endTimeUnixNano: BEFORE_HALF * 1_000n + 999n + 1_234_567n,
  attributes: attributesOf({
    zone: 'eu',
    'http.status_code': 503n,
    ratio: 0.1 + 0.2,
    big: 1e21,
    sampled: false,
    blob: Uint8Array.of(1, 255),
    json: '{"a":1}',
    almost: '{a',
    long: 'x'.repeat(256),
    short: 'x'.repeat(255),
    list: ['a', 1n],
  }),
  droppedAttributesCount: 1,
  events: [
    {
      timeUnixNano: BEFORE_HALF * 1_000n + 5_000n,
      name: 'retry',
      attributes: attributesOf({ attempt: 2n, zone: 'eu' }),
      droppedAttributesCount: 0,
    },
  ],
  droppedEventsCount: 0,
  links: [
    {
      traceId: 'f'.repeat(32),
      spanId: '00000000000000aa',
      traceState: '',
      attributes: [],
      droppedAttributesCount: 0,
      flags: 0,
    },
  ],
  droppedLinksCount: 0,
  status: { code: 'error', message: 'no stock' },
  resource: {
    attributes: attributesOf({ 'service.name': 'cart', pod: 'p1' }),
    droppedAttributesCount: 0,
    schemaUrl: '',
  },
  scope: { name: 'http', version: '2', attributes: [], droppedAttributesCount: 0, schemaUrl: '' },
};

describe.skipIf('missing' in outside)('rows that Spoor writes', () => {
  if ('missing' in outside) return;
  const cassandra = outside.found;
  const config = configFor(cassandra, ownKeyspace());
  const store = createForTest(config);
  let client: Client;
  let done: () => void;
  beforeAll(async () => {
    await startForTest(store);
    const { promise, resolve } = Promise.withResolvers<Client>();
    void withClient(cassandra, (connected) => {
      resolve(connected);
      return new Promise<void>((ended) => {
        done = ended;
      });
    });
    client = await promise;
    await write([SPAN], 'default');
  });
  afterAll(async () => {
    await store.stop(new AbortController().signal);
    await client.execute(`DROP KEYSPACE ${config.keyspace}`);
    done();
  });

  async function write(spans: readonly Span[], tenant: string): Promise<void> {
    const batch = { tenant, encoding: 'otlp_proto' as const, spanCount: spans.length, bytes: encodeTraces(spans) };
    await store.writer.write([batch], { signal: new AbortController().signal });
  }

  /** All rows of a table, without what is null, bytes as hex. */
  async function rows(table: string): Promise<Record<string, unknown>[]> {
    const result = await client.execute(`SELECT * FROM ${config.keyspace}.${table}`);
    return result.rows.map((row) => plain({ ...row }) as Record<string, unknown>);
  }

  test('a span is one row of traces, with the values and types of the contract', async () => {
    const [row, ...others] = await rows('traces');
    expect(others).toEqual([]);
    const { span_hash: hash, ...rest } = row!;
    expect(typeof hash).toBe('bigint');
    expect(rest).toEqual({
      trace_id: TRACE_ID,
      span_id: -2n,
      parent_id: 2n,
      operation_name: 'GET /cart',
      flags: 1,
      start_time: BEFORE_HALF,
      duration: 1_234n,
      tags: [
        { key: 'almost', value_type: 'string', value_string: '{a' },
        { key: 'big', value_type: 'float64', value_double: 1e21 },
        { key: 'blob', value_type: 'binary', value_binary: '01ff' },
        { key: 'error', value_type: 'bool', value_bool: true },
        { key: 'http.status_code', value_type: 'int64', value_long: 503n },
        { key: 'json', value_type: 'string', value_string: '{"a":1}' },
        { key: 'list', value_type: 'string', value_string: '["a",1]' },
        { key: 'long', value_type: 'string', value_string: 'x'.repeat(256) },
        { key: 'otel.scope.name', value_type: 'string', value_string: 'http' },
        { key: 'otel.scope.version', value_type: 'string', value_string: '2' },
        { key: 'otel.status_code', value_type: 'string', value_string: 'ERROR' },
        { key: 'otel.status_description', value_type: 'string', value_string: 'no stock' },
        { key: 'ratio', value_type: 'float64', value_double: 0.1 + 0.2 },
        { key: 'sampled', value_type: 'bool', value_bool: false },
        { key: 'short', value_type: 'string', value_string: 'x'.repeat(255) },
        { key: 'span.kind', value_type: 'string', value_string: 'client' },
        { key: 'w3c.tracestate', value_type: 'string', value_string: 'a=1' },
        { key: 'zone', value_type: 'string', value_string: 'eu' },
      ],
      logs: [
        {
          ts: BEFORE_HALF + 5n,
          fields: [
            { key: 'event', value_type: 'string', value_string: 'retry' },
            { key: 'attempt', value_type: 'int64', value_long: 2n },
            { key: 'zone', value_type: 'string', value_string: 'eu' },
          ],
        },
      ],
      refs: [
        { ref_type: 'child-of', trace_id: TRACE_ID, span_id: 2n },
        { ref_type: 'follows-from', trace_id: 'f'.repeat(32), span_id: 0xaan },
      ],
      process: { service_name: 'cart', tags: [{ key: 'pod', value_type: 'string', value_string: 'p1' }] },
    });
  });

  test('its service, operation and index rows are those of the contract', async () => {
    const [{ span_hash: hash } = {}] = await rows('traces');
    const start = { start_time: BEFORE_HALF, trace_id: TRACE_ID };
    expect(await rows('service_names')).toEqual([{ service_name: 'cart' }]);
    expect(await rows('operation_names_v2')).toEqual([
      { service_name: 'cart', span_kind: 'client', operation_name: 'GET /cart' },
    ]);
    const bucket = Number(BigInt.asUintN(64, hash as bigint) % 10n);
    expect(await rows('service_name_index')).toEqual([{ service_name: 'cart', bucket, ...start }]);
    expect(await rows('service_operation_index')).toEqual([
      { service_name: 'cart', operation_name: 'GET /cart', ...start },
    ]);
    const duration = { service_name: 'cart', bucket: new Date('2026-01-01T00:00:00Z'), duration: 1_234n, ...start };
    expect(await rows('duration_index')).toHaveLength(2);
    expect(await rows('duration_index')).toEqual(
      expect.arrayContaining([
        { ...duration, operation_name: '' },
        { ...duration, operation_name: 'GET /cart' },
      ]),
    );
  });

  test('its tags are indexed once each, as the texts of the contract, without what it leaves out', async () => {
    const found = await rows('tag_index');
    for (const row of found)
      expect(row).toMatchObject({ service_name: 'cart', start_time: BEFORE_HALF, trace_id: TRACE_ID, span_id: -2n });
    const tags = found.map((row) => `${row['tag_key']}=${row['tag_value']}`).sort();
    expect(tags).toEqual(
      [
        'almost={a',
        'attempt=2',
        'big=1e+21',
        // Beside the contract's: bytes as hex, so that a search for them finds them.
        'blob=01ff',
        'error=true',
        'event=retry',
        'http.status_code=503',
        'list=["a",1]',
        'otel.scope.name=http',
        'otel.scope.version=2',
        'otel.status_code=ERROR',
        'otel.status_description=no stock',
        'pod=p1',
        'ratio=0.3',
        // Beside the contract's: the double as it is.
        'ratio=0.30000000000000004',
        'sampled=false',
        `short=${'x'.repeat(255)}`,
        'span.kind=client',
        'w3c.tracestate=a=1',
        'zone=eu',
      ].sort(),
    );
  });

  test('every row of the tables of spans ends when its table says', async () => {
    const columns = { traces: 'start_time', service_name_index: 'trace_id', service_operation_index: 'trace_id' };
    for (const [table, column] of Object.entries(columns)) {
      const result = await client.execute(`SELECT TTL(${column}) AS ttl FROM ${config.keyspace}.${table}`);
      expect(result.rows.length).toBeGreaterThan(0);
      for (const { ttl } of result.rows as unknown as { ttl: number }[]) {
        expect(ttl).toBeGreaterThan(172_000);
        expect(ttl).toBeLessThanOrEqual(172_800);
      }
    }
  });

  test('a span that comes again changes no row, and one a microsecond later lies in the next hour', async () => {
    const before = await Promise.all(['traces', 'tag_index', 'duration_index'].map(rows));
    await write([SPAN, SPAN], 'default');
    expect(await Promise.all(['traces', 'tag_index', 'duration_index'].map(rows))).toEqual(before);
    const later = {
      ...SPAN,
      traceId: randomBytes(16).toString('hex'),
      startTimeUnixNano: SPAN.startTimeUnixNano + 1_000n,
    };
    await write([later], 'default');
    const [row] = (await rows('duration_index')).filter(({ trace_id: id }) => id === later.traceId);
    expect(row).toMatchObject({ bucket: new Date('2026-01-01T01:00:00Z') });
  });

  test('a peer in the same keyspace sees nothing of other tenants', async () => {
    const seen = async () => ({
      services: (await rows('service_names')).map((row) => row['service_name']),
      traces: (await rows('traces')).filter((row) => String(row['trace_id']).length === 32).length,
      // Whatever it asks, it asks by the name of a service.
      tags: (await rows('tag_index')).filter((row) => row['service_name'] === 'cart').length,
    });
    const before = await seen();
    await write([SPAN, { ...SPAN, kind: 'unspecified', spanId: '00000000000000bb' }], 'acme');
    expect(await seen()).toEqual(before);
    const ofAcme = (await rows('traces')).filter((row) => String(row['trace_id']).length > 32);
    expect(ofAcme).toHaveLength(2);
    const context = { tenant: 'acme', signal: new AbortController().signal };
    expect(await store.reader.getServices(context)).toEqual(['cart']);
  });
});

function plain(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, plain(inner)]),
  );
}
