import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { runSpoor } from '../../harness/cli.ts';
import { foundOrSkipped, type SearchServer, startElasticsearch, startOpenSearch } from '../../harness/index.ts';

const DAY_MS = 86_400_000;
const SERVERS = { elasticsearch: await startElasticsearch(), opensearch: await startOpenSearch() };

for (const [flavour, outside] of Object.entries(SERVERS)) {
  test(`there is ${flavour}`, (context) => {
    foundOrSkipped<SearchServer>(outside, (note) => context.skip(note));
  });

  describe.skipIf('missing' in outside)(`spoor indices on ${flavour}`, () => {
    const url = 'found' in outside ? outside.found.url : '';
    const prefixes: string[] = [];

    afterAll(async () => {
      for (const prefix of prefixes) {
        const found = Object.keys(await call('GET', `/${prefix}*?expand_wildcards=all`));
        if (found.length > 0) await call('DELETE', `/${found.join(',')}`);
        const { index_templates: templates = [] } = (await call('GET', '/_index_template')) as {
          index_templates?: { name: string }[];
        };
        for (const { name } of templates) if (name.startsWith(prefix)) await call('DELETE', `/_index_template/${name}`);
      }
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

    function freshPrefix(): string {
      const prefix = `t${randomUUID().slice(0, 8)}`;
      prefixes.push(prefix);
      return prefix;
    }

    async function make(...names: string[]): Promise<void> {
      const settings = { number_of_shards: 1, number_of_replicas: 0 };
      await Promise.all(names.map((name) => call('PUT', `/${name}`, { settings })));
    }

    /** The command as people call it, days later. */
    async function spoor(
      argv: string[],
      { env = {}, later = 0 }: { env?: Record<string, string>; later?: number } = {},
    ) {
      const result = await runSpoor(['indices', ...argv, '--json'], env, () => Date.now() + later * DAY_MS);
      return { ...result, json: result.stdout === '' ? undefined : JSON.parse(result.stdout) };
    }

    async function names(prefix: string): Promise<string[]> {
      const { json } = await spoor(['list', url, `--index-prefix=${prefix}`]);
      return json.indices.map(({ name }: { name: string }) => name.slice(prefix.length + 1)).sort();
    }

    test('list tells both layouts with sizes and aliases', async () => {
      const prefix = freshPrefix();
      await make(`${prefix}-spoor-span-2026-01-01`, `${prefix}-jaeger-span-000001`, `${prefix}-other-1`);
      await call('POST', `/${prefix}-spoor-span-2026-01-01/_doc?refresh=true`, { text: 'something' });
      await call('PUT', `/${prefix}-jaeger-span-000001/_alias/${prefix}-jaeger-span-read`);
      const { code, json } = await spoor(['list'], {
        env: { ES_SERVER_URLS: url, ES_INDEX_PREFIX: prefix },
      });
      expect(code).toBe(0);
      const found = Object.fromEntries(json.indices.map((index: { name: string }) => [index.name, index]));
      expect(Object.keys(found).sort()).toEqual([`${prefix}-jaeger-span-000001`, `${prefix}-spoor-span-2026-01-01`]);
      expect(found[`${prefix}-spoor-span-2026-01-01`]).toMatchObject({
        documents: 1,
        shards: 1,
        replicas: 0,
        aliases: [],
      });
      expect(found[`${prefix}-spoor-span-2026-01-01`].bytes).toBeGreaterThan(100);
      expect(found[`${prefix}-jaeger-span-000001`].aliases).toEqual([`${prefix}-jaeger-span-read`]);
    });

    test('clean deletes by age what is ours, by date or behind aliases, and nothing that is written to', async () => {
      const prefix = freshPrefix();
      const periodic = [
        'jaeger-span-2026-01-01',
        'jaeger-service-2026-01-01',
        'spoor-span-2026-01-01',
        'spoor-span-2026-01-01-15',
        'spoor-metrics-2026-01-01',
      ];
      const rotated = ['jaeger-span-000001', 'jaeger-span-000002'];
      const others = ['jaeger-span-2026.01.01', 'jaeger-span-archive', 'jaeger-spans-2026-01-01'];
      await make(
        ...[...periodic, ...rotated, ...others, 'jaeger-span-archive-000001'].map((name) => `${prefix}-${name}`),
      );
      await make(`x${prefix}-jaeger-span-2026-01-01`);
      prefixes.push(`x${prefix}`);
      await call('PUT', `/${prefix}-jaeger-span-000002/_alias/${prefix}-jaeger-span-write`);
      const clean = (...argv: string[]) => spoor(['clean', ...argv, `--index-prefix=${prefix}`], { later: 8 });

      expect((await clean('9', url)).json.deleted).toEqual([]);
      expect((await clean('7', url, '--dry-run')).json).toMatchObject({ done: false, deleted: { length: 5 } });
      expect(await names(prefix)).toHaveLength(11);
      expect((await clean('7', url, '--layout=spoor')).json.deleted).toHaveLength(3);
      expect((await clean('7', `${url}/`)).json.deleted.sort()).toEqual([
        `${prefix}-jaeger-service-2026-01-01`,
        `${prefix}-jaeger-span-2026-01-01`,
      ]);
      expect((await clean('7', url, '--index-date-separator=.')).json.deleted).toEqual([
        `${prefix}-jaeger-span-2026.01.01`,
      ]);
      expect((await clean('7', url, '--rollover')).json.deleted).toEqual([`${prefix}-jaeger-span-000001`]);
      const archive = { ARCHIVE: 'true', INDEX_PREFIX: prefix, ES_SERVER_URLS: url };
      expect((await spoor(['clean', '7'], { env: archive, later: 8 })).json.deleted).toEqual([
        `${prefix}-jaeger-span-archive-000001`,
      ]);
      expect(await names(prefix)).toEqual(['jaeger-span-000002', 'jaeger-span-archive', 'jaeger-spans-2026-01-01']);
      expect(await names(`x${prefix}`)).toEqual(['jaeger-span-2026-01-01']);
    });

    test('clean counts from now, or from the next midnight', async () => {
      const prefix = freshPrefix();
      const { json } = await spoor(['clean', '3', url, `--index-prefix=${prefix}`, '--from-midnight']);
      expect(json.before).toMatch(/T00:00:00\.000Z$/);
      const fromNow = await spoor(['clean', '3', url, `--index-prefix=${prefix}`]);
      expect(Date.parse(fromNow.json.before)).toBeLessThan(Date.now() - 3 * DAY_MS + 1);
    });

    test('init makes templates, first indices and aliases, once; rollover and the archive go on from there', async () => {
      const prefix = freshPrefix();
      const env = { INDEX_PREFIX: prefix, ES_SERVER_URLS: url, SHARDS: '2', REPLICAS: '0' };
      for (const _ of [1, 2]) {
        const { json } = await spoor(['init', '--layout=jaeger', '--adaptive-sampling', '--priority-span-template=7'], {
          env,
        });
        expect(json.aliases).toHaveLength(4);
        await spoor(['init', '--layout=jaeger', '--archive'], { env });
        await spoor(['init', '--layout=spoor', '--skip-dependencies'], { env });
      }
      expect(await names(prefix)).toEqual([
        'jaeger-dependencies-000001',
        'jaeger-sampling-000001',
        'jaeger-service-000001',
        'jaeger-span-000001',
        'jaeger-span-archive-000001',
        'spoor-service-000001',
        'spoor-span-000001',
      ]);
      const rolled = await spoor(['rollover', '--layout=jaeger', '--archive', '--conditions={}'], { env });
      expect(rolled.json.aliases).toMatchObject([{ newIndex: `${prefix}-jaeger-span-archive-000002` }]);
      for (const name of ['jaeger-span-000001', 'jaeger-span-archive-000002', 'spoor-span-000001']) {
        const index = `${prefix}-${name}`;
        const found = (await call('GET', `/${index}?flat_settings=true`))[index] as Record<
          string,
          Record<string, unknown>
        >;
        expect(found['settings']).toMatchObject({ 'index.number_of_shards': '2', 'index.number_of_replicas': '0' });
        expect(Object.keys(found['aliases']!).sort()).toEqual(
          ['read', 'write'].map((end) => `${index.replace(/\d+$/, end)}`),
        );
        expect(Object.keys((found['mappings'] as { properties: object }).properties)).toContain(
          name.startsWith('jaeger') ? 'traceID' : 'traceId',
        );
      }
      const { index_templates: templates } = await call('GET', `/_index_template/${prefix}-jaeger-span`);
      expect(templates).toMatchObject([{ index_template: { priority: 7 } }]);
    });

    test('rollover begins a new index where a condition is met, and readers see both; lookback hides the old one', async () => {
      const prefix = freshPrefix();
      const flags = [`--index-prefix=${prefix}`, '--layout=jaeger', '--skip-dependencies'];
      for (const kind of ['span', 'service']) {
        const base = `${prefix}-jaeger-${kind}`;
        await make(`${base}-000001`);
        await call('PUT', `/${base}-000001/_alias/${base}-write`);
        await call('PUT', `/${base}-000001/_alias/${base}-read`);
      }
      const base = `${prefix}-jaeger-span`;
      const kept = await spoor(['rollover', url, ...flags]);
      expect(kept.json.aliases.map(({ rolledOver }: { rolledOver: boolean }) => rolledOver)).toEqual([false, false]);
      await call('POST', `/${base}-write/_doc?refresh=true`, { text: 'something' });
      const rolled = await spoor(['rollover', url, ...flags, '--conditions={"max_docs": 1}']);
      expect(rolled.json.aliases).toMatchObject([
        { alias: `${base}-write`, rolledOver: true, oldIndex: `${base}-000001`, newIndex: `${base}-000002` },
        { alias: `${prefix}-jaeger-service-write`, rolledOver: false },
      ]);
      const readable = async () => Object.keys(await call('GET', `/${base}-read`)).sort();
      expect(await readable()).toEqual([`${base}-000001`, `${base}-000002`]);
      expect(Object.keys(await call('GET', `/${base}-write`))).toEqual([`${base}-000002`]);

      expect((await spoor(['lookback', url, ...flags])).json.aliases).toMatchObject([{ removed: [] }, { removed: [] }]);
      const env = { UNIT: 'weeks', UNIT_COUNT: '1' };
      const hidden = await spoor(['lookback', url, ...flags], { env, later: 8 });
      // The index that is written to stays, however old it is.
      expect(hidden.json.aliases).toMatchObject([
        { alias: `${base}-read`, removed: [`${base}-000001`] },
        { removed: [] },
      ]);
      expect(await readable()).toEqual([`${base}-000002`]);
      expect(await names(prefix)).toContain('jaeger-span-000001');
    });

    test('what cannot be done is told', async () => {
      const prefix = freshPrefix();
      expect(await spoor(['clean', url])).toMatchObject({ code: 2, stderr: expect.stringContaining('clean <days>') });
      expect(await spoor(['list', 'extra', url])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('not extra'),
      });
      expect(await spoor(['rollover', url, `--index-prefix=${prefix}`])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`${prefix}-spoor-span-write`),
      });
      expect(await spoor(['rollover', url, '--conditions=soon'])).toMatchObject({ code: 2 });
      const nobody = await spoor(['list', 'http://127.0.0.1:1']);
      expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining('does not answer') });
    });
  });
}
