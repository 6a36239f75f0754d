import type { Resource, Scope, Span, SpanEvent, SpanLink } from '@spoor/model';

/** 2026-01-31T12:00:00Z */
export const NOON = 1_769_860_800_000_000_000n;
export const MS = 1_000_000n;

export const TRACE_A = '0af7651916cd43dd8448eb211c80319c';
export const TRACE_SHORT = '00000000000000008448eb211c80319c';

export function resource(serviceName: string, attributes: Resource['attributes'] = []): Resource {
  return {
    attributes: [{ key: 'service.name', value: serviceName }, ...attributes],
    droppedAttributesCount: 0,
    schemaUrl: '',
  };
}

export const SCOPE: Scope = { name: '', version: '', attributes: [], droppedAttributesCount: 0, schemaUrl: '' };

const SHOP = resource('shop');

/** A span of 10 ms that starts at noon, unless told otherwise. */
export function span(overrides: Partial<Span> = {}): Span {
  const startTimeUnixNano = overrides.startTimeUnixNano ?? NOON;
  return {
    traceId: TRACE_A,
    spanId: id(1),
    parentSpanId: '',
    traceState: '',
    flags: 0,
    name: 'op',
    kind: 'unspecified',
    startTimeUnixNano,
    endTimeUnixNano: startTimeUnixNano + 10n * MS,
    attributes: [],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: 'unset', message: '' },
    resource: SHOP,
    scope: SCOPE,
    ...overrides,
  };
}

export function event(overrides: Partial<SpanEvent> = {}): SpanEvent {
  return { timeUnixNano: NOON, name: 'log', attributes: [], droppedAttributesCount: 0, ...overrides };
}

export function link(overrides: Partial<SpanLink> = {}): SpanLink {
  return {
    traceId: TRACE_A,
    spanId: id(99),
    traceState: '',
    attributes: [],
    droppedAttributesCount: 0,
    flags: 0,
    ...overrides,
  };
}

/** A span id of a number. */
export function id(number: number): string {
  return number.toString(16).padStart(16, '0');
}

export function warningsIn(subject: Span | undefined): unknown {
  return subject?.attributes.find(({ key }) => key === '@jaeger@warnings')?.value;
}
