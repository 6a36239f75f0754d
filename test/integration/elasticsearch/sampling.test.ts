import { randomUUID } from 'node:crypto';
import {
  createElasticsearchStorage,
  type ElasticsearchStorage,
  elasticsearchConfig,
} from '@spoor/storage-elasticsearch';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, describe, expect, test } from 'vitest';
import { foundOrSkipped, type SearchServer, startElasticsearch, startOpenSearch } from '../../harness/index.ts';

const { signal } = new AbortController();
const MINUTE_MS = 60_000;
const SERVERS = { elasticsearch: await startElasticsearch(), opensearch: await startOpenSearch() };

for (const [flavour, outside] of Object.entries(SERVERS)) {
  test(`there is ${flavour}`, (context) => {
    foundOrSkipped<SearchServer>(outside, (note) => context.skip(note));
  });

  describe.skipIf('missing' in outside)(`what adaptive samplers share, on ${flavour}`, () => {
    const url = 'found' in outside ? outside.found.url : '';
    const run = randomUUID().slice(0, 8);
    let count = 0;

    afterAll(async () => {
      const indices = Object.keys(await call('GET', `/samplings-${run}-*?expand_wildcards=all`));
      if (indices.length > 0) await call('DELETE', `/${indices.join(',')}`);
      const { index_templates: templates } = await call('GET', '/_index_template');
      for (const { name } of templates as { name: string }[])
        if (name.startsWith(`samplings-${run}-`)) await call('DELETE', `/_index_template/${name}`);
    });

    async function call(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
      return (await response.json()) as Record<string, unknown>;
    }

    interface Opened {
      readonly prefix: string;
      readonly clock: { at: number };
      /** Another process on the same indices. */
      readonly open: () => ElasticsearchStorage;
      readonly store: ElasticsearchStorage;
    }

    function fresh(settings: Parameters<typeof elasticsearchConfig>[0] = {}): Opened {
      const prefix = `samplings-${run}-${(count += 1)}`;
      const clock = { at: Date.UTC(2026, 0, 31, 12) };
      const config = elasticsearchConfig({
        servers: [url],
        indexPrefix: prefix,
        shards: 1,
        replicas: 0,
        bulk: { refresh: 'now' },
        ...settings,
      });
      const open = () =>
        createElasticsearchStorage(config, {
          logger: pino({ level: 'silent' }),
          metrics: new Registry(),
          clock: { nowMs: () => clock.at },
        });
      return { prefix, clock, open, store: open() };
    }

    const cart = { service: 'cart', operation: 'GET /', count: 7, probabilities: ['0.001000', '0.500000'] };
    const odd = { service: '__proto__', operation: 'a.b', count: 1, probabilities: [] };

    test.for([
      ['spoor', 'periodic'],
      ['jaeger', 'periodic'],
      ['jaeger', 'alias'],
    ] as const)(
      'layout %s, %s: throughput comes back by its time, the last probabilities as they are',
      async ([layout, type]) => {
        const { store, open, clock, prefix } = fresh({ layout, rotation: { type } });
        const began = clock.at;
        expect(await store.sampling.getLatestProbabilities(signal)).toEqual([]);
        await store.sampling.insertThroughput([cart, odd], signal);
        clock.at += MINUTE_MS;
        await open().sampling.insertThroughput([{ ...cart, count: 8 }], signal);
        const between = (after: number, until: number) => store.sampling.getThroughput(after, until, signal);
        expect(await between(began - 1, began)).toEqual(expect.arrayContaining([cart, odd]));
        expect(await between(began, clock.at)).toEqual([{ ...cart, count: 8 }]);
        expect(await between(began - 1, clock.at)).toHaveLength(3);

        const first = [{ service: 'cart', operation: 'GET /', probability: 0.001, qps: 0.5 }];
        const second = [
          { service: 'cart', operation: 'GET /', probability: 0.25, qps: 1.5 },
          { service: 'cart', operation: 'PUT /', probability: 1, qps: 0 },
          { service: '__proto__', operation: '__proto__', probability: 0.5, qps: 3 },
        ];
        await store.sampling.insertProbabilities('host-1', first, signal);
        clock.at += MINUTE_MS;
        await open().sampling.insertProbabilities('host-2', second, signal);
        expect(await store.sampling.getLatestProbabilities(signal)).toEqual(second);
        clock.at += 73 * 60 * MINUTE_MS;
        expect(await store.sampling.getLatestProbabilities(signal)).toEqual([]);

        const indices = Object.keys(await call('GET', `/${prefix}-${layout}-sampling-*`));
        expect(indices).toEqual([`${prefix}-${layout}-sampling-${type === 'alias' ? '000001' : '2026-01-31'}`]);
        const mapping = await call('GET', `/${indices[0]}/_mapping`);
        expect(JSON.stringify(mapping)).not.toContain('GET /');
      },
    );

    test('documents are those of the peer, and those of the peer are read', async () => {
      const { store, prefix, clock } = fresh({ layout: 'jaeger' });
      await store.sampling.insertThroughput([cart], signal);
      await store.sampling.insertProbabilities('host-1', [{ ...cart, probability: 0.5, qps: 2 }], signal);
      const index = `${prefix}-jaeger-sampling-2026-01-31`;
      const { hits } = (await call('GET', `/${index}/_search`)) as { hits: { hits: { _source: object }[] } };
      expect(hits.hits.map(({ _source }) => _source)).toEqual(
        expect.arrayContaining([
          {
            timestamp: '2026-01-31T12:00:00.000Z',
            throughputs: {
              Service: 'cart',
              Operation: 'GET /',
              Count: 7,
              Probabilities: { '0.001000': {}, '0.500000': {} },
            },
          },
          {
            timestamp: '2026-01-31T12:00:00.000Z',
            probabilitiesandqps: {
              Hostname: 'host-1',
              Probabilities: { cart: { 'GET /': 0.5 } },
              QPS: { cart: { 'GET /': 2 } },
            },
          },
        ]),
      );

      // An index that the peer made has no mapping but what the servers guessed.
      const theirs = fresh({ layout: 'jaeger', createTemplates: false });
      const theirIndex = `${theirs.prefix}-jaeger-sampling-2026-01-31`;
      await call('POST', `/${theirIndex}/_doc?refresh=true`, {
        timestamp: '2026-01-31T11:59:58.123456789Z',
        throughputs: { Service: 'shop', Operation: 'buy', Count: 3, Probabilities: { '1.000000': {} } },
      });
      await call('POST', `/${theirIndex}/_doc?refresh=true`, {
        timestamp: '2026-01-31T11:59:59.5Z',
        probabilitiesandqps: { Hostname: 'h', Probabilities: { shop: { buy: 0.1 } }, QPS: { shop: { buy: 9 } } },
      });
      const { sampling } = theirs.store;
      expect(await sampling.getThroughput(clock.at - 5_000, clock.at, signal)).toEqual([
        { service: 'shop', operation: 'buy', count: 3, probabilities: ['1.000000'] },
      ]);
      expect(await sampling.getLatestProbabilities(signal)).toEqual([
        { service: 'shop', operation: 'buy', probability: 0.1, qps: 9 },
      ]);
    });

    test('of two owners one has the lease, until it ends or is given up', async () => {
      const { store, open, clock } = fresh();
      const other = open();
      const resource = 'sampling_store_leader';
      const both = await Promise.all(
        [store, other].map(({ leases }, i) => leases.acquire(resource, `owner-${i}`, MINUTE_MS, signal)),
      );
      expect(both.filter(Boolean)).toHaveLength(1);
      const [winner, loser] = both[0] ? ['owner-0', 'owner-1'] : ['owner-1', 'owner-0'];
      clock.at += MINUTE_MS / 2;
      expect(await store.leases.acquire(resource, winner!, MINUTE_MS, signal)).toBe(true);
      clock.at += MINUTE_MS / 2 + 1;
      expect(await other.leases.acquire(resource, loser!, MINUTE_MS, signal)).toBe(false);
      expect(await other.leases.acquire('another', loser!, MINUTE_MS, signal)).toBe(true);
      expect(await other.leases.forfeit(resource, loser!, signal)).toBe(false);
      expect(await store.leases.forfeit(resource, winner!, signal)).toBe(true);
      expect(await other.leases.acquire(resource, loser!, MINUTE_MS, signal)).toBe(true);
      clock.at += MINUTE_MS + 1;
      expect(await store.leases.acquire(resource, winner!, MINUTE_MS, signal)).toBe(true);
    });

    test('trouble is told as trouble that may pass', async () => {
      const { store } = fresh({ servers: ['http://127.0.0.1:1'] });
      const expected = expect.objectContaining({ code: 'SPOOR_STORAGE_UNAVAILABLE' });
      await expect(store.sampling.insertThroughput([cart], signal)).rejects.toEqual(expected);
      await expect(store.sampling.getLatestProbabilities(signal)).rejects.toEqual(expected);
      await expect(store.leases.acquire('r', 'o', 1_000, signal)).rejects.toEqual(expected);
    });
  });
}
