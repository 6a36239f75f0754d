import type { Resource, Scope, Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { SpanFacts } from './span-facts.ts';
import { StringTable } from './string-table.ts';
import { TraceReader } from './trace-reader.ts';

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const startNano = 1_790_000_000_000_000_000n;

const scope: Scope = { name: 'http', version: '1.0', attributes: [], droppedAttributesCount: 0, schemaUrl: '' };
const resources = new Map<string, Resource>();

function resourceOf(service: string): Resource {
  let resource = resources.get(service);
  if (resource === undefined) {
    resource = {
      attributes: [
        { key: 'service.name', value: service },
        { key: 'host.name', value: `${service}-1` },
      ],
      droppedAttributesCount: 0,
      schemaUrl: '',
    };
    resources.set(service, resource);
  }
  return resource;
}

/** A span from `start` to `end`, both in microseconds after a fixed moment. `id` is padded to a span id. */
export function spanForTest(
  id: string,
  parent: string,
  start: number,
  end: number,
  overrides: Partial<Span> & { readonly service?: string } = {},
): Span {
  const { service = 'shop', ...rest } = overrides;
  return {
    traceId: TRACE_ID,
    spanId: id.padStart(16, '0'),
    parentSpanId: parent === '' ? '' : parent.padStart(16, '0'),
    traceState: '',
    flags: 1,
    name: `op ${id}`,
    kind: 'internal',
    startTimeUnixNano: startNano + BigInt(Math.round(start * 1000)),
    endTimeUnixNano: startNano + BigInt(Math.round(end * 1000)),
    attributes: [],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: 'unset', message: '' },
    resource: resourceOf(service),
    scope,
    ...rest,
  };
}

/** What the reader makes of the spans when they come in one piece. */
export function factsForTest(spans: readonly Span[]): SpanFacts {
  const reader = new TraceReader();
  reader.push(encodeTraces(spans));
  reader.end();
  return reader.facts;
}

/** The ids as the tree takes them; `''` is no parent. */
export function numberedIds(spanIds: readonly string[], parentSpanIds: readonly string[]) {
  const table = new StringTable();
  const spanId = spanIds.map((id) => table.indexOf(id));
  const parentSpanId = parentSpanIds.map((id) => (id === '' ? -1 : table.indexOf(id)));
  return { ids: table.strings, spanId, parentSpanId };
}
