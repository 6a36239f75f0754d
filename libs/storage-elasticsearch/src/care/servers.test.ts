import type { Clock, Span, SpanBatch } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createSpanGenerator } from '../../../../test/fixtures/spans.ts';
import { foundOrSkipped } from '../../../../test/harness/outside.ts';
import { startElasticsearch, startOpenSearch } from '../../../../test/harness/search-server.ts';
import { ask } from '../indices/ask.ts';
import { deleteIndices } from '../indices/delete.ts';
import { listIndices } from '../indices/list.ts';
import { createLayout } from '../layouts/layouts.ts';
import { spoorLayout } from '../layouts/spoor/spoor-layout.ts';
import { elasticsearchConfig } from '../settings.ts';
import { createSearchServer, type SearchServer } from '../transport/search-server.ts';
import { createWriteSide, type WriteSide } from '../write-side.ts';
import { takeLease } from './lease.ts';

const DAY_MS = 86_400_000;
const SERVERS = { elasticsearch: startElasticsearch, opensearch: startOpenSearch };
const { signal } = new AbortController();

let prefixes = 0;

describe.each(['elasticsearch', 'opensearch'] as const)('on a real %s', (flavour) => {
  let server: SearchServer;
  let url = '';
  const used: string[] = [];
  const sides: WriteSide[] = [];
  const connections: SearchServer[] = [];

  beforeEach(async ({ skip }) => {
    if (url !== '') return;
    url = foundOrSkipped(await SERVERS[flavour](), skip).url;
    server = createSearchServer(elasticsearchConfig({ servers: [url] }));
  });
  afterAll(async () => {
    if (url === '') return;
    for (const side of sides) await side.care.stop();
    for (const prefix of used) {
      const indices = await listIndices(server, [`${prefix}-*`], signal);
      await deleteIndices(
        server,
        indices.map(({ name }) => name),
        { signal },
      );
      for (const stem of ['spoor-span', 'spoor-service'])
        await ask(server, { method: 'DELETE', path: `/_index_template/${prefix}-${stem}`, expected: [404], signal });
    }
    for (const connection of [server, ...connections]) connection.close();
  });

  function prefixOfTest(): string {
    prefixes += 1;
    const prefix = `care-${process.pid}-${prefixes}`;
    used.push(prefix);
    return prefix;
  }

  function open(
    indexPrefix: string,
    settings: Parameters<typeof elasticsearchConfig>[0] = {},
    clock: Clock = { nowMs: Date.now },
  ): WriteSide {
    const config = elasticsearchConfig({
      servers: [url],
      indexPrefix,
      shards: 1,
      replicas: 0,
      ...settings,
      bulk: { refresh: 'now', retryFor: '300ms', ...settings?.bulk },
    });
    const logger = pino({ level: 'silent' });
    const layout = createLayout(config.layout, config);
    const own = createSearchServer(config);
    connections.push(own);
    const side = createWriteSide(config, layout, [], { server: own, logger, metrics: new Registry(), clock });
    sides.push(side);
    return side;
  }

  function spansNow(count: number): Span[] {
    const startTimeUnixNano = BigInt(Date.now() - 60_000) * 1_000_000n;
    return createSpanGenerator({ seed: count, startTimeUnixNano }).spans(count);
  }

  function write(side: WriteSide, spans: readonly Span[]) {
    const batch: SpanBatch = {
      tenant: 'default',
      encoding: 'otlp_proto',
      spanCount: spans.length,
      bytes: encodeTraces(spans),
    };
    return side.writer.write([batch], { signal });
  }

  async function countOf(pattern: string): Promise<number> {
    const query = { ignore_unavailable: true, expand_wildcards: 'open' };
    const { json } = await ask(server, { method: 'GET', path: `/${pattern}/_count`, query, signal });
    return (json as { count: number }).count;
  }

  async function namesOf(prefix: string): Promise<string[]> {
    return (await listIndices(server, [`${prefix}-spoor-span-*`], signal)).map(({ name }) => name).sort();
  }

  test('stores spans once, and makes no field of an attribute', async () => {
    const prefix = prefixOfTest();
    const side = open(prefix);
    const spans = spansNow(40).map((span, i) => ({
      ...span,
      attributes: Array.from({ length: 50 }, (_, k) => ({
        key: `key.${i}.${k} "\\=\u0000`,
        value: k % 2 === 0 ? 'v'.repeat(40_000 * (k === 10 ? 1 : 0)) : BigInt(k) << 40n,
      })),
    }));
    expect(await write(side, spans)).toEqual({ accepted: 40, rejected: [] });
    // The second time by another process, which compresses.
    expect(await write(open(prefix, { gzip: true }), spans)).toEqual({ accepted: 40, rejected: [] });
    expect(await countOf(`${prefix}-spoor-span-*`)).toBe(40);
    const fieldsOf = ({ mappings }: { mappings: object }) =>
      Object.keys((mappings as { properties: object }).properties).sort();
    const { json } = await ask(server, { method: 'GET', path: `/${prefix}-spoor-span-*/_mapping`, signal });
    const [index] = Object.values(json as Record<string, { mappings: object }>);
    const settings = { shards: 1, replicas: 0, refreshIntervalMs: 1_000 };
    expect(fieldsOf(index!)).toEqual(fieldsOf(spoorLayout.template('span', settings)!));
  });

  test('sets aside only what the mapping refuses', async () => {
    const prefix = prefixOfTest();
    const [first, second] = spansNow(2) as [Span, Span];
    const day = new Date(Number(first.startTimeUnixNano / 1_000_000n)).toISOString().slice(0, 10);
    const mappings = { properties: { operation: { type: 'integer' } } };
    await ask(server, { method: 'PUT', path: `/${prefix}-spoor-span-${day}`, json: { mappings }, signal });
    const { accepted, rejected } = await write(open(prefix), [{ ...first, name: '7' }, second]);
    expect(accepted).toBe(1);
    expect(rejected).toMatchObject([{ reason: 'unstorable', spanCount: 1 }]);
  });

  test('waits while the disk is too full, and loses nothing', async () => {
    const prefix = prefixOfTest();
    const side = open(prefix);
    await write(side, spansNow(1));
    const block = (value: boolean | null) =>
      ask(server, {
        method: 'PUT',
        path: `/${prefix}-spoor-*/_settings`,
        json: { 'index.blocks.read_only_allow_delete': value },
        signal,
      });
    await block(true);
    const spans = spansNow(30);
    await expect(write(side, spans)).rejects.toMatchObject({ code: 'SPOOR_STORAGE_UNAVAILABLE' });
    await block(null);
    expect(await write(side, spans)).toEqual({ accepted: 30, rejected: [] });
    expect(await countOf(`${prefix}-spoor-span-*`)).toBe(31);
  });

  test('keeps the templates as they must be, and leaves a newer version its way', async () => {
    const prefix = prefixOfTest();
    const side = open(prefix);
    await side.care.turn();
    const path = `/_index_template/${prefix}-spoor-span`;
    const read = async () => {
      const { json } = await ask(server, { method: 'GET', path, signal });
      return (json as { index_templates: { index_template: Record<string, unknown> }[] }).index_templates[0]!
        .index_template;
    };
    const good = await read();
    const put = (json: object) => ask(server, { method: 'PUT', path, json, signal });
    await put({ ...good, template: { settings: { index: { number_of_shards: 3 } } } });
    await side.care.turn();
    expect(await read()).toEqual(good);
    await put({ ...good, version: 1_000, template: {} });
    await side.care.turn();
    expect(await read()).toMatchObject({ version: 1_000 });
  });

  test('rolls over behind aliases, reads both, and retention takes the first', async () => {
    const prefix = prefixOfTest();
    const rotation = { type: 'alias', maxDocuments: 10, maxAge: '0', maxBytes: 0 } as const;
    const side = open(prefix, { rotation });
    await write(side, spansNow(20));
    expect(await namesOf(prefix)).toEqual([`${prefix}-spoor-span-000001`]);
    await side.care.turn();
    expect(await namesOf(prefix)).toEqual([`${prefix}-spoor-span-000001`, `${prefix}-spoor-span-000002`]);
    const later = spansNow(5);
    await write(side, later);
    expect(await countOf(`${prefix}-spoor-span-read`)).toBe(25);
    expect(await countOf(`${prefix}-spoor-span-000002`)).toBe(5);
    await open(prefix, { rotation, retention: { maxBytes: 1 } }).care.turn();
    expect(await namesOf(prefix)).toEqual([`${prefix}-spoor-span-000002`]);
  });

  test('writes nothing while the policy is not there that would roll over', async () => {
    const prefix = prefixOfTest();
    const side = open(prefix, { rotation: { type: 'alias', policy: `${prefix}-missing` } });
    await expect(write(side, spansNow(1))).rejects.toMatchObject({
      code: 'SPOOR_STORAGE_UNAVAILABLE',
      message: expect.stringMatching(/policy/),
    });
    expect(await namesOf(prefix)).toEqual([]);
  });

  test('never makes an index that bears the name of an alias', async () => {
    const prefix = prefixOfTest();
    const rotation = { type: 'alias' } as const;
    const side = open(prefix, { rotation });
    await write(side, spansNow(1));
    const index = `${prefix}-spoor-span-000001`;
    await ask(server, { method: 'DELETE', path: `/${index}/_alias/${prefix}-spoor-span-write`, signal });
    await expect(write(side, spansNow(3))).rejects.toMatchObject({ code: 'SPOOR_STORAGE_UNAVAILABLE' });
    expect(await namesOf(prefix)).toEqual([index]);
    await side.care.turn();
    expect(await write(side, spansNow(3))).toMatchObject({ accepted: 3 });
  });

  test('deletes old indices when both their day and their making are old', async () => {
    const prefix = prefixOfTest();
    await write(open(prefix), spansNow(5));
    const [name] = await namesOf(prefix);
    const retention = { maxAge: '7d' };
    const inDays = (days: number) => open(prefix, { retention }, { nowMs: () => Date.now() + days * DAY_MS });
    await inDays(6).care.turn();
    expect(await namesOf(prefix)).toEqual([name]);
    await inDays(9).care.turn();
    expect(await namesOf(prefix)).toEqual([]);
  });

  test('one process at a time looks after indices', async () => {
    const prefix = prefixOfTest();
    let now = Date.now();
    const take = (holder: string) =>
      takeLease(server, { index: `${prefix}-spoor-care`, holder, ttlMs: 60_000, nowMs: () => now }, signal);
    const holders = ['a', 'b', 'c', 'd', 'e'];
    const taken = await Promise.all(holders.map(take));
    expect(taken.filter(Boolean)).toHaveLength(1);
    const holder = holders[taken.indexOf(true)]!;
    const other = holders.find((one) => one !== holder)!;
    expect([await take(other), await take(holder)]).toEqual([false, true]);
    now += 60_001;
    expect([await take(other), await take(holder)]).toEqual([true, false]);
  });
});
