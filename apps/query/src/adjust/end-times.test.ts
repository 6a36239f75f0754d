import { expect, test } from 'vitest';
import { NOON, span, warningsIn } from '../test/spans.ts';
import { sanitiseEndTimes } from './end-times.ts';

test('a span that ends before it starts lasts one nanosecond and says what it said', () => {
  const [adjusted] = sanitiseEndTimes([span({ endTimeUnixNano: NOON - 500_000_000n })]);
  expect(adjusted?.endTimeUnixNano).toBe(NOON + 1n);
  expect(warningsIn(adjusted)).toEqual([
    'Negative duration detected, sanitizing end timestamp. ' +
      'Original end timestamp: 2026-01-31T11:59:59.5Z, adjusted to: 2026-01-31T12:00:00.000000001Z',
  ]);
});

test('a duration of zero is fine', () => {
  const spans = [span({ endTimeUnixNano: NOON })];
  expect(sanitiseEndTimes(spans)).toBe(spans);
});
