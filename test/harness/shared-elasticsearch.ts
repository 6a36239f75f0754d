import { randomUUID } from 'node:crypto';
import type { Outside } from './outside.ts';
import { type SearchServer, startElasticsearch, startOpenSearch } from './search-server.ts';
import { callsIn, type SharedStore, SpanIdsByTrace } from './shared-store.ts';

const PAGE_SIZE = 10_000;

interface ScrollPage<Field extends string> {
  readonly _scroll_id: string;
  readonly hits: { readonly hits: readonly { readonly _source: Readonly<Record<Field, string>> }[] };
}

/** Indices with a prefix of their own, in the layout spoor where the settings say nothing else. */
export async function onElasticsearch(settings: Readonly<Record<string, string>> = {}): Promise<Outside<SharedStore>> {
  const outside = await startElasticsearch();
  return 'missing' in outside ? outside : { found: storeOn(outside.found, settings) };
}

/** As `onElasticsearch`, in an OpenSearch. */
export async function onOpenSearch(settings: Readonly<Record<string, string>> = {}): Promise<Outside<SharedStore>> {
  const outside = await startOpenSearch();
  return 'missing' in outside ? outside : { found: storeOn(outside.found, settings) };
}

/** A part of this server; `close` stops the server when it is the test's own. */
export function storeOn(
  { url, flavour, stop }: SearchServer,
  settings: Readonly<Record<string, string>> = {},
): SharedStore {
  const prefix = `test-${randomUUID().slice(0, 8)}`;

  async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as T;
  }

  /** All documents of the indices whose names begin with the stem. */
  async function* documents<Field extends string>(stem: string, fields: readonly Field[]) {
    const indices = `${prefix}-${stem}-*`;
    await ask('POST', `/${indices}/_refresh`);
    const body = { size: PAGE_SIZE, _source: fields, sort: ['_doc'] };
    let page = await ask<ScrollPage<Field>>('POST', `/${indices}/_search?scroll=1m`, body);
    while (page.hits.hits.length > 0) {
      for (const { _source } of page.hits.hits) yield _source;
      page = await ask<ScrollPage<Field>>('POST', '/_search/scroll', { scroll: '1m', scroll_id: page._scroll_id });
    }
    await ask('DELETE', '/_search/scroll', { scroll_id: page._scroll_id });
  }

  return {
    name: flavour,
    refusesFuture: true,
    settings: {
      SPOOR_STORAGE_TYPE: 'elasticsearch',
      SPOOR_STORAGE_ELASTICSEARCH_SERVERS: url,
      SPOOR_STORAGE_ELASTICSEARCH_INDEX_PREFIX: prefix,
      SPOOR_STORAGE_ELASTICSEARCH_SHARDS: '1',
      SPOOR_STORAGE_ELASTICSEARCH_REPLICAS: '0',
      SPOOR_STORAGE_ELASTICSEARCH_REFRESH_INTERVAL: '1s',
      ...settings,
    },
    async storedSpans() {
      const stored = new SpanIdsByTrace();
      if (settings['SPOOR_STORAGE_ELASTICSEARCH_LAYOUT'] === 'jaeger')
        for await (const { traceID, spanID } of documents('jaeger-span', ['traceID', 'spanID']))
          stored.add(traceID, spanID);
      else
        for await (const { traceId, spanId } of documents('spoor-span', ['traceId', 'spanId']))
          stored.add(traceId, spanId);
      return stored.sorted();
    },
    async countedCalls() {
      let calls = 0;
      for await (const { operations } of documents<'operations'>('spoor-metrics', ['operations']))
        calls += callsIn(operations);
      return calls;
    },
    async close() {
      // Servers refuse to delete by pattern.
      for (const index of Object.keys(await ask<Record<string, unknown>>('GET', `/${prefix}-*?expand_wildcards=all`)))
        await ask('DELETE', `/${index}`);
      const { index_templates: templates } = await ask<{ index_templates: readonly { readonly name: string }[] }>(
        'GET',
        `/_index_template/${prefix}-*`,
      ).catch(() => ({ index_templates: [] }));
      for (const { name } of templates) await ask('DELETE', `/_index_template/${name}`);
      await stop();
    },
  };
}
