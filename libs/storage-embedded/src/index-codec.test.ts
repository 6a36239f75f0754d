import { SPAN_KINDS, SpoorError } from '@spoor/model';
import { SpanCursor } from '@spoor/otlp';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSpanGenerator } from '../../../test/fixtures/spans.ts';
import { BlockBuilder } from './block-builder.ts';
import { ChunkView } from './chunk.ts';
import { openFrame, sealFrame } from './frame.ts';
import { TermHash } from './hash.ts';
import { decodeIndex, encodeIndex } from './index-codec.ts';
import { bucketBitsFor, bucketOf, bucketsOf, readPosting } from './segment-codec.ts';
import { mergeIndexes, postingOf } from './span-index.ts';

function blockOf(seed: number, spans: number) {
  let chunkId = 0;
  const builder = new BlockBuilder(new TermHash(0xffffffff), SPAN_KINDS, () => {
    chunkId += 1;
    return chunkId;
  });
  const cursor = new SpanCursor(createSpanGenerator({ seed }).request(spans));
  while (cursor.next()) builder.add(cursor, seed);
  return builder.finish(seed);
}

test('an index comes back as it was', () => {
  const { index } = blockOf(1, 500);
  const decoded = decodeIndex(encodeIndex(index), 'it');
  expect(decoded.columns).toEqual(index.columns);
  expect(decoded.termOrdinals).toEqual(index.termOrdinals);
  expect(decoded.origins).toEqual(index.origins);
});

test('damaged frames are refused as corrupt, and nothing else happens', () => {
  const { index, chunks } = blockOf(2, 60);
  const frames = [encodeIndex(index), chunks[0]!.body];
  fc.assert(
    fc.property(fc.nat(1), fc.nat(100_000), fc.integer({ min: 1, max: 255 }), fc.boolean(), (which, at, flip, cuts) => {
      const frame = frames[which]!.slice();
      frame[at % frame.length]! ^= flip;
      const damaged = cuts ? frame.subarray(0, at % frame.length) : frame;
      refusesOrReads(() => (which === 0 ? decodeIndex(damaged, 'it') : new ChunkView(openFrame(damaged, 'it'), 'it')));
    }),
    { seed: 7, numRuns: 500 },
  );
});

test('damage that the checksum does not see is refused as well', () => {
  const { index, chunks } = blockOf(3, 60);
  const contents = [openFrame(encodeIndex(index), 'it'), openFrame(chunks[0]!.body, 'it')];
  fc.assert(
    fc.property(fc.nat(1), fc.nat(100_000), fc.integer({ min: 1, max: 255 }), (which, at, flip) => {
      const content = contents[which]!.slice();
      content[at % content.length]! ^= flip;
      const frame = sealFrame(content, 'zstd');
      refusesOrReads(() => (which === 0 ? decodeIndex(frame, 'it') : new ChunkView(openFrame(frame, 'it'), 'it')));
    }),
    { seed: 8, numRuns: 500 },
  );
});

function refusesOrReads(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(SpoorError);
    expect(error).toMatchObject({ code: 'SPOOR_STORAGE_CORRUPT' });
  }
}

test('a merged index has every posting of its parts, in the order of start', () => {
  const parts = [blockOf(4, 300).index, blockOf(5, 200).index];
  const merged = mergeIndexes(parts);
  const { startHigh, startLow, span1 } = merged.columns;
  for (let i = 1; i < merged.count; i += 1) {
    expect(startHigh[i]! * 2 ** 32 + startLow[i]!).toBeGreaterThanOrEqual(
      startHigh[i - 1]! * 2 ** 32 + startLow[i - 1]!,
    );
  }
  const bits = bucketBitsFor(merged.termHashes.length * 16);
  const buckets = [...bucketsOf(merged, bits)];
  for (const hash of new Set(merged.termHashes)) {
    const expected = parts.flatMap((part) => Array.from(postingOf(part, hash), (at) => part.columns.span1[at]!));
    const posting = readPosting(openFrame(buckets[bucketOf(hash, bits)]!, 'it'), hash, merged.count, 'it');
    const spans = new Set(Array.from(posting, (at) => span1[at]!));
    expect(spans).toEqual(new Set(expected));
  }
});
