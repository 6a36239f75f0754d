import { expect, test } from 'vitest';
import { attributesAsJson, plainText, prettyText, safeUrl, typeOf } from './attribute-text.ts';

test('values are written as people write them', () => {
  expect(plainText('a "b"')).toBe('a "b"');
  expect(plainText(9_223_372_036_854_775_807n)).toBe('9223372036854775807');
  expect(plainText(0.5)).toBe('0.5');
  expect(plainText(null)).toBe('null');
  expect(plainText(Uint8Array.of(0, 255))).toBe('"00ff"');
  expect(plainText(['a', 1n, { entries: [{ key: 'k', value: true }] }])).toBe('["a", 1, {"k": true}]');
});

test('values with an inside unfold, JSON in text too', () => {
  expect(prettyText('{"a":[1,2]}')).toBe('{\n  "a": [\n    1,\n    2\n  ]\n}');
  expect(prettyText(['a', { entries: [{ key: 'k', value: [] }] }])).toBe('[\n  "a",\n  {\n    "k": []\n  }\n]');
  for (const plain of ['hello', '{not json', '12', '"text"']) expect(prettyText(plain)).toBeUndefined();
  for (const plain of [null, 1n, 2, true, Uint8Array.of(1)]) expect(prettyText(plain)).toBeUndefined();
});

test('types have their OTLP names', () => {
  const values = ['', true, 1n, 1, null, Uint8Array.of(), [], { entries: [] }];
  expect(values.map(typeOf)).toEqual(['string', 'bool', 'int64', 'double', 'empty', 'bytes', 'array', 'map']);
});

test('attributes become one JSON object', () => {
  const json = attributesAsJson([
    { key: 'a', value: 'x' },
    { key: '__proto__', value: 2n },
  ]);
  expect(json).toBe('{\n  "a": "x",\n  "__proto__": 2\n}');
});

test('only http and https addresses may be followed', () => {
  expect(safeUrl('https://example.org/a?b=c')).toBe('https://example.org/a?b=c');
  for (const text of [
    'javascript:alert(1)',
    ' https://example.org',
    'https://exa mple.org',
    'data:text/html,x',
    'ftp://example.org',
    'http://',
    'example.org',
  ]) {
    expect(safeUrl(text)).toBeUndefined();
  }
});
