import type { Attribute, AttributeValue, RequestContext, Span, SpanBatch, TraceId } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { OpenStore } from './contract.ts';
import type { TraceHit, TraceQuery } from './reader.ts';

/** Some moment in nanoseconds that every test counts from. */
export const EPOCH = 1_700_000_000_000_000_000n;

export const ALL_TIME = { startUnixNano: 0n, endUnixNano: 2n ** 63n - 1n };

export function contextOf(tenant = 'default'): RequestContext {
  return { tenant, signal: new AbortController().signal };
}

/** A trace id whose text orders like `number`. */
export function traceIdOf(number: number): TraceId {
  return (number + 1).toString(16).padStart(32, '0');
}

export function spanIdOf(number: number): string {
  return (number + 1).toString(16).padStart(16, '0');
}

export function attributesOf(values: Readonly<Record<string, AttributeValue>>): Attribute[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

export interface SpanOptions extends Partial<Omit<Span, 'resource' | 'scope' | 'attributes' | 'events'>> {
  readonly service?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly resourceAttributes?: Readonly<Record<string, AttributeValue>>;
  readonly scopeAttributes?: Readonly<Record<string, AttributeValue>>;
  readonly eventAttributes?: Readonly<Record<string, AttributeValue>>;
}

/** A span of trace 0 that lasts a microsecond, with what `options` change. */
export function spanOf(options: SpanOptions = {}): Span {
  const { service, attributes, resourceAttributes, scopeAttributes, eventAttributes, ...rest } = options;
  const start = rest.startTimeUnixNano ?? EPOCH;
  return {
    traceId: traceIdOf(0),
    spanId: spanIdOf(0),
    parentSpanId: '',
    traceState: '',
    flags: 0,
    name: 'operation',
    kind: 'internal',
    startTimeUnixNano: start,
    endTimeUnixNano: start + 1000n,
    attributes: attributesOf(attributes ?? {}),
    droppedAttributesCount: 0,
    events:
      eventAttributes === undefined
        ? []
        : [
            {
              timeUnixNano: start,
              name: 'event',
              attributes: attributesOf(eventAttributes),
              droppedAttributesCount: 0,
            },
          ],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: 'unset', message: '' },
    resource: {
      attributes: attributesOf({ 'service.name': service ?? 'service', ...resourceAttributes }),
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
    scope: {
      name: '',
      version: '',
      attributes: attributesOf(scopeAttributes ?? {}),
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
    ...rest,
  };
}

export function batchOf(spans: readonly Span[], tenant = 'default'): SpanBatch {
  return { tenant, encoding: 'otlp_proto', spanCount: spans.length, bytes: encodeTraces(spans) };
}

export async function write(store: OpenStore, spans: readonly Span[], tenant = 'default'): Promise<void> {
  const outcome = await store.writer.write([batchOf(spans, tenant)], contextOf(tenant));
  if (outcome.accepted !== spans.length) throw new Error(`${outcome.accepted} of ${spans.length} spans were accepted`);
}

export async function readTrace(store: OpenStore, traceId: TraceId, tenant = 'default'): Promise<Span[]> {
  const spans: Span[] = [];
  for await (const chunk of store.reader.getTrace(traceId, contextOf(tenant))) spans.push(...chunk);
  return spans.sort((a, b) => (a.spanId < b.spanId ? -1 : a.spanId > b.spanId ? 1 : a.name < b.name ? -1 : 1));
}

export function queryOf(query: Partial<TraceQuery> = {}): TraceQuery {
  return { attributes: [], time: ALL_TIME, limit: 100, ...query };
}

export async function find(store: OpenStore, query: Partial<TraceQuery> = {}, tenant = 'default'): Promise<TraceId[]> {
  const page = await store.reader.findTraces(queryOf(query), contextOf(tenant));
  return page.items.map(({ traceId }) => traceId);
}

/** All pages from the first to the last. `between` runs after each. */
export async function findAll(
  store: OpenStore,
  query: Partial<TraceQuery>,
  between: (pages: number) => Promise<void> = async () => undefined,
): Promise<TraceHit[]> {
  const hits: TraceHit[] = [];
  let page: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const answer = await store.reader.findTraces(queryOf({ ...query, ...(page && { page }) }), contextOf());
    hits.push(...answer.items);
    page = answer.nextPage;
    if (page === undefined) return hits;
    if (answer.items.length !== query.limit) throw new Error('a page before the last is not full');
    await between(pages);
  }
}
