import { expect, test } from 'vitest';
import { foundOrSkipped } from './outside.ts';
import { startElasticsearch, startOpenSearch, startOwnElasticsearch, startOwnOpenSearch } from './search-server.ts';

const SHARED = { elasticsearch: startElasticsearch, opensearch: startOpenSearch };
const OWN = { elasticsearch: startOwnElasticsearch, opensearch: startOwnOpenSearch };

// A server with everything that its vendor adds starts slowly, and on small machines beside others.
const DEADLINE = { timeout: 240_000 };

test.for(['elasticsearch', 'opensearch'] as const)('suites share one %s', DEADLINE, async (flavour, { skip }) => {
  const first = foundOrSkipped(await SHARED[flavour](), skip);
  const second = foundOrSkipped(await SHARED[flavour](), skip);
  expect(second.url).toBe(first.url);
  expect(first.flavour).toBe(flavour);
  expect(first.version).toMatch(/^\d+\.\d+\.\d+/);
});

test.for(['elasticsearch', 'opensearch'] as const)(
  '%s that was killed comes back with what it had, and answers nothing while it is frozen',
  DEADLINE,
  async (flavour, { skip }) => {
    const server = foundOrSkipped(await OWN[flavour]({ settings: { 'thread_pool.write.queue_size': '7' } }), skip);
    try {
      const document = `${server.url}/kept/_doc/1`;
      const headers = { 'content-type': 'application/json' };
      const written = await fetch(document, { method: 'PUT', headers, body: '{"number":1}' });
      expect(written.status).toBe(201);
      await server.kill();
      await expect(fetch(document)).rejects.toThrow();
      await server.revive();
      expect(await (await fetch(document)).json()).toMatchObject({ _source: { number: 1 } });
      const pools = await fetch(`${server.url}/_nodes/thread_pool?filter_path=nodes.*.thread_pool.write.queue_size`);
      expect(JSON.stringify(await pools.json())).toContain('"queue_size":7');
      await server.freeze();
      await expect(fetch(document, { signal: AbortSignal.timeout(500) })).rejects.toThrow('timeout');
      await server.thaw();
      expect((await fetch(document)).status).toBe(200);
    } finally {
      await server.stop();
    }
  },
);
