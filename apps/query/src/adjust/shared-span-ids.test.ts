import { expect, test } from 'vitest';
import { id, span } from '../test/spans.ts';
import { separateSharedSpanIds } from './shared-span-ids.ts';

test('the server gets a fresh id below the client, and takes over the children', () => {
  const root = span({ spanId: id(1) });
  const client = span({ spanId: id(7), parentSpanId: id(1), kind: 'client' });
  const server = span({ spanId: id(7), parentSpanId: id(1), kind: 'server' });
  const child = span({ spanId: id(8), parentSpanId: id(7) });
  const [, clientAfter, serverAfter, childAfter] = separateSharedSpanIds([root, client, server, child]);
  expect(clientAfter).toBe(client);
  // 1 is the root's.
  expect(serverAfter).toMatchObject({ spanId: id(2), parentSpanId: id(7) });
  expect(childAfter?.parentSpanId).toBe(id(2));
});

test('two servers of one id do not share it afterwards', () => {
  const shared = { spanId: id(7), kind: 'server' } as const;
  const after = separateSharedSpanIds([span({ spanId: id(7), kind: 'client' }), span(shared), span(shared)]);
  expect(after.map(({ spanId }) => spanId)).toEqual([id(7), id(1), id(2)]);
});

test('a server span alone keeps its id', () => {
  const spans = [span({ kind: 'server' }), span({ spanId: id(2), kind: 'client' })];
  expect(separateSharedSpanIds(spans)).toBe(spans);
});
