import { randomUUID } from 'node:crypto';
import type { RequestContext, Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import { createElasticsearchStorage, elasticsearchConfig } from '@spoor/storage-elasticsearch';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, describe, expect, test } from 'vitest';
import { createSpanGenerator } from '../../fixtures/spans.ts';
import {
  foundOrSkipped,
  type SearchServer,
  startElasticsearch,
  startOpenSearch,
  waitFor,
} from '../../harness/index.ts';

const context: RequestContext = { tenant: 'default', signal: new AbortController().signal };
const SERVERS = { elasticsearch: await startElasticsearch(), opensearch: await startOpenSearch() };
const CLOCK = { nowMs: () => Date.UTC(2026, 0, 2) };

for (const [flavour, outside] of Object.entries(SERVERS)) {
  test(`there is ${flavour}`, (context) => {
    foundOrSkipped<SearchServer>(outside, (note) => context.skip(note));
  });

  describe.skipIf('missing' in outside)(`the archive on ${flavour}`, () => {
    const url = 'found' in outside ? outside.found.url : '';
    const run = `archive-${randomUUID().slice(0, 8)}`;

    async function call(method: string, path: string): Promise<Record<string, unknown>> {
      const response = await fetch(`${url}${path}`, { method });
      if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
      return (await response.json()) as Record<string, unknown>;
    }

    async function indices(pattern: string): Promise<string[]> {
      return Object.keys(await call('GET', `/${pattern}?expand_wildcards=all`)).sort();
    }

    afterAll(async () => {
      const left = await indices(`${run}-*`);
      if (left.length > 0) await call('DELETE', `/${left.join(',')}`);
      const { index_templates: templates } = await call('GET', '/_index_template');
      for (const { name } of templates as { name: string }[])
        if (name.startsWith(run)) await call('DELETE', `/_index_template/${name}`);
    });

    test.for([
      ['spoor', 'periodic', 'span-archive'],
      ['jaeger', 'periodic', 'span-archive'],
      ['jaeger', 'alias', 'span-archive-000001'],
    ] as const)(
      'layout %s, %s: what was archived stays when its spans are gone, and is there once',
      async ([layout, type, archiveIndex]) => {
        const indexPrefix = `${run}-${layout}-${type}`;
        const store = createElasticsearchStorage(
          elasticsearchConfig({
            servers: [url],
            indexPrefix,
            layout,
            rotation: { type },
            shards: 1,
            replicas: 0,
            bulk: { refresh: 'now' },
            archive: { enabled: true },
          }),
          { logger: pino({ level: 'silent' }), metrics: new Registry(), clock: CLOCK },
        );
        await store.start();
        await waitFor(() => store.readiness().ready, { describe: 'a ready store', deadlineMs: 60_000 });
        try {
          const spans = createSpanGenerator({ seed: 3 }).spans(40);
          const batch = {
            tenant: 'default',
            encoding: 'otlp_proto',
            spanCount: 40,
            bytes: encodeTraces(spans),
          } as const;
          await store.writer.write([batch], context);
          const { traceId } = spans[0]!;
          const read = async (reader: { getTrace: typeof store.reader.getTrace }): Promise<Span[]> => {
            const found: Span[] = [];
            for await (const chunk of reader.getTrace(traceId, context)) found.push(...chunk);
            return found.sort((a, b) => (a.spanId < b.spanId ? -1 : 1));
          };
          const { archive } = store;
          const stored = await read(store.reader);
          expect(stored).toHaveLength(20);
          expect(await read(archive!.reader)).toEqual([]);

          const bytes = encodeTraces(stored);
          for (const _ of ['first', 'again'])
            expect(await archive!.writer.write([{ ...batch, spanCount: 20, bytes }], context)).toEqual({
              accepted: 20,
              rejected: [],
            });
          expect(await read(store.reader)).toEqual(stored);
          const spanIndices = await indices(`${indexPrefix}-${layout}-span-*`);
          const archived = `${indexPrefix}-${layout}-${archiveIndex}`;
          expect(spanIndices).toContain(archived);
          await call('DELETE', `/${spanIndices.filter((name) => name !== archived).join(',')}`);
          expect(await read(archive!.reader)).toEqual(stored);
          const { hits } = (await call('GET', `/${archived}/_search?size=100`)) as { hits: { hits: unknown[] } };
          expect(hits.hits).toHaveLength(20);
        } finally {
          await store.stop(context.signal);
        }
      },
    );
  });
}
