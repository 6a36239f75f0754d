import { randomUUID } from 'node:crypto';
import type { Outside } from './outside.ts';
import { type SearchServer, startElasticsearch } from './search-server.ts';
import { type SharedStore, SpanIdsByTrace } from './shared-store.ts';

const PAGE_SIZE = 10_000;

interface ScrollPage {
  readonly _scroll_id: string;
  readonly hits: {
    readonly hits: readonly { readonly _source: { readonly traceId: string; readonly spanId: string } }[];
  };
}

/** Indices with a prefix of their own, in the layout spoor where the settings say nothing else. */
export async function onElasticsearch(settings: Readonly<Record<string, string>> = {}): Promise<Outside<SharedStore>> {
  const outside = await startElasticsearch();
  return 'missing' in outside ? outside : { found: storeOn(outside.found, settings) };
}

/** A part of this server; `close` stops the server when it is the test's own. */
export function storeOn({ url, stop }: SearchServer, settings: Readonly<Record<string, string>> = {}): SharedStore {
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

  return {
    name: 'elasticsearch',
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
      const indices = `${prefix}-spoor-span-*`;
      await ask('POST', `/${indices}/_refresh`);
      const stored = new SpanIdsByTrace();
      let page = await ask<ScrollPage>('POST', `/${indices}/_search?scroll=1m`, {
        size: PAGE_SIZE,
        _source: ['traceId', 'spanId'],
        sort: ['_doc'],
      });
      while (page.hits.hits.length > 0) {
        for (const { _source } of page.hits.hits) stored.add(_source.traceId, _source.spanId);
        page = await ask<ScrollPage>('POST', '/_search/scroll', { scroll: '1m', scroll_id: page._scroll_id });
      }
      await ask('DELETE', '/_search/scroll', { scroll_id: page._scroll_id });
      return stored.sorted();
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
