import { expect, test } from 'vitest';
import { buildColumns } from './build.ts';
import { hasFlag, rowOfSpanId, spanIdOf, transferablesOf } from './columns.ts';
import { factsForTest, spanForTest, TRACE_ID } from './trace-for-tests.ts';

test('a trace becomes columns in tree order with times relative to its start', () => {
  const { columns } = buildColumns(
    factsForTest([
      spanForTest('c', 'a', 40, 90, { service: 'db', status: { code: 'error', message: 'no' } }),
      spanForTest('a', '', 10, 110),
      spanForTest('b', 'a', 20, 30.5),
    ]),
  );
  expect([...columns.name].map((i) => columns.names[i])).toEqual(['op a', 'op b', 'op c']);
  expect(columns).toMatchObject({
    traceId: TRACE_ID,
    spanCount: 3,
    errorCount: 1,
    orphanCount: 0,
    depthCount: 2,
    rootRow: 0,
  });
  expect([...columns.startMicros]).toEqual([0, 10, 30]);
  expect([...columns.spanDurationMicros]).toEqual([100, 10.5, 50]);
  expect([...columns.selfMicros]).toEqual([39.5, 10.5, 50]);
  expect(columns.durationMicros).toBe(100);
  expect([...columns.service].map((i) => columns.services[i])).toEqual(['shop', 'shop', 'db']);
  expect([0, 1, 2].map((row) => hasFlag(columns, row, 'error'))).toEqual([false, false, true]);
  expect([0, 1, 2].map((row) => hasFlag(columns, row, 'errorBelow'))).toEqual([true, false, false]);
});

test('the root that names the trace is the earliest without a parent, also after an orphan', () => {
  const { columns } = buildColumns(factsForTest([spanForTest('b', 'gone', 1, 2), spanForTest('a', '', 5, 9)]));
  expect(columns.orphanCount).toBe(1);
  expect(hasFlag(columns, 0, 'orphan')).toBe(true);
  expect(columns.rootRow).toBe(1);
});

test('spans without a start or with an end before it are drawn in place and marked', () => {
  const { columns } = buildColumns(
    factsForTest([
      spanForTest('a', '', 0, 100),
      spanForTest('b', 'a', 50, 20),
      spanForTest('c', 'a', 0, 30, { startTimeUnixNano: 0n }),
    ]),
  );
  expect(columns.durationMicros).toBe(100);
  expect([...columns.spanDurationMicros]).toEqual([100, 30, 0]);
  expect([0, 1, 2].map((row) => hasFlag(columns, row, 'badTime'))).toEqual([false, true, true]);
});

test('a trace in which no time is known has a width of nothing and does not fail', () => {
  const zero = { startTimeUnixNano: 0n, endTimeUnixNano: 0n };
  const { columns } = buildColumns(factsForTest([spanForTest('a', '', 0, 0, zero), spanForTest('b', 'a', 0, 0, zero)]));
  expect(columns.durationMicros).toBe(0);
  expect(columns.criticalPath.row).toHaveLength(0);
});

test('events come in order of time and stay inside the trace', () => {
  const a = spanForTest('a', '', 0, 100);
  const event = (micros: number) => ({
    timeUnixNano: a.startTimeUnixNano + BigInt(micros * 1000),
    name: 'log',
    attributes: [],
    droppedAttributesCount: 0,
  });
  const { columns } = buildColumns(
    factsForTest([{ ...a, events: [event(70), event(5), event(-90)] }, spanForTest('b', 'a', 1, 2)]),
  );
  expect([...columns.eventMicros]).toEqual([0, 5, 70]);
  expect([...columns.eventOffset]).toEqual([0, 3, 3]);
});

test('rows are found by span id, of any case and without leading zeros', () => {
  const { columns } = buildColumns(factsForTest([spanForTest('a', '', 0, 9), spanForTest('ffee', 'a', 1, 2)]));
  expect(rowOfSpanId(columns, 'FFEE')).toBe(1);
  expect(rowOfSpanId(columns, spanIdOf(columns, 0))).toBe(0);
  expect(rowOfSpanId(columns, '12')).toBe(-1);
  expect(rowOfSpanId(columns, 'no id')).toBe(-1);
});

test('columns cross to another thread whole', () => {
  const { columns } = buildColumns(factsForTest([spanForTest('a', '', 0, 9), spanForTest('b', 'a', 1, 2)]));
  const expected = structuredClone(columns);
  expect(structuredClone(columns, { transfer: transferablesOf(columns) })).toEqual(expected);
  expect(columns.startMicros).toHaveLength(0);
});
