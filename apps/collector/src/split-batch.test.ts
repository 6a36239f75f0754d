import type { Span, SpanBatch } from '@spoor/model';
import { decodeTraces, encodeTraces } from '@spoor/otlp';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSpanGenerator } from '../../../test/fixtures/spans.ts';
import { splitBatch } from './split-batch.ts';

function batchOf(spans: Parameters<typeof encodeTraces>[0]): SpanBatch {
  return { tenant: 'acme', encoding: 'otlp_proto', spanCount: spans.length, bytes: encodeTraces(spans) };
}

test('the pieces have every span once, in order, and none is larger than it may be but those of one span', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 300, max: 20_000 }),
      fc.nat(),
      (count, maxBytes, seed) => {
        const batch = batchOf(createSpanGenerator({ seed }).spans(count));
        const pieces = splitBatch(batch, maxBytes);
        if (pieces.length === 1) expect(pieces[0]).toBe(batch);
        for (const { bytes, spanCount, tenant } of pieces) {
          expect(tenant).toBe('acme');
          if (spanCount > 1 && pieces.length > 1) expect(bytes.length).toBeLessThanOrEqual(maxBytes);
        }
        expect(pieces.reduce((sum, { spanCount }) => sum + spanCount, 0)).toBe(count);
        expect(pieces.flatMap(({ bytes }) => decodeTraces(bytes))).toEqual(decodeTraces(batch.bytes));
      },
    ),
    { seed: 7, numRuns: 60 },
  );
});

test('a batch that fits is left alone', () => {
  const batch = batchOf(createSpanGenerator({ seed: 1 }).spans(10));
  expect(splitBatch(batch, batch.bytes.length)).toEqual([batch]);
});

test('a large resource above many small spans does not grow into many times its size', () => {
  const [span] = createSpanGenerator({ seed: 1 }).spans(1);
  if (span === undefined) throw new Error('no span');
  const resource: Span['resource'] = { ...span.resource, attributes: [{ key: 'text', value: 'x'.repeat(8_000) }] };
  const spans = Array.from({ length: 1_000 }, (_, i) => ({
    ...span,
    attributes: [],
    events: [],
    links: [],
    resource,
    spanId: (i + 1).toString(16).padStart(16, '0'),
  }));
  const batch = batchOf(spans);
  expect(splitBatch(batch, 8_500)).toEqual([batch]);
});
