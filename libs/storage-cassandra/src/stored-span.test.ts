import type { Span } from '@spoor/model';
import { expect, test } from 'vitest';
import { PLAIN_SPAN } from '../../../test/fixtures/plain-span.ts';
import { asStoredInCassandra, storedSpanMaker } from './stored-span.ts';

const SPAN: Span = {
  ...PLAIN_SPAN,
  flags: 1,
  attributes: [{ key: '@jaeger@flags', value: 10n }],
  resource: { attributes: [{ key: 'service.name', value: 'shop' }], droppedAttributesCount: 0, schemaUrl: '' },
};

test('debug and firehose are in the column of flags and in no tag, and come back', () => {
  const stored = storedSpanMaker()(SPAN);
  expect(stored).toMatchObject({ flags: 11, tags: [{ key: 'span.kind', value: 'server' }] });
  expect(asStoredInCassandra(SPAN)).toMatchObject({ flags: 1, attributes: SPAN.attributes });
});
