import type { Span } from '@spoor/model';
import { DependencyCounts } from '@spoor/storage';
import { expect, test } from 'vitest';
import { PLAIN_SPAN } from '../../../../test/fixtures/plain-span.ts';
import { HeldTraces } from './held-traces.ts';

/** Of a service that is named after the span. */
function spanOf(traceId: string, spanId: string, parentSpanId = '', kind: Span['kind'] = 'client'): Span {
  return {
    ...PLAIN_SPAN,
    traceId,
    spanId,
    parentSpanId,
    name: 'o',
    kind,
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    resource: {
      attributes: [{ key: 'service.name', value: `${spanId}-${kind}` }],
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
  };
}

function heldOf(maxSpans?: number) {
  const counts = new DependencyCounts();
  const held = new HeldTraces(counts, maxSpans);
  return { held, links: () => counts.links().map(({ parent, child, callCount }) => `${parent} ${child} ${callCount}`) };
}

test('a parent may come after its child', () => {
  const { held, links } = heldOf();
  held.add(spanOf('t', 'b', 'a'), '1', undefined);
  held.add(spanOf('t', 'a'), '2', undefined);
  held.letGo(0);
  expect(links()).toEqual(['a-client b-client 1']);
  expect(held.orphans.size).toBe(0);
});

test('the traces that began first make way, and what lacks a parent is to be looked for', () => {
  const { held, links } = heldOf(4);
  for (const trace of ['t', 'u', 'v']) {
    held.add(spanOf(trace, 'a'), `${trace}1`, undefined);
    held.add(spanOf(trace, 'b', trace === 't' ? 'later' : 'a'), `${trace}2`, undefined);
  }
  expect([...held.orphans.keys()]).toEqual(['t']);
  expect(links()).toEqual([]);
  held.add(spanOf('t', 'c', 'b'), 't3', undefined);
  held.letGo(0);
  expect(held.orphans.get('t')?.map(({ spanId }) => spanId)).toEqual(['b', 'c']);
  expect(links()).toEqual(['a-client b-client 2']);
});

test('of a client and a server that share an id, the server has the calls', () => {
  const { held, links } = heldOf();
  held.add(spanOf('t', 'a'), '1', undefined);
  held.add(spanOf('t', 'a', '', 'server'), '2', undefined);
  held.add(spanOf('t', 'b', 'a'), '3', undefined);
  held.letGo(0);
  expect(links()).toEqual(['a-server b-client 1']);
});

test.each([
  {
    documents: [
      ['1', undefined],
      ['1', undefined],
    ],
    calls: 1,
    why: 'the same document in two indices',
  },
  {
    documents: [
      ['1', 'k'],
      [undefined, 'k'],
      [undefined, 'k'],
    ],
    calls: 1,
    why: 'in both layouts',
  },
  {
    documents: [
      [undefined, 'k'],
      ['1', 'k'],
    ],
    calls: 1,
    why: 'in both layouts, the other first',
  },
  {
    documents: [
      [undefined, 'k'],
      ['1', 'k'],
      ['2', 'k'],
    ],
    calls: 2,
    why: 'two that only one layout tells apart',
  },
  {
    documents: [
      [undefined, 'k'],
      [undefined, 'l'],
    ],
    calls: 2,
    why: 'two spans',
  },
] as const)('counts $calls: $why', ({ documents, calls }) => {
  const { held, links } = heldOf();
  held.add(spanOf('t', 'a'), '0', 'parent');
  for (const [id, key] of documents) held.add(spanOf('t', 'b', 'a'), id, key);
  held.letGo(0);
  expect(links()).toEqual([`a-client b-client ${calls}`]);
});
