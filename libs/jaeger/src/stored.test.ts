import type { Attribute, Span } from '@spoor/model';
import { serviceNameOf } from '@spoor/model';
import { expect, test } from 'vitest';
import { GOLDEN_SPAN } from './golden-span.ts';
import { spanOfStoredMessage, storedMessageOf } from './stored.ts';

const asStored = (span: Span): Span => spanOfStoredMessage(storedMessageOf(span));

test('what a schema of the peer can hold comes back, in microseconds', () => {
  const [event] = GOLDEN_SPAN.events;
  const stored = asStored(GOLDEN_SPAN);
  expect(stored).toEqual({
    ...GOLDEN_SPAN,
    startTimeUnixNano: 1_767_225_600_000_000_000n,
    endTimeUnixNano: 1_767_225_600_001_000_000n,
    events: [{ ...event, timeUnixNano: 0n }],
  });
  expect(asStored(stored)).toEqual(stored);
});

test('a duration below zero is stored as none, and says what it was', () => {
  const span = { ...GOLDEN_SPAN, startTimeUnixNano: 1_000_999n, endTimeUnixNano: 999_000n };
  const message = storedMessageOf(span);
  expect(message).toMatchObject({ startTimeUnixNano: 1_000_000n, durationNanos: 0n });
  const warning =
    'Negative duration detected, sanitizing end timestamp. ' +
    'Original end timestamp: 1970-01-01T00:00:00.000999Z, adjusted to: 1970-01-01T00:00:00.001001Z';
  const stored = spanOfStoredMessage(message);
  expect(stored.attributes.find(({ key }) => key === '@jaeger@warnings')?.value).toEqual(['w', warning]);
  expect(asStored(stored)).toEqual(stored);
});

test('a duration of zero is none to warn of', () => {
  const span = { ...GOLDEN_SPAN, endTimeUnixNano: GOLDEN_SPAN.startTimeUnixNano };
  expect(asStored(span).attributes.find(({ key }) => key === '@jaeger@warnings')?.value).toEqual(['w']);
});

test.each([
  { attributes: [], name: 'missing-service-name' },
  { attributes: [{ key: 'a', value: 'b' }], name: 'missing-service-name' },
  { attributes: [{ key: 'service.name', value: '' }], name: 'empty-service-name' },
  { attributes: [{ key: 'service.name', value: 5n }], name: 'service-name-wrong-type' },
  { attributes: [{ key: 'service.name', value: ['x'] }], name: 'service-name-wrong-type' },
])('a resource with $attributes is stored and read as $name', ({ attributes, name }) => {
  const span = { ...GOLDEN_SPAN, resource: { ...GOLDEN_SPAN.resource, attributes: attributes as Attribute[] } };
  expect(storedMessageOf(span).process?.serviceName).toBe(name);
  expect(serviceNameOf(asStored(span).resource)).toBe(name);
  expect(serviceNameOf(asStored(asStored(span)).resource)).toBe(name);
});

test('an empty name of a span stays one, and is stored as what stands for it', () => {
  const span = { ...GOLDEN_SPAN, name: '' };
  expect(storedMessageOf(span).operationName).toBe('empty-span-name');
  expect(asStored(span).name).toBe('');
});

test('ERROR is told by the tag error, as the peer has it', () => {
  const keys = storedMessageOf(GOLDEN_SPAN).tags.map(({ key }) => key);
  expect(keys).not.toContain('otel.status_code');
  expect(keys.filter((key) => key === 'error')).toHaveLength(1);
});

test('of several tags that stand for the kind the last is stored', () => {
  const attributes = ['server', 'odd', 'client'].map((value) => ({ key: 'span.kind', value }));
  const { tags } = storedMessageOf({ ...GOLDEN_SPAN, attributes });
  expect(tags.filter(({ key }) => key === 'span.kind').map(({ value }) => value)).toEqual(['odd', 'client']);
});

test('a tag of warnings that is no list of texts stays a tag', () => {
  const message = { ...storedMessageOf(GOLDEN_SPAN), tags: [{ key: '@jaeger@warnings', value: '{' }] };
  expect(spanOfStoredMessage(message).attributes).toEqual(message.tags);
});
