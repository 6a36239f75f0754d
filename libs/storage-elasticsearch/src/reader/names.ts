import type { RequestContext, SpanKind } from '@spoor/model';
import { SPAN_KINDS } from '@spoor/model';
import type { Operation, TraceQuery } from '@spoor/storage';
import type { ExactObject, RequestJson, RequestObject, ServiceName } from '../layouts/layout.ts';
import { askSearch, listOf, objectOf, textOf } from './ask-search.ts';
import type { ReadContext, ReadLayout } from './read-context.ts';
import { scanDocuments } from './span-scan.ts';
import { refuse } from './trace-spans.ts';

/** Buckets of an aggregation in one answer; there are as many answers as it takes. */
const BUCKETS_AT_ONCE = 5_000;
const ALL_TIMES = { startUnixNano: 0n, endUnixNano: (1n << 63n) - 1n };

/** All service names, sorted by code point. */
export async function findServices(reading: ReadContext, context: RequestContext): Promise<string[]> {
  const found = new Set<string>();
  for (const one of reading.layouts) {
    const { services } = one.layout;
    const query = services.query(context.tenant);
    for await (const bucket of buckets(reading, one, shortNames(one, query), [services.fields.service], context))
      found.add(textOf(bucket['0']));
    for await (const name of longNames(reading, one, query, context)) found.add(name.service);
  }
  return [...found].sort(byCodePoint);
}

/** All operations of a service, sorted by name, then kind. */
export async function findOperations(
  reading: ReadContext,
  service: string,
  context: RequestContext,
  spanKind?: SpanKind,
): Promise<Operation[]> {
  const found = new Map<string, Set<SpanKind>>();
  const add = (name: string, kind: SpanKind) => {
    if (spanKind !== undefined && kind !== spanKind) return;
    const kinds = found.get(name) ?? new Set();
    found.set(name, kinds.add(kind));
  };
  for (const one of reading.layouts) {
    const { services } = one.layout;
    const query = services.query(context.tenant, service);
    const { operation, kind } = services.fields;
    let lacksKinds = false;
    for await (const bucket of buckets(reading, one, shortNames(one, query), [operation, kind], context)) {
      const known = SPAN_KINDS.find((one) => one === bucket['1']);
      if (known === undefined) lacksKinds = true;
      else add(textOf(bucket['0']), known);
    }
    for await (const name of longNames(reading, one, query, context)) {
      if (name.service !== service) continue;
      if (name.kind === undefined) lacksKinds = true;
      else add(name.operation, name.kind);
    }
    if (lacksKinds) await addFromSpans(reading, one, service, context, spanKind, add);
  }
  return [...found]
    .sort(([a], [b]) => byCodePoint(a, b))
    .flatMap(([name, kinds]) => SPAN_KINDS.filter((kind) => kinds.has(kind)).map((kind) => ({ name, spanKind: kind })));
}

/** A Jaeger's entries have no kind: its spans have. */
async function addFromSpans(
  reading: ReadContext,
  one: ReadLayout,
  service: string,
  context: RequestContext,
  spanKind: SpanKind | undefined,
  add: (name: string, kind: SpanKind) => void,
): Promise<void> {
  for (const kind of spanKind === undefined ? SPAN_KINDS : [spanKind]) {
    const asked: TraceQuery = { serviceName: service, spanKind: kind, attributes: [], time: ALL_TIMES, limit: 1 };
    const { query } = one.layout.query(asked, context.tenant);
    const fields = [one.layout.services.spanOperation];
    for await (const bucket of buckets(reading, one, query, fields, context, 'span')) add(textOf(bucket['0']), kind);
  }
}

/** Every combination of values of the fields. The last of several may be missing. */
async function* buckets(
  { server }: ReadContext,
  { indices }: ReadLayout,
  query: RequestObject,
  fields: readonly string[],
  { signal }: RequestContext,
  kind: 'span' | 'service' = 'service',
): AsyncGenerator<ExactObject> {
  const sources = fields.map((field, i) => ({ [i]: { terms: { field, missing_bucket: i > 0 } } }));
  let after: ExactObject | undefined;
  for (;;) {
    const composite = {
      size: BUCKETS_AT_ONCE,
      sources,
      ...(after === undefined ? {} : { after: after as RequestJson }),
    };
    const body: RequestObject = { query, size: 0, aggs: { names: { composite } } };
    const found = await askSearch(server, { indices: indices[kind]() }, body, signal);
    if (found.incomplete !== undefined) refuse(found.incomplete);
    const { buckets: list, after_key: next } = objectOf(found.aggregations['names']);
    const keys = listOf(list).map((bucket) => objectOf(objectOf(bucket)['key']));
    yield* keys;
    if (keys.length < BUCKETS_AT_ONCE || next === undefined) return;
    after = objectOf(next);
  }
}

async function* longNames(
  { server }: ReadContext,
  { layout, indices }: ReadLayout,
  query: RequestObject,
  { signal }: RequestContext,
): AsyncGenerator<ServiceName> {
  const scan = scanDocuments({
    server,
    indices: indices.service(),
    query: { bool: { filter: [query, layout.services.longNames] } },
    signal,
    onIncomplete: refuse,
  });
  for await (const hits of scan) for (const { source } of hits) yield layout.services.decode(source);
}

function shortNames({ layout }: ReadLayout, query: RequestObject): RequestObject {
  return { bool: { filter: [query], must_not: [layout.services.longNames] } };
}

/** UTF-16 puts what lies beyond U+FFFF before U+E000. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
