import { expect, test } from 'vitest';
import { NOON, resource, span, warningsIn } from '../test/spans.ts';
import { adjustTrace } from './adjust.ts';

test('warnings of several adjusters, and those that were stored, come together', () => {
  const [adjusted] = adjustTrace(
    [
      span({
        parentSpanId: '00000000000000aa',
        endTimeUnixNano: NOON - 1n,
        attributes: [
          { key: 'b', value: 1n },
          { key: '@jaeger@warnings', value: ['stored'] },
        ],
      }),
    ],
    { maxClockSkewAdjustmentNanos: 0n },
  );
  const warnings = warningsIn(adjusted) as string[];
  expect(warnings).toHaveLength(3);
  expect(warnings[0]).toBe('stored');
  expect(adjusted?.attributes[0]).toEqual({ key: 'b', value: 1n });
});

test('a trace with nothing to adjust comes back as the same objects', () => {
  const spans = [span({ resource: resource('shop') })];
  expect(adjustTrace(spans, { maxClockSkewAdjustmentNanos: 0n })).toBe(spans);
});
