import type { Attribute, AttributeValue, Resource, Scope, Span, SpanEvent } from '@spoor/model';
import type { TraceQuery } from '../reader.ts';

/** 2026-01-01T00:00:00Z. Tests count from here, in nanoseconds. */
export const BEGINNING = 1_767_225_600_000_000_000n;
export const SECOND = 1_000_000_000n;

export function traceIdOf(number: number): string {
  return number.toString(16).padStart(32, '0');
}

export function spanIdOf(number: number): string {
  return number.toString(16).padStart(16, '0');
}

export function attributesOf(values: Readonly<Record<string, AttributeValue>>): Attribute[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

export function eventOf(name: string, values: Readonly<Record<string, AttributeValue>>): SpanEvent {
  return { timeUnixNano: BEGINNING, name, attributes: attributesOf(values), droppedAttributesCount: 0 };
}

export function resourceOf(values: Readonly<Record<string, AttributeValue>>): Resource {
  return { attributes: attributesOf(values), droppedAttributesCount: 0, schemaUrl: '' };
}

const NO_SCOPE: Scope = { name: '', version: '', attributes: [], droppedAttributesCount: 0, schemaUrl: '' };

/** What a test says of a span; the rest has quiet defaults. */
export interface SpanSketch extends Partial<Omit<Span, 'traceId' | 'spanId' | 'parentSpanId'>> {
  readonly trace: number;
  readonly span: number;
  readonly parent?: number;
  readonly service?: string;
  /** Nanoseconds after `BEGINNING`. */
  readonly start?: bigint;
  /** Nanoseconds. */
  readonly duration?: bigint;
  readonly tags?: Readonly<Record<string, AttributeValue>>;
}

export function spanOf(sketch: SpanSketch): Span {
  const { trace, span, parent, service = 'shop', start = 0n, duration = SECOND, tags = {}, ...rest } = sketch;
  return {
    traceId: traceIdOf(trace),
    spanId: spanIdOf(span),
    parentSpanId: parent === undefined ? '' : spanIdOf(parent),
    traceState: '',
    flags: 0,
    name: 'GET /',
    kind: 'server',
    startTimeUnixNano: BEGINNING + start,
    endTimeUnixNano: BEGINNING + start + duration,
    attributes: attributesOf(tags),
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: 'unset', message: '' },
    resource: resourceOf({ 'service.name': service }),
    scope: NO_SCOPE,
    ...rest,
  };
}

/** Everything in the hour around the beginning. */
export function queryOf(conditions: Partial<TraceQuery> = {}): TraceQuery {
  return {
    attributes: [],
    time: { startUnixNano: BEGINNING - 3600n * SECOND, endUnixNano: BEGINNING + 3600n * SECOND },
    limit: 20,
    ...conditions,
  };
}

/** By start, then span id: stores promise no order within a trace. */
export function inOrder(spans: readonly Span[]): Span[] {
  return spans.toSorted((a, b) =>
    a.startTimeUnixNano === b.startTimeUnixNano
      ? a.spanId.localeCompare(b.spanId)
      : a.startTimeUnixNano < b.startTimeUnixNano
        ? -1
        : 1,
  );
}
