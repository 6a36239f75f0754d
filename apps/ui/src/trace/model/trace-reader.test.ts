import { operationNameOf, SPAN_KINDS, type Span, serviceNameOf } from '@spoor/model';
import { decodeTraces, encodeTraces } from '@spoor/otlp';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitrarySpans } from '../../../../../test/fixtures/arbitrary-spans.ts';
import { buildColumns } from './build.ts';
import { hasFlag, spanIdOf, type TraceColumns } from './columns.ts';
import { spanForTest } from './trace-for-tests.ts';
import { TraceReader } from './trace-reader.ts';

/** Reads the bytes in pieces that end at the given places. */
function readInPieces(bytes: Uint8Array, cuts: readonly number[]): TraceReader {
  const reader = new TraceReader();
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    reader.push(bytes.slice(from, end));
    from = end;
  }
  reader.end();
  return reader;
}

/** The row as the decoded span has it, times in nanoseconds. */
function expectedRow(span: Span, traceStart: bigint, traceMicros: number) {
  const isUnknown = span.startTimeUnixNano === 0n;
  const start = isUnknown ? traceStart : span.startTimeUnixNano;
  const nanos = span.endTimeUnixNano - start;
  const eventMicros = span.events.map(({ timeUnixNano }) => Number(timeUnixNano - traceStart) / 1000);
  return {
    startMicros: Number(start - traceStart) / 1000,
    durationMicros: nanos > 0n ? Number(nanos) / 1000 : 0,
    service: serviceNameOf(span.resource),
    name: operationNameOf(span),
    kind: span.kind,
    spanId: span.spanId,
    isError: span.status.code === 'error',
    hasWarnings: span.attributes.some(({ key }) => key === '@jaeger@warnings'),
    hasLinks: span.links.length > 0,
    hasBadTime: isUnknown || nanos < 0n,
    eventMicros: eventMicros.map((micros) => Math.min(Math.max(micros, 0), traceMicros)).sort((a, b) => a - b),
  };
}

function rowOf(columns: TraceColumns, row: number): ReturnType<typeof expectedRow> {
  return {
    startMicros: columns.startMicros[row] ?? Number.NaN,
    durationMicros: columns.spanDurationMicros[row] ?? Number.NaN,
    service: columns.services[columns.service[row] ?? -1] ?? '',
    name: columns.names[columns.name[row] ?? -1] ?? '',
    kind: SPAN_KINDS[columns.kind[row] ?? -1] ?? 'unspecified',
    spanId: spanIdOf(columns, row),
    isError: hasFlag(columns, row, 'error'),
    hasWarnings: hasFlag(columns, row, 'warnings'),
    hasLinks: hasFlag(columns, row, 'links'),
    hasBadTime: hasFlag(columns, row, 'badTime'),
    eventMicros: [...columns.eventMicros.subarray(columns.eventOffset[row], columns.eventOffset[row + 1])],
  };
}

test('whatever the pieces, columns and spans are those of the decoded message', () => {
  fc.assert(
    fc.property(arbitrarySpans, fc.array(fc.nat(), { maxLength: 12 }), (spans, cuts) => {
      const bytes = encodeTraces(spans);
      const decoded = decodeTraces(bytes);
      const reader = readInPieces(bytes, cuts);
      expect(reader.facts.count).toBe(decoded.length);
      expect(reader.spans.count).toBe(decoded.length);
      if (decoded.length === 0) return;
      expect(decoded.map((_, i) => reader.spans.decode(i))).toEqual(decoded);
      const { columns, order } = buildColumns(reader.facts);
      const starts = decoded.map((span) => span.startTimeUnixNano).filter((start) => start !== 0n);
      const traceStart = starts.reduce((least, start) => (start < least ? start : least), starts[0] ?? 0n);
      expect(columns.traceId).toBe(decoded[0]?.traceId);
      expect(columns.startTimeUnixNano).toBe(traceStart);
      expect([...order].sort((a, b) => a - b)).toEqual(decoded.map((_, i) => i));
      let durationMicros = 0;
      order.forEach((index, row) => {
        const expected = expectedRow(decoded[index] as Span, traceStart, columns.durationMicros);
        expect(rowOf(columns, row)).toEqual(expected);
        durationMicros = Math.max(durationMicros, expected.startMicros + expected.durationMicros);
      });
      expect(columns.durationMicros).toBe(durationMicros);
    }),
  );
});

test('warnings are marked, and spans of one resource and scope share them', () => {
  const warned = spanForTest('b', 'a', 1, 2, { attributes: [{ key: '@jaeger@warnings', value: ['clock skew'] }] });
  const reader = readInPieces(encodeTraces([spanForTest('a', '', 0, 9), warned]), [3, 50, 51]);
  const { columns } = buildColumns(reader.facts);
  expect([0, 1].map((row) => hasFlag(columns, row, 'warnings'))).toEqual([false, true]);
  expect(reader.spans.decode(0).resource).toBe(reader.spans.decode(1).resource);
  expect(reader.spans.decode(0).scope).toBe(reader.spans.decode(1).scope);
  expect(() => reader.spans.decode(2)).toThrow(RangeError);
});

test('spans are there before the message is whole', () => {
  const first = encodeTraces([spanForTest('a', '', 0, 9)]);
  const second = encodeTraces([spanForTest('b', 'a', 1, 2, { service: 'db' })]);
  const reader = new TraceReader();
  reader.push(new Uint8Array([...first, ...second.subarray(0, 20)]));
  expect(reader.facts.ids.strings).toEqual(['000000000000000a']);
  reader.push(second.slice(20));
  reader.end();
  expect(reader.facts.ids.strings).toEqual(['000000000000000a', '000000000000000b']);
});

test('fields that are not known are passed over, wherever they stand', () => {
  const known = encodeTraces([spanForTest('a', '', 0, 9)]);
  const unknown = [0x12, 3, 1, 2, 3];
  const bytes = new Uint8Array([...unknown, ...known, ...unknown, ...known]);
  for (let cut = 0; cut < bytes.length; cut += 7) expect(readInPieces(bytes, [cut]).facts.count).toBe(2);
});

test.each([
  { what: 'a message that is cut off', bytes: encodeTraces([spanForTest('a', '', 0, 9)]).slice(0, -1) },
  { what: 'a length that is cut off', bytes: Uint8Array.of(10, 0xff) },
  { what: 'a length beyond all bounds', bytes: Uint8Array.of(10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1) },
  { what: 'text', bytes: new TextEncoder().encode('<html>') },
])('$what is refused', ({ bytes }) => {
  for (let cut = 0; cut <= bytes.length; cut += 1)
    expect(() => readInPieces(bytes, [cut])).toThrow('not OTLP TracesData');
});
