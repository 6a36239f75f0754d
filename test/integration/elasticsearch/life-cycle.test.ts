import { encodeTraces } from '@spoor/otlp';
import { afterAll, describe, expect, test } from 'vitest';
import { createSpanGenerator } from '../../fixtures/spans.ts';
import { runSpoor } from '../../harness/cli.ts';
import { foundOrSkipped, type SearchServer, startElasticsearch, startOpenSearch } from '../../harness/index.ts';
import { call, createForTest, ownPrefix, removeIndices, startForTest } from './open-search-store.ts';

const SERVERS = { elasticsearch: await startElasticsearch(), opensearch: await startOpenSearch() };
const POLICIES = { elasticsearch: '/_ilm/policy', opensearch: '/_plugins/_ism/policies' };
const PROBES = { elasticsearch: '/_ilm/status', opensearch: '/_plugins/_ism/policies' };
const { signal } = new AbortController();
const context = { tenant: 'default', signal };

for (const flavour of ['elasticsearch', 'opensearch'] as const) {
  const outside = SERVERS[flavour];
  test(`there is ${flavour}`, (context) => {
    foundOrSkipped<SearchServer>(outside, (note) => context.skip(note));
  });

  describe.skipIf('missing' in outside)(`life-cycle policies on ${flavour}`, async () => {
    const url = 'found' in outside ? outside.found.url : '';
    const prefix = ownPrefix();
    const policy = `${prefix}-policy`;
    // The core of either server has none: a container of the vendor's has.
    const hasPolicies = url !== '' && ![400, 405].includes((await fetch(`${url}${PROBES[flavour]}`)).status);

    afterAll(async () => {
      if (url === '') return;
      await removeIndices(url, prefix);
      if (!hasPolicies) return;
      if (flavour === 'elasticsearch') await everySecond(null);
      await call(url, 'DELETE', `${POLICIES[flavour]}/${policy}`);
    });

    /** How often the policies of Elasticsearch are looked at. */
    async function everySecond(interval: string | null = '1s'): Promise<void> {
      await call(url, 'PUT', '/_cluster/settings', { persistent: { 'indices.lifecycle.poll_interval': interval } });
    }

    function init(...flags: string[]) {
      const own = [`--index-prefix=${prefix}`, '--shards=1', '--replicas=0', '--skip-dependencies'];
      return runSpoor(['indices', 'init', url, '--es.use-ilm', `--es.ilm-policy-name=${policy}`, ...own, ...flags]);
    }

    test('a policy that nobody made is told', async () => {
      const { code, stderr } = await init();
      expect(code).toBe(2);
      expect(stderr).toContain(hasPolicies ? policy : 'no life-cycle policies');
    });

    test('where the server has policies, one is made, its indices roll over and all are read; else it says that there are none', {
      timeout: 300_000,
    }, async () => {
      const maxDocuments = '--storage.elasticsearch.rotation.maxDocuments=10';
      const made = await init('--create-policy', maxDocuments);
      if (!hasPolicies) {
        expect(made).toMatchObject({ code: 2, stderr: expect.stringContaining('leave rotation.policy out') });
        return;
      }
      expect(made).toMatchObject({ code: 0, stderr: '' });
      // The second time it is there.
      expect(await init('--create-policy', maxDocuments)).toMatchObject({ code: 0 });
      if (flavour === 'elasticsearch') await everySecond();
      const rotation = { type: 'alias', policy } as const;
      const store = await startForTest(createForTest(url, { indexPrefix: prefix, rotation }));
      const write = async (seed: number, count: number) => {
        const startTimeUnixNano = 1_767_225_600_000_000_000n;
        const bytes = encodeTraces(createSpanGenerator({ seed, startTimeUnixNano }).spans(count));
        const batch = { tenant: 'default', encoding: 'otlp_proto', spanCount: count, bytes } as const;
        expect(await store.writer.write([batch], context)).toEqual({ accepted: count, rejected: [] });
      };
      await write(1, 40);
      const indices = async () => Object.keys(await call(url, 'GET', `/${prefix}-spoor-span-0*`)).sort();
      await expect
        .poll(indices, { timeout: 270_000, interval: 500 })
        .toEqual(expect.arrayContaining([`${prefix}-spoor-span-000002`]));
      await write(2, 20);
      const found = await call(url, 'GET', `/${prefix}-spoor-span-read/_count`);
      expect(found).toMatchObject({ count: 60 });
      const aliased = await call(url, 'GET', `/_alias/${prefix}-spoor-span-write`);
      expect(Object.keys(aliased)).toContain((await indices()).at(-1));
      await store.stop(signal);
    });
  });
}
