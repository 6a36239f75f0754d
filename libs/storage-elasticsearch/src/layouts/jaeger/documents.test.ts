import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spanOfStoredMessage, storedMessageOf } from '@spoor/jaeger';
import type { Span } from '@spoor/model';
import { encodeTraces, SpanCursor } from '@spoor/otlp';
import { describe, expect, test } from 'vitest';
import { parseExactJson } from '../../exact-json.ts';
import { JsonBuffer } from '../../writer/json-buffer.ts';
import type { ExactObject } from '../layout.ts';
import { fnv64a } from './fnv64.ts';
import { createJaegerLayout } from './jaeger-layout.ts';

const layout = createJaegerLayout({ all: false, include: [], dotReplacement: '@' }, { isStream: false });
const golden = (name: string) => readFileSync(join(import.meta.dirname, '../../../golden/jaeger', name), 'utf8');
const sourceOf = (name: string) => parseExactJson(golden(name)) as ExactObject;

const RESOURCE = {
  attributes: [
    { key: 'service.name', value: 'cart' },
    { key: 'host.name', value: 'h1' },
  ],
  droppedAttributesCount: 0,
  schemaUrl: '',
};
const SPAN: Span = {
  traceId: '00000000000000000123456789abcdef',
  spanId: '00f067aa0ba902b7',
  parentSpanId: '00000000000000a1',
  traceState: 'a=b',
  flags: 1,
  name: 'GET /',
  kind: 'server',
  startTimeUnixNano: 1_767_225_600_000_001_999n,
  endTimeUnixNano: 1_767_225_600_001_001_999n,
  attributes: [
    { key: 'http.method', value: 'GET' },
    { key: 'http.status_code', value: 500n },
    { key: 'large', value: 9_007_199_254_740_993n },
    { key: 'ratio', value: 0.5 },
    { key: 'retry', value: false },
    { key: 'key', value: Uint8Array.of(0, 171, 255) },
    { key: 'list', value: ['a', 1n] },
    { key: 'error', value: 'timeout' },
  ],
  droppedAttributesCount: 0,
  events: [
    {
      timeUnixNano: 1_767_225_600_000_500_000n,
      name: 'exception',
      attributes: [{ key: 'exception.type', value: 'Error' }],
      droppedAttributesCount: 0,
    },
  ],
  droppedEventsCount: 0,
  links: [
    {
      traceId: 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
      spanId: '3031323334353637',
      traceState: '',
      attributes: [],
      droppedAttributesCount: 0,
      flags: 0,
    },
  ],
  droppedLinksCount: 0,
  status: { code: 'error', message: 'no stock' },
  resource: RESOURCE,
  scope: { name: 'lib', version: '1', attributes: [], droppedAttributesCount: 0, schemaUrl: '' },
};

/** The lines of a bulk request, for these spans. */
function bulkLines(spans: readonly Span[], tenant = 'default', of = layout): string[] {
  const cursor = new SpanCursor(encodeTraces(spans));
  const out = new JsonBuffer();
  const encoder = of.spanEncoder();
  const action = new TextEncoder().encode('{"create":{"_index":"jaeger-span-2026-01-01","_id":"');
  while (cursor.next()) encoder.append(cursor, tenant, action, out);
  return new TextDecoder().decode(out.content()).trimEnd().split('\n');
}

describe('what is written', () => {
  test('is the document of CONTRACT §5.2, field by field', () => {
    const [action, document] = bulkLines([SPAN]);
    expect(parseExactJson(document!)).toEqual(sourceOf('span-of-spoor.json'));
    const hash = fnv64a(new TextEncoder().encode(document));
    expect(action).toBe(
      `{"create":{"_index":"jaeger-span-2026-01-01","_id":"${SPAN.traceId}_${SPAN.spanId}_${hash}"}}`,
    );
  });

  test('has its fields in the order of the peer', () => {
    const keys = Object.keys(JSON.parse(bulkLines([SPAN])[1]!));
    expect(keys).toEqual(Object.keys(JSON.parse(golden('span-of-spoor.json'))));
  });

  test('names the tenant, unless it is the default one', () => {
    expect(JSON.parse(bulkLines([SPAN], 'acme')[1]!)).toMatchObject({ tenant: 'acme' });
    expect(JSON.parse(bulkLines([SPAN])[1]!)).not.toHaveProperty('tenant');
  });

  test('gives the same span the same id, and another another', () => {
    const ids = (...spans: Span[]) => spans.map((span) => bulkLines([span])[0]);
    const other = { ...SPAN, attributes: [] };
    const elsewhere = { ...SPAN, resource: { ...RESOURCE, attributes: [{ key: 'service.name', value: 'cart' }] } };
    expect(bulkLines([other, elsewhere, SPAN])).toContain(ids(SPAN)[0]);
    expect(new Set(ids(SPAN, other, elsewhere)).size).toBe(3);
  });

  test('comes back as the span that a schema of the peer can hold', () => {
    const back = layout.decode(parseExactJson(bulkLines([SPAN])[1]!) as ExactObject);
    expect(back).toEqual(spanOfStoredMessage(storedMessageOf(SPAN)));
  });

  test('tags become fields as the settings say, but none that would not come back as it was', () => {
    const fields = createJaegerLayout({ all: true, include: [], dotReplacement: '@' }, { isStream: false });
    const attributes = [
      ...SPAN.attributes,
      { key: 'whole', value: 1 },
      { key: 'a@b', value: 'x' },
      { key: '*', value: 'x' },
      { key: '', value: 'y' },
    ];
    const document = JSON.parse(bulkLines([{ ...SPAN, attributes }], 'default', fields)[1]!);
    expect(document.tag).toMatchObject({ 'http@method': 'GET', 'http@status_code': 500, ratio: 0.5, error: true });
    expect(document.tags.map(({ key }: { key: string }) => key)).toEqual(['key', 'error', 'whole', 'a@b', '*', '']);
    expect(document.process).toEqual({ serviceName: 'cart', tags: [], tag: { 'host@name': 'h1' } });
  });
});

describe('what is read', () => {
  const expected: Partial<Span> = {
    traceId: SPAN.traceId,
    spanId: SPAN.spanId,
    parentSpanId: SPAN.parentSpanId,
    startTimeUnixNano: 1_767_225_600_000_001_000n,
    endTimeUnixNano: 1_767_225_600_001_001_000n,
    kind: 'server',
    status: { code: 'error', message: '' },
    name: 'GET /',
  };

  test.each(['span-of-v1.json', 'span-of-v1-fields.json', 'span-of-v2.json', 'span-of-v2-20.json'])('%s', (name) => {
    const span = layout.decode(sourceOf(name));
    expect(span).toMatchObject(expected);
    const byKey = (attributes: Span['attributes']) =>
      Object.fromEntries(attributes.map(({ key, value }) => [key, value]));
    expect(byKey(span.attributes)).toEqual({
      'http.method': 'GET',
      'http.status_code': 500n,
      large: 9_007_199_254_740_993n,
      ratio: 0.5,
      retry: false,
      key: Uint8Array.of(0, 171, 255),
    });
    expect(byKey(span.resource.attributes)).toEqual({ 'service.name': 'cart', 'host.name': 'h1' });
    expect(span.events).toMatchObject([{ name: 'exception', timeUnixNano: 1_767_225_600_000_500_000n }]);
    expect(span.links.map(({ spanId }) => spanId)).toEqual(['3031323334353637']);
  });

  test.each([
    {},
    { traceID: 'xyz', spanID: '1' },
    { traceID: '1', spanID: '1', startTime: 'soon' },
    { traceID: '1', spanID: '1', startTime: 0.5 },
    { traceID: '1', spanID: '1', tags: {} },
    { traceID: '1', spanID: '1', tags: ['a'] },
    { traceID: '1', spanID: '1', process: [] },
    { traceID: '1', spanID: '1', references: [{ refType: 'CHILD_OF', traceID: '', spanID: '1' }] },
  ])('%j is refused', (source) => {
    expect(() => layout.decode(source as unknown as ExactObject)).toThrow(
      expect.objectContaining({ code: 'SPOOR_STORAGE_CORRUPT' }),
    );
  });

  test.each([
    ['float64', 'NaN', Number.NaN],
    ['float64', '+Inf', Number.POSITIVE_INFINITY],
    ['float64', '1e+10', 1e10],
    ['float64', 3, 3],
    ['float64', 'x', 'x'],
    ['int64', '-5', -5n],
    ['int64', '99999999999999999999', '99999999999999999999'],
    ['bool', 'true', true],
    ['bool', 'maybe', 'maybe'],
    ['binary', 'AAEC', Uint8Array.of(0, 1, 2)],
    ['binary', '', new Uint8Array(0)],
    ['string', 7, '7'],
    [undefined, 7, 7n],
  ] as const)('a tag of type %s with the value %j', (type, value, meant) => {
    const source = { ...sourceOf('span-of-v2.json'), tags: [{ key: 'k', type, value }], tag: {} };
    expect(layout.decode(source as unknown as ExactObject).attributes).toEqual([{ key: 'k', value: meant }]);
  });
});

test.each([
  ['', 'cbf29ce484222325'],
  ['a', 'af63dc4c8601ec8c'],
  ['foobar', '85944171f73967e8'],
])('the hash of %j is the published one', (text, hash) => {
  expect(fnv64a(new TextEncoder().encode(text))).toBe(hash);
});

test('a service entry is the document of CONTRACT §5.3 and the kind', () => {
  const entry = { tenant: 'default', service: 'foo', operation: 'bar', kindNumber: 2 };
  const { id, json } = layout.serviceDocument(entry);
  expect(json).toBe('{"serviceName":"foo","operationName":"bar","tag":{"span@kind":"server"}}');
  expect(id).toMatch(/^85944171f73967e8_[0-9a-f]{16}_server$/);
  const ids = [{ service: 'foob', operation: 'ar' }, { kindNumber: 3 }, { tenant: 'acme' }].map(
    (other) => layout.serviceDocument({ ...entry, ...other }).id,
  );
  expect(new Set([id, ...ids]).size).toBe(4);
});
