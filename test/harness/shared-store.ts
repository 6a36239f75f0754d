import { randomUUID } from 'node:crypto';
import type { SearchServer } from './search-server.ts';

/** A store that several processes share, of which a test has a part to itself. The end of an `await using` block empties it. */
export interface SharedStore extends AsyncDisposable {
  readonly name: string;
  /** What points a process at it, as settings in the environment. */
  readonly settings: Readonly<Record<string, string>>;
  /**
   * The ids of the spans that it holds, by trace, sorted, each as often as it is there. Asked of the server itself, past Spoor's
   * reader, which would not show a span twice.
   */
  storedSpans(): Promise<ReadonlyMap<string, readonly string[]>>;
}

const PAGE_SIZE = 10_000;

interface ScrollPage {
  readonly _scroll_id: string;
  readonly hits: {
    readonly hits: readonly { readonly _source: { readonly traceId: string; readonly spanId: string } }[];
  };
}

/** Indices with a prefix of their own. */
export function elasticsearchStore({ url }: Pick<SearchServer, 'url'>): SharedStore {
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
    settings: {
      SPOOR_STORAGE_TYPE: 'elasticsearch',
      SPOOR_STORAGE_ELASTICSEARCH_SERVERS: url,
      SPOOR_STORAGE_ELASTICSEARCH_INDEX_PREFIX: prefix,
      SPOOR_STORAGE_ELASTICSEARCH_SHARDS: '1',
      SPOOR_STORAGE_ELASTICSEARCH_REPLICAS: '0',
      SPOOR_STORAGE_ELASTICSEARCH_REFRESH_INTERVAL: '1s',
    },
    async storedSpans() {
      const indices = `${prefix}-spoor-span-*`;
      await ask('POST', `/${indices}/_refresh`);
      const stored = new Map<string, string[]>();
      let page = await ask<ScrollPage>('POST', `/${indices}/_search?scroll=1m`, {
        size: PAGE_SIZE,
        _source: ['traceId', 'spanId'],
        sort: ['_doc'],
      });
      while (page.hits.hits.length > 0) {
        for (const { _source } of page.hits.hits) {
          const spanIds = stored.get(_source.traceId);
          if (spanIds === undefined) stored.set(_source.traceId, [_source.spanId]);
          else spanIds.push(_source.spanId);
        }
        page = await ask<ScrollPage>('POST', '/_search/scroll', { scroll: '1m', scroll_id: page._scroll_id });
      }
      await ask('DELETE', '/_search/scroll', { scroll_id: page._scroll_id });
      for (const spanIds of stored.values()) spanIds.sort();
      return stored;
    },
    async [Symbol.asyncDispose]() {
      // Servers refuse to delete by pattern.
      for (const index of Object.keys(await ask<Record<string, unknown>>('GET', `/${prefix}-*?expand_wildcards=all`)))
        await ask('DELETE', `/${index}`);
      const { index_templates: templates } = await ask<{ index_templates: readonly { readonly name: string }[] }>(
        'GET',
        `/_index_template/${prefix}-*`,
      ).catch(() => ({ index_templates: [] }));
      for (const { name } of templates) await ask('DELETE', `/_index_template/${name}`);
    },
  };
}
