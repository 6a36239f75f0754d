import type { RequestContext, Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { TraceQuery } from '@spoor/storage';
import type { CassandraStorage, CassandraStorageConfig } from '@spoor/storage-cassandra';
import { pino } from 'pino';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSpanGenerator } from '../../fixtures/spans.ts';
import { type Cassandra, startCassandra } from '../../harness/cassandra.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { configFor, createForTest, ownKeyspace, startForTest, withClient } from './open-cassandra.ts';

const outside = await startCassandra();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Cassandra with gaps', (context) => {
  foundOrSkipped<Cassandra>(outside, (note) => context.skip(note));
});

const START = 1_767_225_600_000_000_000n;
const MINUTE = 60_000_000_000n;
const { signal } = new AbortController();

type Index = Partial<CassandraStorageConfig['write']['tags']> & { readonly durations?: boolean };

describe.skipIf('missing' in outside)('what ingesters leave out of the index', () => {
  if ('missing' in outside) return;
  const cassandra = outside.found;
  const base = configFor(cassandra, ownKeyspace());
  let context: RequestContext;
  let tenants = 0;
  let stores: CassandraStorage[];
  beforeEach(() => {
    tenants += 1;
    context = { tenant: `tenant${tenants}`, signal };
    stores = [];
  });
  afterEach(async () => {
    for (const store of stores) await store.stop(signal);
    await withClient(cassandra, (client) => client.execute(`TRUNCATE ${base.keyspace}.spoor_index_gaps`));
  });
  afterAll(() => withClient(cassandra, (client) => client.execute(`DROP KEYSPACE ${base.keyspace}`)));

  const open = async (
    { durations = true, ...tags }: Index = {},
    { create = true, ...read }: Partial<CassandraStorageConfig['read']> & { readonly create?: boolean } = {},
  ) => {
    const write = { ...base.write, durations, tags: { ...base.write.tags, ...tags } };
    const lines: string[] = [];
    const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
    const config = { ...base, write, read: { ...base.read, ...read }, schema: { ...base.schema, create } };
    const store = createForTest(config, { logger });
    stores.push(store);
    await startForTest(store);
    return { ...storeParts(store, context), lines };
  };
  const query = (conditions: Partial<TraceQuery>): TraceQuery => ({
    serviceName: 'shop',
    attributes: [],
    time: { startUnixNano: START - MINUTE, endUnixNano: START + 60n * MINUTE },
    limit: 20,
    ...conditions,
  });
  const BY_ORDER = query({ attributes: [{ key: 'order', value: 'a1' }] });
  const BY_DURATION = query({ minDurationNanos: 7_000_000n });

  test('is looked for in the spans by query processes that nobody has told of it', async () => {
    const searching = await open();
    const leaving = await open({ exclude: ['order'], durations: false });
    const span = spanAt(START, 1);
    await leaving.write([span]);
    for (const one of [BY_ORDER, BY_DURATION]) expect(await searching.find(one)).toEqual([span.traceId]);
    expect(leaving.lines).toEqual([]);
  });

  test('is told for all who write, whichever of them wrote last', async () => {
    const searching = await open();
    const [first, second] = [await open({ include: ['order'] }), await open({ include: ['order'] })];
    await first.write([spanAt(START + 30n * MINUTE, 1)]);
    await second.write([spanAt(START, 2)]);
    await (await open({ durations: false })).write([spanAt(START + MINUTE, 3)]);
    expect(await notes()).toEqual({
      '{"durations":false}': START / 1_000n + 120_000_000n,
      '{"include":["order"]}': START / 1_000n + 31n * 60_000_000n,
    });
    const byOther = query({ attributes: [{ key: 'shelf', value: 'top' }] });
    expect((await searching.find(byOther)).sort()).toEqual([1, 2, 3].map((i) => spanAt(START, i).traceId));
    expect((await searching.find(BY_DURATION)).sort()).toEqual([1, 2, 3].map((i) => spanAt(START, i).traceId));
  });

  test('is no longer looked for once it is written again', async () => {
    const leaving = await open({ exclude: ['order'] });
    const whole = await open();
    const dull = Array.from({ length: 200 }, (_, i) => ({ ...spanAt(START, i + 10), attributes: [] }));
    await leaving.write([...dull, spanAt(START, 1)]);
    const later = START + 10n * MINUTE;
    await whole.write([
      ...dull.map((span, i) => ({ ...span, ...timesOf(later), traceId: traceId(i + 1_000) })),
      spanAt(later, 2),
    ]);
    // Of two hundred spans that are not of the order it can look at none: the index has to tell.
    const thrifty = await open({}, { maxRows: 60 });
    const since = (startUnixNano: bigint) => query({ ...BY_ORDER, time: { ...BY_ORDER.time, startUnixNano } });
    expect(await thrifty.find(since(later - MINUTE))).toEqual([traceId(2)]);
    const search = thrifty.find(since(START - MINUTE));
    await expect(search).rejects.toMatchObject({ code: 'SPOOR_INVALID_REQUEST' });
    expect(await whole.find(since(START - MINUTE))).toEqual([traceId(2), traceId(1)]);
  });

  test('is nobody else’s matter in a keyspace that a peer has made, and somebody is told', async () => {
    const leaving = await open({ exclude: ['order'] });
    await withClient(cassandra, (client) => client.execute(`DROP TABLE ${base.keyspace}.spoor_index_gaps`));
    await leaving.write([spanAt(START, 1)]);
    await leaving.write([spanAt(START + 5n * MINUTE, 2)]);
    expect(leaving.lines.filter((line) => line.includes('give query processes the same settings'))).toHaveLength(1);
    // As the settings say.
    expect(await leaving.find(BY_ORDER)).toEqual([traceId(2), traceId(1)]);
    expect(await (await open({}, { create: false })).find(BY_ORDER)).toEqual([]);
    // And the table is there again.
    await open();
  });

  async function notes(): Promise<Record<string, bigint>> {
    return withClient(cassandra, async (client) => {
      const { rows } = await client.execute(`SELECT left_out, until FROM ${base.keyspace}.spoor_index_gaps`);
      return Object.fromEntries(rows.map((row) => [row['left_out'] as string, row['until'] as bigint]));
    });
  }
});

function storeParts({ writer, reader }: CassandraStorage, context: RequestContext) {
  return {
    async write(spans: readonly Span[]) {
      const { tenant } = context;
      const batch = { tenant, encoding: 'otlp_proto' as const, spanCount: spans.length, bytes: encodeTraces(spans) };
      await writer.write([batch], context);
    },
    find: async (query: TraceQuery) => (await reader.findTraces(query, context)).items.map((hit) => hit.traceId),
  };
}

function traceId(number: number): string {
  return number.toString(16).padStart(32, '0');
}

function timesOf(startTimeUnixNano: bigint) {
  return { startTimeUnixNano, endTimeUnixNano: startTimeUnixNano + 8_000_000n };
}

/** A span of its own trace, with two tags. */
function spanAt(startTimeUnixNano: bigint, number: number): Span {
  const [like] = createSpanGenerator({ seed: 11 }).spans(1);
  const resource = { attributes: [{ key: 'service.name', value: 'shop' }], droppedAttributesCount: 0, schemaUrl: '' };
  return {
    ...like!,
    ...timesOf(startTimeUnixNano),
    traceId: traceId(number),
    resource,
    attributes: [
      { key: 'order', value: 'a1' },
      { key: 'shelf', value: 'top' },
    ],
  };
}
