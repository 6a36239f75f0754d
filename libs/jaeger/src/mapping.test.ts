import type { Span } from '@spoor/model';
import { decodeTraces, encodeTraces } from '@spoor/otlp';
import { expect, test } from 'vitest';
import { GOLDEN_SPAN } from './golden-span.ts';
import { decodeJaegerSpanJson } from './json-decode.ts';
import { encodeJaegerSpanJson } from './json-encode.ts';
import { decodeJaegerSpan } from './proto-decode.ts';
import { encodeJaegerSpan } from './proto-encode.ts';
import { storedMessageOf } from './stored.ts';

const TRACE = '000102030405060708090a0b0c0d0e0f';
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
const id = (digit: number) => base64(String(digit).repeat(16));

/** A span of the peer with these fields beside its ids. */
function decoded(fields: object): Span {
  const json = { traceId: base64(TRACE), spanId: id(1), ...fields };
  return decodeJaegerSpanJson(Buffer.from(JSON.stringify(json)));
}

/** A span as the JSON of the peer. */
function encoded(change: Partial<Span>): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(encodeJaegerSpanJson({ ...GOLDEN_SPAN, ...change })));
}

const text = (key: string, vStr: string) => ({ key, vStr });
const ERROR_TAG = { key: 'error', vType: 'BOOL', vBool: true };
const http = (code: number) => ({ key: 'http.status_code', vType: 'INT64', vInt64: String(code) });

test.each([
  { tags: [ERROR_TAG], code: 'error', left: 0 },
  { tags: [ERROR_TAG, text('otel.status_code', 'OK')], code: 'error', left: 0 },
  { tags: [text('error', 'true')], code: 'unset', left: 1 },
  { tags: [{ key: 'error', vType: 'BOOL' }], code: 'unset', left: 1 },
  { tags: [text('otel.status_code', 'ok')], code: 'ok', left: 0 },
  { tags: [text('otel.status_code', 'ERROR')], code: 'error', left: 0 },
  { tags: [text('otel.status_code', 'odd')], code: 'unset', left: 1 },
  { tags: [http(500)], code: 'error', left: 1 },
  { tags: [http(499)], code: 'unset', left: 1 },
  { tags: [text('http.status_code', '503')], code: 'error', left: 1 },
  { tags: [http(404), text('span.kind', 'client')], code: 'error', left: 1 },
  { tags: [http(404), text('span.kind', 'server')], code: 'unset', left: 1 },
  { tags: [http(500), text('otel.status_code', 'OK')], code: 'ok', left: 1 },
  { tags: [http(500), text('otel.status_code', 'UNSET')], code: 'unset', left: 1 },
])('the status of $tags is $code', ({ tags, code, left }) => {
  const span = decoded({ tags });
  expect(span.status.code).toBe(code);
  expect(span.attributes).toHaveLength(left);
});

const reference = (spanDigit: number, refType: string, traceId = TRACE) => ({
  traceId: base64(traceId),
  spanId: id(spanDigit),
  refType,
});

test('the parent is the first CHILD_OF of the trace, the others are links', () => {
  const references = [
    reference(2, 'FOLLOWS_FROM'),
    reference(3, 'CHILD_OF', 'ff'.repeat(16)),
    reference(4, 'CHILD_OF'),
    reference(5, 'CHILD_OF'),
    reference(4, 'CHILD_OF'),
  ];
  const span = decoded({ references });
  expect(span.parentSpanId).toBe('4'.repeat(16));
  expect(span.links.map(({ spanId, attributes }) => [spanId[0], attributes[0]?.value])).toEqual([
    ['2', undefined],
    ['3', 'child_of'],
    ['5', 'child_of'],
  ]);
});

test('without a CHILD_OF of the trace, the first FOLLOWS_FROM of it is the parent, and stays a link', () => {
  const span = decoded({ references: [reference(2, 'FOLLOWS_FROM', 'ff'.repeat(16)), reference(3, 'FOLLOWS_FROM')] });
  expect(span.parentSpanId).toBe('3'.repeat(16));
  expect(span.links.map(({ spanId }) => spanId[0])).toEqual(['2', '3']);
});

test('keys of older clients get their names of today', () => {
  const tags = [text('hostname', 'h'), text('jaeger.version', 'Go-2.30'), text('ip', '::1')];
  expect(decoded({ process: { serviceName: 'shop', tags } }).resource.attributes).toEqual([
    { key: 'service.name', value: 'shop' },
    { key: 'host.name', value: 'h' },
    { key: 'opencensus.exporterversion', value: 'Jaeger-Go-2.30' },
    { key: 'ip', value: '::1' },
  ]);
});

test('no process, and the name that stands for none, are an empty resource', () => {
  expect(decoded({}).resource.attributes).toEqual([]);
  expect(decoded({ process: { serviceName: 'OTLPResourceNoServiceName' } }).resource.attributes).toEqual([]);
});

test('a trace id of 8 bytes is the lower half', () => {
  expect(decoded({ traceId: id(7) }).traceId).toBe('0'.repeat(16) + '7'.repeat(16));
});

test.each([
  { flags: 0, sampled: 0, others: undefined },
  { flags: 1, sampled: 1, others: undefined },
  { flags: 2, sampled: 0, others: 2n },
  { flags: 3, sampled: 1, others: 2n },
  { flags: 8, sampled: 0, others: 8n },
  { flags: 11, sampled: 1, others: 10n },
])('of the flags $flags, debug and firehose travel in an attribute, and all come out as they were', (want) => {
  const span = decoded({ flags: want.flags });
  expect(span.flags).toBe(want.sampled);
  expect(span.attributes).toEqual(want.others === undefined ? [] : [{ key: '@jaeger@flags', value: want.others }]);
  const otlp = decodeTraces(encodeTraces([span]))[0]!;
  expect(decodeJaegerSpan(encodeJaegerSpan(otlp))).toMatchObject({ flags: span.flags, attributes: span.attributes });
  const json = encoded(otlp);
  expect([json['flags'] ?? 0, json['tags'] ?? []]).toEqual([want.flags, []]);
  const stored = storedMessageOf(otlp);
  expect([stored.flags, stored.tags]).toEqual([want.flags, []]);
});

test("W3C's random is not debug, and an attribute that holds no flags stays a tag", () => {
  expect(encoded({ flags: 0x103 })['flags']).toBe(1);
  const attributes = [0n, 1n, 4n, 7n, '2', 2].map((value) => ({ key: '@jaeger@flags', value }));
  const json = encoded({ flags: 0, attributes });
  expect(json['flags']).toBeUndefined();
  const tags = json['tags'] as readonly { readonly key: string }[];
  expect(tags.filter(({ key }) => key === '@jaeger@flags')).toHaveLength(6);
});

test('what the message cannot hold is left out or becomes text', () => {
  const link = { ...GOLDEN_SPAN.links[0]!, spanId: 'aa' };
  const parent = { ...link, traceId: TRACE, spanId: GOLDEN_SPAN.parentSpanId };
  const json = encoded({
    links: [link, parent],
    kind: 'unspecified',
    status: { code: 'ok', message: '' },
    scope: { ...GOLDEN_SPAN.scope, name: '', version: '' },
    traceState: '',
    attributes: [
      { key: 'list', value: [1n, 'x', { entries: [{ key: 'k', value: null }] }] },
      { key: 'null', value: null },
    ],
    resource: { attributes: [], droppedAttributesCount: 0, schemaUrl: '' },
  });
  expect(json['references']).toEqual([{ traceId: base64(TRACE), spanId: base64('2021222324252627') }]);
  expect(json['tags']).toEqual([text('list', '[1,"x",{"k":null}]'), { key: 'null' }, text('otel.status_code', 'OK')]);
  expect(json['process']).toEqual({ serviceName: 'OTLPResourceNoServiceName' });
});

test.each([
  [0n, '1970-01-01T00:00:00Z'],
  [1_000_000n, '1970-01-01T00:00:00.001Z'],
  [1_001_000n, '1970-01-01T00:00:00.001001Z'],
  [(1n << 64n) - 1n, '2554-07-21T23:34:33.709551615Z'],
])('the time %s is %s', (time, words) => {
  const json = encoded({ startTimeUnixNano: time, endTimeUnixNano: time });
  expect(json['startTime']).toBe(words);
  expect(json).not.toHaveProperty('duration');
  expect(decoded({ startTime: words }).startTimeUnixNano).toBe(time);
});

test('a span that ends before it starts keeps both times', () => {
  const json = encoded({ startTimeUnixNano: 2_000_000_000n, endTimeUnixNano: 500_000_000n });
  expect(json['duration']).toBe('-1.500s');
  expect(decoded({ startTime: json['startTime'], duration: json['duration'] }).endTimeUnixNano).toBe(500_000_000n);
});
