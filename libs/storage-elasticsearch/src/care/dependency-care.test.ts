import { randomUUID } from 'node:crypto';
import { DEFAULT_TENANT } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSpanGenerator } from '../../../../test/fixtures/spans.ts';
import { foundOrSkipped } from '../../../../test/harness/outside.ts';
import { startElasticsearch } from '../../../../test/harness/search-server.ts';
import { ask } from '../indices/ask.ts';
import { deleteIndices } from '../indices/delete.ts';
import { listIndices } from '../indices/list.ts';
import { createLayout, readSources } from '../layouts/layouts.ts';
import { createReader } from '../reader/reader.ts';
import { elasticsearchConfig } from '../settings.ts';
import { createSearchServer, type SearchServer } from '../transport/search-server.ts';
import { createWriteSide } from '../write-side.ts';
import { createDependencyCare, type DependencyCare } from './dependency-care.ts';
import { takeLease } from './lease.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAY = '2026-01-01';
const AFTER_DAY_MS = Date.UTC(2026, 0, 2);
const indexPrefix = `days-${randomUUID().slice(0, 8)}`;
const { signal } = new AbortController();
const outside = await startElasticsearch();
const config = elasticsearchConfig({
  ...('found' in outside ? { servers: [outside.found.url] } : {}),
  indexPrefix,
  shards: 1,
  replicas: 0,
  maxFuture: '60d',
  bulk: { refresh: 'now' },
});
const clock = { at: AFTER_DAY_MS, nowMs: () => clock.at };
const deps = { logger: pino({ level: 'silent' }), metrics: new Registry(), clock };

let server: SearchServer;
beforeAll(() => {
  server = createSearchServer(config);
});
afterAll(async () => {
  if ('found' in outside) {
    const indices = await listIndices(server, [`${indexPrefix}-*`], signal);
    await deleteIndices(
      server,
      indices.map(({ name }) => name),
      { signal },
    );
    for (const stem of ['span', 'service', 'dependencies']) {
      const path = `/_index_template/${indexPrefix}-spoor-${stem}`;
      await ask(server, { method: 'DELETE', path, expected: [404], signal });
    }
  }
  server.close();
});

/** Another process. */
function open(): DependencyCare {
  const { counted } = createReader(config, readSources(config, clock), { server, clock });
  return createDependencyCare(config, counted, { ...deps, server, metrics: new Registry() });
}

async function write(count: number, tenant: string): Promise<void> {
  const layout = createLayout(config.layout, config);
  const side = createWriteSide(config, layout, [], { ...deps, server, metrics: new Registry() });
  const startTimeUnixNano = BigInt(AFTER_DAY_MS - DAY_MS / 2) * 1_000_000n;
  const bytes = encodeTraces(createSpanGenerator({ seed: count, startTimeUnixNano }).spans(count));
  await side.writer.write([{ tenant, encoding: 'otlp_proto', spanCount: count, bytes }], { signal });
  await side.care.stop();
}

interface Told {
  readonly counted: string;
  readonly documents: { readonly spoor: number };
}

/** What is stored of the day, by tenant. */
async function stored(): Promise<Record<string, Told>> {
  const path = `/${indexPrefix}-spoor-dependencies-${DAY}/_search`;
  const { json } = await ask(server, { method: 'GET', path, query: { ignore_unavailable: true }, signal });
  const { hits } = json as { hits: { hits: { _source: { tenant: string; spoor: Told } }[] } };
  return Object.fromEntries(hits.hits.map(({ _source }) => [_source.tenant, _source.spoor]));
}

test('a day is counted once it is over for a while, by one process, and again a day later if more came', async (context) => {
  foundOrSkipped(outside, (note) => context.skip(note));
  await write(40, DEFAULT_TENANT);
  await write(20, 'acme');
  const [first, second] = [open(), open()];
  const turnAt = async (atMs: number) => {
    clock.at = atMs;
    await Promise.all([first.turn(), second.turn()]);
    return stored();
  };
  const toldAt = (atMs: number, documents: number) => ({
    counted: new Date(atMs).toISOString(),
    documents: { spoor: documents },
  });
  expect(await turnAt(AFTER_DAY_MS + HOUR_MS / 2)).toEqual({});
  const counted = AFTER_DAY_MS + 2 * HOUR_MS;
  const all = { [DEFAULT_TENANT]: toldAt(counted, 40), acme: toldAt(counted, 20) };
  expect(await turnAt(counted)).toMatchObject(all);
  expect(await turnAt(counted + HOUR_MS)).toMatchObject(all);
  await write(60, 'acme');
  expect(await turnAt(counted + DAY_MS / 2)).toMatchObject(all);
  const again = counted + DAY_MS;
  expect(await turnAt(again)).toMatchObject({ ...all, acme: toldAt(again, 80) });
  expect(await turnAt(again + 3 * DAY_MS)).toMatchObject({ ...all, acme: toldAt(again, 80) });
});

test('while another process has the lease, nothing is counted', async (context) => {
  foundOrSkipped(outside, (note) => context.skip(note));
  await write(10, 'late');
  const lease = {
    resource: 'dependencies',
    index: `${indexPrefix}-spoor-care`,
    holder: 'another',
    ttlMs: 60_000,
    nowMs: clock.nowMs,
  };
  expect(await takeLease(server, lease, signal)).toBe(true);
  const care = open();
  await care.turn();
  expect(await stored()).not.toHaveProperty('late');
  clock.at += 60_001;
  await care.turn();
  expect(await stored()).toHaveProperty('late');
});
