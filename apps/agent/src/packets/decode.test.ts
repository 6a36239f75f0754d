import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJaegerBatch } from '@spoor/jaeger';
import { SpoorError } from '@spoor/model';
import { BinaryReader, CompactReader, type ThriftReader } from '@spoor/thrift';
import { decodeZipkinThrift } from '@spoor/zipkin';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GOLDEN_BATCH, GOLDEN_LIST, GOLDEN_PACKETS } from '../test/golden-packets.ts';
import { decodePacket } from './decode.ts';

const PACKETS: readonly {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly open: (bytes: Uint8Array) => ThriftReader;
}[] = Object.entries(GOLDEN_PACKETS).map(([name, bytes]) => ({
  name,
  bytes,
  open: (given) => (name.endsWith('Binary') ? new BinaryReader(given, 'a test') : new CompactReader(given, 'a test')),
}));

test.each(PACKETS)('the golden packet $name is what the collector would have read itself', ({ name, bytes, open }) => {
  const { batch, spanCount } = decodePacket(open(bytes), []);
  if (name.startsWith('jaeger')) expect(Buffer.from(batch).toString('hex')).toBe(GOLDEN_BATCH.toString('hex'));
  else expect(decodeJaegerBatch(batch)).toEqual(decodeZipkinThrift(GOLDEN_LIST));
  expect(decodeJaegerBatch(batch)).toHaveLength(spanCount);
});

test.each(PACKETS)('the tags of the agent come behind those of each process: $name', ({ bytes, open }) => {
  const { batch } = decodePacket(open(bytes), [{ key: 'zone', value: 'a' }]);
  for (const { resource } of decodeJaegerBatch(batch))
    expect(resource.attributes.at(-1)).toEqual({ key: 'zone', value: 'a' });
});

test.each([
  { hex: '82 81 00 03 666f6f 00', says: 'the method "foo" is neither emitBatch nor emitZipkinBatch' },
  { hex: '82 81 00 09 656d69744261746368 00', says: 'the call emitBatch has no argument' },
  { hex: '82 81 00 09 656d69744261746368 19 0c 00', says: 'the call emitBatch has no argument' },
  { hex: '80 01 00 04', says: 'a call that does not begin with 0x82' },
  { hex: '', says: 'the bytes end in the middle of a value' },
])('what is no call says why: $says', ({ hex, says }) => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  expect(() => decodePacket(new CompactReader(bytes, 'a test'), [])).toThrow(says);
});

test.each(PACKETS)('spoilt and random packets are refused, or are batches: $name', ({ bytes: sound, open }) => {
  const spoilt = fc
    .tuple(fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 5 }), fc.option(fc.nat()))
    .map(([flips, cut]) => {
      const bytes = Uint8Array.from(sound);
      for (const [at, byte] of flips) bytes[at % bytes.length]! ^= byte;
      return cut === null ? bytes : bytes.subarray(0, cut % (bytes.length + 1));
    });
  fc.assert(
    fc.property(fc.oneof(spoilt, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      try {
        const { batch, spanCount } = decodePacket(open(bytes), []);
        expect(spanCount).toBeLessThanOrEqual(bytes.length);
        expect(batch.length).toBeLessThan(64 * 1024);
      } catch (error) {
        expect(error).toBeInstanceOf(SpoorError);
      }
    }),
    { seed: 6831, numRuns: 700 },
  );
});

const corpus = join(import.meta.dirname, '../../corpus');
test.each(readdirSync(corpus))('the corpus: %s', (file) => {
  const bytes = readFileSync(join(corpus, file));
  const read = () =>
    decodePacket(file.endsWith('.bin') ? new BinaryReader(bytes, 'a test') : new CompactReader(bytes, 'a test'), []);
  if (file.startsWith('refused-')) expect(read).toThrow(SpoorError);
  else expect(read().spanCount).toBe(0);
});
