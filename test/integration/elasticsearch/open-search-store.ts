import { randomUUID } from 'node:crypto';
import { contractWriter } from '@spoor/derive/contract';
import { isFlags, spanOfStoredMessage, storedMessageOf, WARNINGS_KEY } from '@spoor/jaeger';
import type { Attribute, Span } from '@spoor/model';
import type { Storage } from '@spoor/storage';
import { type OpenStore, reopening, type StorageTraits } from '@spoor/storage/contract';
import { createElasticsearchStorage, elasticsearchConfig, type LayoutName } from '@spoor/storage-elasticsearch';
import pino from 'pino';
import { Registry } from 'prom-client';
import { waitFor } from '../../harness/wait-for.ts';

type Settings = NonNullable<Parameters<typeof elasticsearchConfig>[0]>;

/** A day after the suite's beginning: its spans are neither old nor in the future. */
export const SUITE_CLOCK = { nowMs: () => Date.UTC(2026, 0, 2) };

/** What the layouts keep of a span. */
export const TRAITS: Readonly<Record<LayoutName, Partial<StorageTraits>>> = {
  spoor: { scenarios: 6 },
  jaeger: { resolutionNanos: 1_000n, asStored: asStoredInJaegerLayout, scenarios: 6 },
};

/** The mapping of the model, and tags that are fields of their own come back behind the others (CONTRACT §5.2). */
function asStoredInJaegerLayout(span: Span): Span {
  const stored = spanOfStoredMessage(storedMessageOf(span));
  const fields = new Set<Attribute>();
  for (const key of ['span.kind', 'error']) {
    const last = stored.attributes.findLast((one) => one.key === key);
    // A double like 1.0 would come back as an integer, bytes as a text.
    const isField =
      last !== undefined && (typeof last.value === 'number' ? last.value % 1 !== 0 : !ArrayBuffer.isView(last.value));
    // The status is behind such an attribute, and is the field then.
    const isTold = key === 'error' && stored.status.code === 'error';
    if (isField && !isTold && !(key === 'span.kind' && stored.kind !== 'unspecified')) fields.add(last);
  }
  // What is no tag of the message comes last all the same.
  const isNoTag = (one: Attribute) => one.key === WARNINGS_KEY || isFlags(one);
  return {
    ...stored,
    attributes: [
      ...stored.attributes.filter((one) => !fields.has(one) && !isNoTag(one)),
      ...stored.attributes.filter((one) => fields.has(one)),
      ...stored.attributes.filter(isNoTag),
    ],
  };
}

/** Names that no other suite has. */
export function ownPrefix(): string {
  return `test-${randomUUID().slice(0, 8)}`;
}

export function createForTest(url: string, settings: Settings, clock = SUITE_CLOCK): Storage {
  const config = elasticsearchConfig({
    servers: [url],
    shards: 1,
    replicas: 0,
    maxFuture: '60d',
    ...settings,
    bulk: { refresh: 'now', ...settings.bulk },
  });
  return createElasticsearchStorage(config, { logger: pino({ level: 'silent' }), metrics: new Registry(), clock });
}

/** Resolves when spans can be written, which `start` does not wait for. */
export async function startForTest(store: Storage): Promise<Storage> {
  await store.start();
  await waitFor(() => store.readiness().ready, { describe: 'a ready store', deadlineMs: 60_000 });
  return store;
}

/** A store with indices of its own, which are gone when it is closed. */
export async function openSearchStore(url: string, settings: Settings): Promise<OpenStore> {
  const indexPrefix = ownPrefix();
  const begin = async () => {
    const store = await startForTest(createForTest(url, { indexPrefix, ...settings }));
    return { ...store, writer: contractWriter(store) };
  };
  return reopening(begin, () => removeIndices(url, indexPrefix));
}

/** Deletes everything whose name begins with the prefix, templates too. */
export async function removeIndices(url: string, prefix: string): Promise<void> {
  const found = await call(url, 'GET', `/${prefix}*?expand_wildcards=all`);
  const names = Object.keys(found);
  if (names.length > 0) await call(url, 'DELETE', `/${names.join(',')}`);
  const response = await fetch(`${url}/_index_template/${prefix}*`, { method: 'DELETE' });
  await response.body?.cancel();
}

/** A request to the servers by hand. Throws for what they refuse. */
export async function call(url: string, method: string, path: string, body?: object | string): Promise<object> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`);
  return text === '' ? {} : (JSON.parse(text) as object);
}
