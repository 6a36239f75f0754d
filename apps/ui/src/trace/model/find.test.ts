import type { Span } from '@spoor/model';
import { expect, test } from 'vitest';
import { findRows, isEmptyFind, parseFind, SpanMatcher } from './find.ts';
import { spanForTest } from './trace-for-tests.ts';

const span = spanForTest('ab', 'cd', 0, 10, {
  name: 'GET /cart/{id}',
  service: 'Frontend',
  kind: 'server',
  attributes: [
    { key: 'http.response.status_code', value: 503n },
    { key: 'db.statement', value: 'SELECT * FROM carts' },
    { key: 'tags', value: ['blue', { entries: [{ key: 'nested', value: 'Deep' }] }] },
    { key: '@jaeger@warnings', value: ['clock skew'] },
  ],
  events: [
    {
      timeUnixNano: 1n,
      name: 'exception',
      attributes: [{ key: 'exception.message', value: 'Connection reset' }],
      droppedAttributesCount: 0,
    },
  ],
  status: { code: 'error', message: 'upstream failed' },
});

function finds(text: string, of: Span = span): boolean {
  return new SpanMatcher(parseFind(text)).matches(of);
}

test.each([
  ['cart', 'the name'],
  ['frontend', 'the service, whatever its case'],
  ['SERVER', 'the kind'],
  ['status_code', 'a key'],
  ['503', 'a number'],
  ['http.response.status_code=503', 'key=value'],
  ['from', 'a text'],
  ['deep', 'a nested value'],
  ['frontend-1', 'the resource'],
  ['exception', 'an event'],
  ['reset', 'an attribute of an event'],
  ['upstream', 'the status message'],
  ['skew', 'a warning'],
  ['00000000000000ab', 'the span id'],
  ['get reset', 'two words in different places'],
  ['"connection reset"', 'words that stand together'],
])('%s is found: %s', (text) => {
  expect(finds(text)).toBe(true);
});

test.each(['cartoon', 'get nowhere', '"reset connection"', '0000000000ab', '@jaeger@warnings', '-db.statement carts'])(
  '%s is not found',
  (text) => {
    expect(finds(text)).toBe(false);
  },
);

test('several span ids find each of their spans', () => {
  const text = '00000000000000ab 00000000000000ee';
  expect(finds(text)).toBe(true);
  expect(finds(text, spanForTest('ee', '', 0, 1))).toBe(true);
  expect(finds(text, spanForTest('ef', '', 0, 1))).toBe(false);
});

test('nothing typed is an empty find and matches nothing', () => {
  for (const text of ['', '  ', '""', '-key']) {
    expect(isEmptyFind(parseFind(text))).toBe(true);
    expect(finds(text)).toBe(false);
  }
});

test('rows come ascending, and a cancelled find ends with none', async () => {
  const count = 5_000;
  const spans = Array.from({ length: count }, (_, i) =>
    spanForTest(i.toString(16), '', i, i + 1, { name: `n${i % 2}` }),
  );
  const spanAt = (row: number) => spans[row] as Span;
  const pause = () => Promise.resolve();
  const rows = await findRows(count, spanAt, parseFind('n1'), pause, () => false);
  expect(rows).toHaveLength(2_500);
  expect(rows?.slice(0, 3)).toEqual(Int32Array.of(1, 3, 5));
  let pauses = 0;
  const cancelled = await findRows(count, spanAt, parseFind('n1'), pause, () => (pauses += 1) > 1);
  expect(cancelled).toBeUndefined();
  expect(pauses).toBe(2);
});
