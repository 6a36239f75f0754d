import type { DerivedRecord } from '@spoor/derive';
import type { SpanBatch, WriteOutcome } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import { expect, test } from 'vitest';
import { createSpanGenerator } from '../../../test/fixtures/spans.ts';
import { checkedWriter } from './checked-writer.ts';

const context = { signal: new AbortController().signal };
const spans = createSpanGenerator({ seed: 3 }).spans(3);

function recorder() {
  const written: SpanBatch[] = [];
  const writer = checkedWriter({
    async write(batches): Promise<WriteOutcome> {
      written.push(...batches);
      return { accepted: batches.reduce((sum, { spanCount }) => sum + spanCount, 0), rejected: [] };
    },
  });
  return { writer, written };
}

/** As others write it: nobody has counted the spans. */
function batchOf(bytes: Uint8Array): DerivedRecord {
  return { tenant: 'acme', encoding: 'otlp_proto', spanCount: 0, bytes, partition: 3, offset: 7n, appendedAtMs: 1 };
}

test('valid spans are handed on as they are, and counted', async () => {
  const { writer, written } = recorder();
  const batch = batchOf(encodeTraces(spans));
  expect(await writer.write([batch], context)).toEqual({ accepted: 3, rejected: [] });
  expect(written).toEqual([{ ...batch, spanCount: 3 }]);
});

test('wrong spans are told, the others of their batch are handed on', async () => {
  const { writer, written } = recorder();
  const [first, second, third] = spans;
  const bytes = encodeTraces([first!, { ...second!, spanId: '' }, third!]);
  const { accepted, rejected } = await writer.write([batchOf(bytes)], context);
  expect(accepted).toBe(2);
  expect(rejected).toMatchObject([{ reason: 'invalid_span_id', spanCount: 1 }]);
  expect(written.map(({ tenant, spanCount }) => [tenant, spanCount])).toEqual([['acme', 2]]);
});

test('what is no message at all is refused, and nothing beside it is written', async () => {
  const { writer, written } = recorder();
  const batches = [batchOf(encodeTraces(spans)), batchOf(Buffer.from('not spans'))];
  await expect(writer.write(batches, context)).rejects.toMatchObject({ code: 'SPOOR_MALFORMED_SPANS' });
  expect(written).toEqual([]);
});

test('bytes that are a message without a span, as some random ones are, are refused', async () => {
  const { writer, written } = recorder();
  const unknownField = Uint8Array.of(0x12, 3, 1, 2, 3);
  const emptyResource = Uint8Array.of(0x0a, 0);
  for (const bytes of [unknownField, emptyResource])
    await expect(writer.write([batchOf(bytes)], context)).rejects.toMatchObject({ code: 'SPOOR_MALFORMED_SPANS' });
  expect(written).toEqual([]);
});

test('a message without anything costs no write', async () => {
  const { writer, written } = recorder();
  expect(await writer.write([batchOf(new Uint8Array())], context)).toEqual({ accepted: 0, rejected: [] });
  expect(written).toEqual([]);
});
