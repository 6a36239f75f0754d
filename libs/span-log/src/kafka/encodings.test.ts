import { SpoorError } from '@spoor/model';
import { expect, test } from 'vitest';
import type { PartitionedBatch } from '../span-log.ts';
import type { FetchedRecord } from './driver.ts';
import { type KafkaEncoding, partitionOfKey, type RecordCodecs } from './encodings.ts';
import { createOutgoing, type Split } from './outgoing.ts';
import { RECORD_OVERHEAD_BYTES, readRecord } from './record-format.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** Spans are words; `jaeger_json` has a record a word, keyed with it, `zipkin_json` doubles every batch. */
const codecs: RecordCodecs = {
  jaeger_json: {
    encode: (bytes) =>
      text(bytes)
        .split(' ')
        .map((word) => ({ key: word, value: Buffer.from(word.toUpperCase()), spanCount: 1 })),
    decode(value) {
      if (text(value) === 'BAD') throw new SpoorError('SPOOR_MALFORMED_SPANS', 'it is bad');
      if (text(value) === 'HUGE') throw new SpoorError('SPOOR_REQUEST_TOO_LARGE', 'it is huge');
      if (text(value) === 'BUG') throw new TypeError('x is not a function');
      const rejected = text(value).endsWith('?')
        ? [{ reason: 'invalid_time' as const, message: 'when', spanCount: 2 }]
        : [];
      return { bytes: Buffer.from(text(value).toLowerCase()), spanCount: 1, rejected };
    },
  },
  zipkin_json: {
    encode: (bytes) => [{ value: Buffer.concat([bytes, bytes]), spanCount: text(bytes).split(' ').length }],
    decode: (value) => ({ bytes: value, spanCount: 0, rejected: [] }),
  },
  zipkin_thrift: { decode: (value) => ({ bytes: value, spanCount: 0, rejected: [] }) },
};

const inHalves: Split = (batch) => {
  const words = text(batch.bytes).split(' ');
  const middle = Math.ceil(words.length / 2);
  return [words.slice(0, middle), words.slice(middle)].map((half) => ({
    ...batch,
    bytes: Buffer.from(half.join(' ')),
    spanCount: half.length,
  }));
};

function outgoing(encoding: KafkaEncoding, maxBytes = 1_000, split: Split = inHalves) {
  const limit = { bytes: maxBytes + RECORD_OVERHEAD_BYTES };
  const make = createOutgoing({ topic: 't', encoding }, limit, { split, codecs });
  return (...contents: string[]) => {
    const batches = contents.map(
      (content): PartitionedBatch => ({
        tenant: 'acme',
        encoding: 'otlp_proto',
        partition: 3,
        spanCount: content.split(' ').length,
        bytes: Buffer.from(content),
      }),
    );
    const { records, rejections } = make(batches, 8);
    return {
      rejections,
      records: records.map(({ record, spanCount, bytes }) => ({
        partition: record.partition,
        key: record.key === null ? null : text(record.key),
        value: text(record.value ?? new Uint8Array()),
        headers: Object.fromEntries(record.headers),
        spanCount,
        bytes,
      })),
    };
  };
}

test('a record a span: its key chooses the partition, its headers tell what it is', () => {
  expect(outgoing('jaeger_json')('a b').records).toEqual(
    ['a', 'b'].map((word) => ({
      partition: partitionOfKey(Buffer.from(word), 8),
      key: word,
      value: word.toUpperCase(),
      headers: { 'spoor-tenant': 'acme', 'spoor-encoding': 'jaeger_json', 'spoor-span-count': '1' },
      spanCount: 1,
      bytes: 1,
    })),
  );
});

test('the partition of a key is that of FNV-1a', () => {
  // The published test vectors of the 32-bit hash: 0x811c9dc5 of nothing, 0xe40c292c of a, 0xbf9cf968 of foobar.
  expect(partitionOfKey(Buffer.from(''), 1_000)).toBe(Math.abs(0x811c9dc5 | 0) % 1_000);
  expect(partitionOfKey(Buffer.from('a'), 1_000)).toBe(Math.abs(0xe40c292c | 0) % 1_000);
  expect(partitionOfKey(Buffer.from('foobar'), 1_000)).toBe(Math.abs(0xbf9cf968 | 0) % 1_000);
});

test('a span that is too large is rejected, the others of its batch are not', () => {
  const { records, rejections } = outgoing('jaeger_json', 3)('abcd ab');
  expect(records.map(({ value }) => value)).toEqual(['AB']);
  expect(rejections).toMatchObject([{ reason: 'too_large', spanCount: 1 }]);
});

test('a batch that grows beyond the limit is split, in order; what cannot be is rejected', () => {
  const { records, rejections } = outgoing('zipkin_json', 8)('a b c d', 'abcde', 'e');
  expect(records.map(({ value, key, partition }) => [value, key, partition])).toEqual([
    ['a ba b', null, 3],
    ['c dc d', null, 3],
    ['ee', null, 3],
  ]);
  expect(rejections).toMatchObject([{ reason: 'too_large', spanCount: 1 }]);
  expect(outgoing('zipkin_json', 8, (batch) => [batch])('a b c d').rejections).toMatchObject([{ spanCount: 4 }]);
});

test('auto writes what Spoor writes; what can only be read is refused', () => {
  expect(outgoing('auto')('a b').records).toMatchObject([
    { value: 'a b', headers: { 'spoor-encoding': 'otlp_proto' } },
  ]);
  expect(() => outgoing('zipkin_thrift')).toThrow('kafka.encoding is zipkin_thrift, which can be read and not written');
});

function fetched(value: string, headers: Record<string, string> = {}): FetchedRecord {
  return {
    partition: 0,
    offset: 7n,
    timestampMs: 9,
    key: null,
    value: Buffer.from(value),
    headers: new Map(Object.entries(headers).map(([name, content]) => [name, Buffer.from(content)])),
  };
}

function read(value: string, headers?: Record<string, string>, encoding = 'jaeger_json') {
  const one = readRecord(fetched(value, headers), { encoding, codecs });
  return 'record' in one ? { ...one.record, bytes: text(one.record.bytes), rejected: one.rejected } : one;
}

test("a record without headers is read in the topic's encoding", () => {
  expect(read('WORD')).toEqual({
    tenant: 'default',
    encoding: 'otlp_proto',
    partition: 0,
    offset: 7n,
    appendedAtMs: 9,
    spanCount: 1,
    bytes: 'word',
    rejected: [],
  });
});

test("a record's own word for its encoding counts more than the topic's", () => {
  expect(read('WORD', { 'spoor-encoding': 'otlp_proto', 'spoor-span-count': '4' })).toMatchObject({
    bytes: 'WORD',
    spanCount: 4,
  });
  expect(read('x', { 'spoor-encoding': 'zipkin_json', 'spoor-span-count': '4' }, 'otlp_proto')).toMatchObject({
    bytes: 'x',
    spanCount: 4,
  });
});

test('what of a record cannot be read becomes letters beside the rest', () => {
  expect(read('A?')).toMatchObject({ bytes: 'a?', rejected: [{ reason: 'invalid_time', spanCount: 2 }] });
});

test.each([
  { value: 'BAD', want: { reason: 'malformed', message: 'it is bad', spanCount: 0 } },
  { value: 'HUGE', want: { reason: 'too_large', message: 'it is huge', spanCount: 0 } },
  // A fault of a decoder is poison too: it would come again with every delivery.
  { value: 'BUG', want: { reason: 'malformed', message: 'x is not a function', spanCount: 0 } },
])('a record that can never be read is a letter: $value', ({ value, want }) => {
  expect(read(value)).toEqual(want);
});

test('an encoding that nobody knows is told, also one that every object has', () => {
  expect(read('x', { 'spoor-encoding': 'morse' })).toMatchObject({ message: 'the encoding morse is not known' });
  expect(read('x', { 'spoor-encoding': 'constructor' })).toMatchObject({ reason: 'malformed' });
});
