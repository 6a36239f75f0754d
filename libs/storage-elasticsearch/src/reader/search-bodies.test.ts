import type { TraceQuery } from '@spoor/storage';
import { expect, test } from 'vitest';
import { createLayout, readSources } from '../layouts/layouts.ts';
import { elasticsearchConfig, LAYOUT_NAMES } from '../settings.ts';
import type { SearchRequest, SearchServer } from '../transport/search-server.ts';
import { createReader } from './reader.ts';

/** Golden bodies: `npx vitest run libs/storage-elasticsearch -u` writes them anew; what changes is reviewed. */
const golden = (layout: string, name: string) => `../../golden/${layout}/${name}.txt`;

const TIME = { startUnixNano: 1_767_225_600_000_000_500n, endUnixNano: 1_767_312_000_000_000_000n };
const clock = { nowMs: () => Date.UTC(2026, 0, 2, 12) };
const ANSWER = JSON.stringify({ _shards: { total: 1, failed: 0 }, hits: { hits: [] }, count: 0, id: 'point' });

/** Answers everything with nothing, and writes down what it was asked. */
function recordingServer(): SearchServer & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async request({ method, path, query, body }: SearchRequest) {
      const search =
        query === undefined ? '' : `?${new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]))}`;
      const json = typeof body === 'string' ? `\n${JSON.stringify(JSON.parse(body), undefined, 2)}` : '';
      asked.push(`${method} ${path}${search}${json}\n`);
      return { status: 200, body: ANSWER, retryAfterMs: undefined };
    },
    version: async () => ({ flavour: 'elasticsearch', major: 8, text: '8.19.0' }),
    close: () => undefined,
  };
}

const QUERIES: Readonly<Record<string, Partial<TraceQuery>>> = {
  everything: {},
  names: { serviceName: 'cart', operationName: 'GET /', spanKind: 'server' },
  durations: { minDurationNanos: 1_500n, maxDurationNanos: 2_000_500n },
  attribute: { attributes: [{ key: 'http.status_code', value: '500' }] },
  comparison: { attributes: [{ key: 'http.status_code', operator: 'gte', value: '500' }] },
  'not-equal': { attributes: [{ key: 'http.method', operator: 'ne', value: 'GET' }] },
  'error-true': { attributes: [{ key: 'error', value: 'true' }] },
  'error-false': { attributes: [{ key: 'error', value: 'false' }] },
};

for (const name of LAYOUT_NAMES) {
  const open = () => {
    const config = elasticsearchConfig({ layout: name, indexPrefix: 'prod', remoteClusters: ['west'] });
    const server = recordingServer();
    return { server, ...createReader(config, readSources(config, clock), { server, clock }) };
  };
  const context = { tenant: 'acme', signal: new AbortController().signal };

  test.each(Object.entries(QUERIES))(`${name}: search by %s`, async (what, conditions) => {
    const { reader, server } = open();
    await reader.findTraces({ attributes: [], time: TIME, limit: 20, ...conditions }, context);
    await expect(server.asked.join('')).toMatchFileSnapshot(golden(name, `search-${what}`));
  });

  test(`${name}: a trace`, async () => {
    const { reader, server } = open();
    for await (const _ of reader.getTrace('00000000000000000123456789abcdef', context)) expect.unreachable();
    await expect(server.asked.join('')).toMatchFileSnapshot(golden(name, 'trace'));
  });

  test(`${name}: services and operations`, async () => {
    const { reader, server } = open();
    await reader.getServices(context);
    await reader.getOperations('cart', context);
    await expect(server.asked.join('')).toMatchFileSnapshot(golden(name, 'names'));
  });

  test(`${name}: calls between services`, async () => {
    const { dependencies, server } = open();
    await dependencies.getDependencies(TIME, context);
    await expect(server.asked.join('')).toMatchFileSnapshot(golden(name, 'dependencies'));
  });

  test(`${name}: the tenant stands in every query`, () => {
    const layout = createLayout(name, elasticsearchConfig({}));
    const query: TraceQuery = { attributes: [], time: TIME, limit: 1 };
    for (const body of [
      layout.query(query, 'acme').query,
      layout.tracesQuery(['1'], 'acme'),
      layout.services.query('acme'),
      layout.services.query('acme', 'cart'),
    ]) {
      expect(JSON.stringify(body)).toContain('{"term":{"tenant":"acme"}}');
    }
  });
}
