import type { Rejection, SpanBatch } from '@spoor/model';
import { SpoorError } from '@spoor/model';
import type { PartitionedBatch } from '../span-log.ts';
import type { BatchLimit } from './batch-limit.ts';
import type { KafkaSpanLogConfig } from './config.ts';
import type { OutgoingRecord } from './driver.ts';
import { partitionOfKey, type RecordCodec, type RecordCodecs } from './encodings.ts';
import { encodedRecord, RECORD_OVERHEAD_BYTES, recordOf } from './record-format.ts';

/** A record that the topic takes. */
export interface Outgoing {
  readonly record: OutgoingRecord;
  readonly bytes: number;
  readonly spanCount: number;
}

export interface OutgoingRecords {
  readonly records: readonly Outgoing[];
  /** What is too large for the topic, however it is split. */
  readonly rejections: readonly Rejection[];
}

export type Split = (batch: SpanBatch, maxBytes: number) => readonly SpanBatch[];

/** Pieces are aimed at a little less than fits, because not all spans grow alike when they are encoded. */
const SPARE = 0.8;

/** Makes records of batches, in the encoding of the topic. Throws `SPOOR_INVALID_CONFIGURATION` for one that cannot be written. */
export function createOutgoing(
  config: Pick<KafkaSpanLogConfig, 'topic' | 'encoding'>,
  limit: Pick<BatchLimit, 'bytes'>,
  { split, codecs }: { readonly split: Split | undefined; readonly codecs: RecordCodecs },
): (batches: readonly PartitionedBatch[], partitionCount: number) => OutgoingRecords {
  const { topic, encoding } = config;
  const encode = encoding === 'otlp_proto' || encoding === 'auto' ? undefined : encoderOf(encoding, codecs);

  // Asked anew for each request: the topic's own limit may be learned, or changed, at any time.
  const maxRecordBytesNow = () => limit.bytes - RECORD_OVERHEAD_BYTES;

  function rejectionOf(bytes: number, maxRecordBytes: number, spanCount: number): Rejection {
    const message = `${bytes} bytes are more than the ${maxRecordBytes} that a record of the topic ${topic} may have`;
    return { reason: 'too_large', message, spanCount };
  }

  function own(batches: readonly PartitionedBatch[]): OutgoingRecords {
    const maxRecordBytes = maxRecordBytesNow();
    const records: Outgoing[] = [];
    const rejections: Rejection[] = [];
    for (const batch of batches) {
      const { partition } = batch;
      const pieces = batch.bytes.length <= maxRecordBytes ? [batch] : (split?.(batch, maxRecordBytes) ?? [batch]);
      for (const piece of pieces) {
        const { bytes, spanCount } = piece;
        if (bytes.length > maxRecordBytes) rejections.push(rejectionOf(bytes.length, maxRecordBytes, spanCount));
        else records.push({ record: recordOf({ ...piece, partition }), bytes: bytes.length, spanCount });
      }
    }
    return { records, rejections };
  }

  function encoded(
    batches: readonly PartitionedBatch[],
    partitionCount: number,
    toRecords: NonNullable<RecordCodec['encode']>,
  ): OutgoingRecords {
    const maxRecordBytes = maxRecordBytesNow();
    const records: Outgoing[] = [];
    const rejections: Rejection[] = [];
    // Taken from the end; pieces of a batch are put there in its order.
    const waiting = [...batches].reverse();
    for (let batch = waiting.pop(); batch !== undefined; batch = waiting.pop()) {
      const { partition } = batch;
      for (const { value, key: keyText, spanCount } of toRecords(batch.bytes)) {
        if (value.length > maxRecordBytes) {
          const aim = Math.floor((batch.bytes.length * maxRecordBytes * SPARE) / value.length);
          const pieces = spanCount > 1 && spanCount === batch.spanCount ? (split?.(batch, aim) ?? []) : [];
          if (pieces.length > 1) for (const piece of pieces.toReversed()) waiting.push({ ...piece, partition });
          else rejections.push(rejectionOf(value.length, maxRecordBytes, spanCount));
          continue;
        }
        const key = keyText === undefined ? null : Buffer.from(keyText);
        const target = key === null ? partition : partitionOfKey(key, partitionCount);
        const { tenant } = batch;
        const record = encodedRecord({ tenant, encoding, partition: target, key, value, spanCount });
        records.push({ record, bytes: value.length, spanCount });
      }
    }
    return { records, rejections };
  }

  return (batches, partitionCount) => (encode === undefined ? own(batches) : encoded(batches, partitionCount, encode));
}

function encoderOf(encoding: string, codecs: RecordCodecs): NonNullable<RecordCodec['encode']> {
  const encode = Object.hasOwn(codecs, encoding) ? codecs[encoding]?.encode : undefined;
  if (encode !== undefined) return encode;
  throw new SpoorError(
    'SPOOR_INVALID_CONFIGURATION',
    `kafka.encoding is ${encoding}, which can be read and not written; set it to otlp_proto, otlp_json, jaeger_proto, jaeger_json, zipkin_proto or zipkin_json`,
  );
}
