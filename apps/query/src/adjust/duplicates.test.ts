import { expect, test } from 'vitest';
import { id, resource, SCOPE, span } from '../test/spans.ts';
import { dropDuplicates } from './duplicates.ts';

const attributes = [
  { key: 'bytes', value: new Uint8Array([1, 2]) },
  { key: 'list', value: { entries: [{ key: 'n', value: [1n, 2.5, null] }] } },
];

test('a span that is equal in all it says is dropped, also when its objects are other ones', () => {
  const first = span({ attributes });
  const copy = structuredClone(first);
  const other = span({ spanId: id(2) });
  expect(dropDuplicates([first, other, copy])).toEqual([first, other]);
});

test('spans that differ in content, resource or scope stay', () => {
  const spans = [
    span({ attributes }),
    span({ attributes: [{ key: 'bytes', value: new Uint8Array([1, 3]) }] }),
    span({ attributes, resource: resource('other') }),
    span({ attributes, scope: { ...SCOPE, name: 'lib' } }),
  ];
  expect(dropDuplicates(spans)).toBe(spans);
});

test('an integer is not a double', () => {
  const spans = [span({ attributes: [{ key: 'n', value: 1n }] }), span({ attributes: [{ key: 'n', value: 1 }] })];
  expect(dropDuplicates(spans)).toHaveLength(2);
});
