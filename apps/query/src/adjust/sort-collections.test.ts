import { expect, test } from 'vitest';
import { event, link, resource, span } from '../test/spans.ts';
import { sortCollections } from './sort-collections.ts';

const unsorted = [
  { key: 'b', value: 'first' },
  { key: 'a', value: true },
  { key: 'b', value: 'second' },
];
const sorted = [
  { key: 'a', value: true },
  { key: 'b', value: 'first' },
  { key: 'b', value: 'second' },
];

test('attributes come in the order of their keys wherever they are, events in the order of their names', () => {
  const [adjusted] = sortCollections([
    span({
      attributes: unsorted,
      events: [event({ name: 'z', attributes: unsorted }), event({ name: 'y' })],
      links: [link({ attributes: unsorted })],
      resource: resource('shop', unsorted),
    }),
  ]);
  expect(adjusted?.attributes).toEqual(sorted);
  expect(adjusted?.links[0]?.attributes).toEqual(sorted);
  expect(adjusted?.events.map(({ name }) => name)).toEqual(['y', 'z']);
  expect(adjusted?.events[1]?.attributes).toEqual(sorted);
  expect(adjusted?.resource.attributes).toEqual([...sorted, { key: 'service.name', value: 'shop' }]);
});

test('what is in order is not copied, and spans of one resource go on sharing it', () => {
  const spans = [span({ attributes: sorted })];
  expect(sortCollections(spans)).toBe(spans);
  const shared = resource('shop', unsorted);
  const [a, b] = sortCollections([span({ resource: shared }), span({ resource: shared })]);
  expect(a?.resource).toBe(b?.resource);
});
