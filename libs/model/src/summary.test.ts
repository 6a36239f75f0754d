import { expect, test } from 'vitest';
import type { SummarySpan } from './summary.ts';
import { summariseTrace } from './summary.ts';

const traceId = '0'.repeat(31).concat('1');

function span(spanId: string, parentSpanId: string, start: bigint, overrides: Partial<SummarySpan> = {}): SummarySpan {
  return {
    spanId,
    parentSpanId,
    serviceName: 'shop',
    operationName: `op-${spanId}`,
    startTimeUnixNano: start,
    endTimeUnixNano: start + 10n,
    isError: false,
    ...overrides,
  };
}

test('the root is the earliest span without a parent, also when a child starts before it', () => {
  const summary = summariseTrace(traceId, [span('b', 'a', 5n), span('a', '', 7n), span('c', '', 9n)]);
  expect(summary.rootOperationName).toBe('op-a');
  expect(summary.startTimeUnixNano).toBe(5n);
  expect(summary.endTimeUnixNano).toBe(19n);
  expect(summary.orphanSpanCount).toBe(0);
});

test('a trace whose root never arrived is named after its earliest orphan, and says so', () => {
  const summary = summariseTrace(traceId, [span('c', 'b', 1n), span('b', 'gone', 3n)]);
  expect(summary.rootOperationName).toBe('op-b');
  expect(summary.orphanSpanCount).toBe(1);
});

test('services are counted by name, errors among them', () => {
  const summary = summariseTrace(traceId, [
    span('a', '', 1n, { serviceName: 'web' }),
    span('b', 'a', 2n, { serviceName: 'api', isError: true }),
    span('c', 'a', 3n, { serviceName: 'api' }),
  ]);
  expect(summary.services).toEqual([
    { name: 'api', spanCount: 2, errorSpanCount: 1 },
    { name: 'web', spanCount: 1, errorSpanCount: 0 },
  ]);
  expect(summary.errorSpanCount).toBe(1);
});
