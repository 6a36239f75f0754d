import type { DiscardReason } from '@spoor/model';
import type { DeadLetter, PartitionedBatch, SpanLogRecord } from '../span-log.ts';
import type { FetchedRecord, OutgoingRecord } from './driver.ts';

const TENANT = 'spoor-tenant';
const ENCODING = 'spoor-encoding';
const SPAN_COUNT = 'spoor-span-count';
const DEFAULT_TENANT = 'default';

/** What the headers and the record's own framing take, generously: sizes are compared with the topic's limit. */
export const RECORD_OVERHEAD_BYTES = 160;

const decoder = new TextDecoder();

export function recordOf(batch: PartitionedBatch): OutgoingRecord {
  const headers = new Map([
    [TENANT, batch.tenant],
    [ENCODING, batch.encoding],
    [SPAN_COUNT, String(batch.spanCount)],
  ]);
  return { partition: batch.partition, key: null, value: batch.bytes, headers };
}

/** A record that a handler may get, or why none ever will. */
export type ReadRecord =
  | { readonly record: SpanLogRecord }
  | { readonly reason: DiscardReason; readonly message: string; readonly spanCount: number };

/** As its header has it; `undefined` for a record that does not tell. */
export function toldSpanCount({ headers }: FetchedRecord): number | undefined {
  const header = headers.get(SPAN_COUNT);
  const told = header === undefined ? Number.NaN : Number(decoder.decode(header));
  return Number.isSafeInteger(told) && told >= 0 ? told : undefined;
}

/**
 * Others write without our headers (CONTRACT §4): such a record belongs to the default tenant and counts 0 spans,
 * since nobody has looked into it yet.
 */
export function readRecord(fetched: FetchedRecord): ReadRecord {
  const text = (name: string): string | undefined => {
    const value = fetched.headers.get(name);
    return value === undefined ? undefined : decoder.decode(value);
  };
  const spanCount = toldSpanCount(fetched) ?? 0;
  const encoding = text(ENCODING) ?? 'otlp_proto';
  if (fetched.value === null) return { reason: 'malformed', message: 'the record has no value', spanCount };
  if (encoding !== 'otlp_proto')
    return { reason: 'malformed', message: `the encoding ${encoding.slice(0, 100)} is not known`, spanCount };
  const { partition, offset, timestampMs: appendedAtMs, value: bytes } = fetched;
  return {
    record: { tenant: text(TENANT) ?? DEFAULT_TENANT, encoding, partition, spanCount, bytes, offset, appendedAtMs },
  };
}

export interface DeadLetterOrigin {
  readonly topic: string;
  /** When the letter is written, milliseconds since the Unix epoch. */
  readonly nowMs: number;
}

/** The original key, value and headers, and beside them why and from where. */
export function deadLetterRecord(
  fetched: FetchedRecord,
  { reason, message, spanCount }: Pick<DeadLetter, 'reason' | 'message' | 'spanCount'>,
  { topic, nowMs }: DeadLetterOrigin,
  partition: number,
): OutgoingRecord {
  const headers = new Map<string, Uint8Array | string>([
    ...fetched.headers,
    ['spoor-dlq-reason', reason],
    ['spoor-dlq-message', message],
    ['spoor-dlq-span-count', String(spanCount)],
    ['spoor-dlq-topic', topic],
    ['spoor-dlq-partition', String(fetched.partition)],
    ['spoor-dlq-offset', String(fetched.offset)],
    ['spoor-dlq-time', new Date(nowMs).toISOString()],
  ]);
  return { partition, key: fetched.key, value: fetched.value, headers };
}
