import type { AttributeValue, Span } from '@spoor/model';
import { decodeTraces, encodeTraces, SpanCursor } from '@spoor/otlp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitrarySpans } from '../../../../../test/fixtures/arbitrary-spans.ts';
import { PLAIN_SPAN } from '../../../../../test/fixtures/plain-span.ts';
import { JsonBuffer } from '../../writer/json-buffer.ts';
import type { ExactJson, ExactObject } from '../layout.ts';
import { spoorLayout } from './spoor-layout.ts';
import { MAX_TERM_BYTES } from './term.ts';

interface Line {
  readonly id: string;
  readonly source: ExactObject;
}

/** Integers as bigints where doubles are not exact, as the reader parses answers. */
function parseExactly(json: string): ExactJson {
  const parse = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source: string }) => unknown,
  ) => ExactJson;
  return parse(json, (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value,
  );
}

function linesOf(spans: readonly Span[], tenant = 'default'): Line[] {
  const out = new JsonBuffer(16);
  const encoder = spoorLayout.spanEncoder();
  const cursor = new SpanCursor(encodeTraces(spans));
  const action = new TextEncoder().encode('{"create":{"_index":"i","_id":"');
  while (cursor.next()) encoder.append(cursor, tenant, action, out);
  const lines = new TextDecoder('utf-8', { fatal: true }).decode(out.content()).split('\n');
  expect(lines.pop()).toBe('');
  const pairs: Line[] = [];
  for (let i = 0; i < lines.length; i += 2) {
    const { create } = JSON.parse(lines[i]!) as { create: { _id: string } };
    pairs.push({ id: create._id, source: parseExactly(lines[i + 1]!) as ExactObject });
  }
  return pairs;
}

function roundTrip(spans: readonly Span[]): Span[] {
  return linesOf(spans).map(({ source }) => spoorLayout.decode(source));
}

function spanWith(attributes: readonly { key: string; value: AttributeValue }[]): Span {
  return {
    ...PLAIN_SPAN,
    traceId: `${'0'.repeat(31)}1`,
    spanId: `${'0'.repeat(15)}2`,
    name: 'o',
    startTimeUnixNano: 1_767_225_600_000_000_001n,
    endTimeUnixNano: 1_767_225_600_000_001_000n,
    attributes,
  };
}

describe('a document of the layout spoor', () => {
  test('gives every span back as it was', () => {
    fc.assert(
      fc.property(arbitrarySpans, (spans) => {
        expect(roundTrip(spans)).toEqual(decodeTraces(encodeTraces(spans)));
      }),
      { numRuns: 300 },
    );
  });

  const LONG = 'ü'.repeat(MAX_TERM_BYTES);
  test.each<[string, string, AttributeValue]>([
    ['an equals sign in the key', 'a=b', 'c'],
    ['a backslash in the key', 'a\\', '=b'],
    ['a key that looks hashed', '\\#00', 'x'],
    ['an empty key', '', 'x'],
    ['quotes and control characters', 'a"\n\u0001', '"\\\u0000\u007f\u2028'],
    ['a value longer than a term', 'k', LONG],
    ['a key longer than a term', LONG, 'v'],
    ['a long key of an integer', LONG, 5n],
    ['the smallest integer', 'k', -(1n << 63n)],
    ['the greatest integer', 'k', (1n << 63n) - 1n],
    ['minus zero', 'k', -0],
    ['not a number', 'k', Number.NaN],
    ['infinity', 'k', Number.NEGATIVE_INFINITY],
    ['the smallest double', 'k', 5e-324],
    ['integers in an array', 'k', [1n, -(1n << 62n)]],
    ['doubles in an array', 'k', [1, 1.5]],
    ['texts that look like bytes', 'k', ['00', new Uint8Array([0])]],
    ['a map in a map', 'k', { entries: [{ key: '__proto__', value: { entries: [] } }] }],
    ['nothing', 'k', null],
  ])('gives back %s', (_what, key, value) => {
    const span = spanWith([
      { key: 'before', value: 'x' },
      { key, value },
      { key: 'after', value: 1n },
    ]);
    expect(roundTrip([span])).toEqual([span]);
  });

  test('has no term that Lucene would refuse', () => {
    const span = spanWith([
      { key: LONG, value: LONG },
      { key: LONG, value: 1n },
      { key: '='.repeat(900), value: LONG },
    ]);
    const { source } = linesOf([{ ...span, name: LONG }])[0]!;
    const terms = [source['operation'], ...(source['attributes'] as string[]), ...(source['numbers'] as string[])];
    expect(terms.map((term) => Buffer.byteLength(term as string) <= MAX_TERM_BYTES)).toEqual(terms.map(() => true));
  });

  test('is named by tenant, resource, scope and content, and begins with the end of the trace id', () => {
    const span = spanWith([{ key: 'k', value: 'v' }]);
    const others = [
      { ...span, name: 'p' },
      { ...span, resource: { ...span.resource, schemaUrl: 'r' } },
      { ...span, scope: { ...span.scope, schemaUrl: 'r' } },
      { ...span, scope: { ...span.scope, name: 'r' } },
    ];
    const id = linesOf([span])[0]!.id;
    const ids = [...others.map((other) => linesOf([other])[0]!.id), linesOf([span], 'another')[0]!.id];
    expect(linesOf([span])[0]!.id).toBe(id);
    expect(new Set([id, ...ids]).size).toBe(6);
    expect(Buffer.from(id, 'base64url').subarray(0, 4).toString('hex')).toBe(span.traceId.slice(24));
  });
});
