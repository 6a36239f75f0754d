import { spanOfStoredMessage, storedMessageOf } from '@spoor/jaeger';
import type { Span } from '@spoor/model';
import { expect, test } from 'vitest';
import { keyOfStored, storedKey } from './stored-key.ts';

const SPAN: Span = {
  traceId: '000102030405060708090a0b0c0d0e0f',
  spanId: '1011121314151617',
  parentSpanId: '2021222324252627',
  traceState: '',
  flags: 1,
  name: 'op',
  kind: 'server',
  startTimeUnixNano: 1_767_225_600_000_001_001n,
  endTimeUnixNano: 1_767_225_600_001_001_001n,
  attributes: [
    { key: 'a', value: '1' },
    { key: 'b', value: 1n },
  ],
  droppedAttributesCount: 0,
  events: [{ timeUnixNano: 5_000n, name: 'e', attributes: [{ key: 'k', value: false }], droppedAttributesCount: 0 }],
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
  status: { code: 'error', message: 'x' },
  resource: { attributes: [{ key: 'service.name', value: 'shop' }], droppedAttributesCount: 0, schemaUrl: '' },
  scope: { name: 'n', version: 'v', attributes: [], droppedAttributesCount: 0, schemaUrl: '' },
};

test.each<[string, Partial<Span>]>([
  ['nanoseconds', { startTimeUnixNano: SPAN.startTimeUnixNano + 1n, endTimeUnixNano: SPAN.endTimeUnixNano + 1n }],
  ['attributes of the scope', { scope: { ...SPAN.scope, attributes: [{ key: 'a', value: 'b' }] } }],
  ['the order of attributes', { attributes: SPAN.attributes.toReversed() }],
  ['counts of what was dropped', { droppedEventsCount: 3 }],
])('%s make no difference', (_, change) => {
  expect(storedKey({ ...SPAN, ...change })).toBe(storedKey(SPAN));
});

test.each<[string, Partial<Span>]>([
  ['the parent', { parentSpanId: '' }],
  ['microseconds', { startTimeUnixNano: SPAN.startTimeUnixNano + 1_000n }],
  ['the type of a value', { attributes: [{ key: 'a', value: 1n }, SPAN.attributes[1]!] }],
  ['where a key ends', { attributes: [{ key: 'a ', value: '1' }, SPAN.attributes[1]!] }],
  ['events', { events: [{ ...SPAN.events[0]!, attributes: [] }] }],
  ['links', { links: [] }],
  ['the status', { status: { code: 'error', message: 'y' } }],
  ['the resource', { resource: { ...SPAN.resource, attributes: [{ key: 'service.name', value: 'cart' }] } }],
  ['the scope', { scope: { ...SPAN.scope, name: 'nv', version: '' } }],
])('%s make a difference', (_, change) => {
  expect(storedKey({ ...SPAN, ...change })).not.toBe(storedKey(SPAN));
});

test('a span that was read has the key that it was written with', () => {
  expect(keyOfStored(spanOfStoredMessage(storedMessageOf(SPAN)))).toBe(storedKey(SPAN));
});
