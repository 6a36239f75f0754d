import type { Span } from '@spoor/model';
import { expect, test } from 'vitest';
import { asStoredInCassandra, storedSpanMaker } from './stored-span.ts';

const SPAN: Span = {
  traceId: '0102030405060708090a0b0c0d0e0f10',
  spanId: '0000000000000001',
  parentSpanId: '',
  traceState: '',
  flags: 1,
  name: 'buy',
  kind: 'server',
  startTimeUnixNano: 1_000_000n,
  endTimeUnixNano: 2_000_000n,
  attributes: [{ key: '@jaeger@flags', value: 10n }],
  droppedAttributesCount: 0,
  events: [],
  droppedEventsCount: 0,
  links: [],
  droppedLinksCount: 0,
  status: { code: 'unset', message: '' },
  resource: { attributes: [{ key: 'service.name', value: 'shop' }], droppedAttributesCount: 0, schemaUrl: '' },
  scope: { name: '', version: '', attributes: [], droppedAttributesCount: 0, schemaUrl: '' },
};

test('debug and firehose are in the column of flags and in no tag, and come back', () => {
  const stored = storedSpanMaker()(SPAN);
  expect(stored).toMatchObject({ flags: 11, tags: [{ key: 'span.kind', value: 'server' }] });
  expect(asStoredInCassandra(SPAN)).toMatchObject({ flags: 1, attributes: SPAN.attributes });
});
