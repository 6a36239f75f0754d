import { classify, type DiscardReason } from '@spoor/model';
import type { DeadLetter, PartitionedBatch, SpanLogRecord } from '../span-log.ts';
import type { FetchedRecord, OutgoingRecord } from './driver.ts';
import type { RecordCodecs } from './encodings.ts';

const TENANT = 'spoor-tenant';
const ENCODING = 'spoor-encoding';
const SPAN_COUNT = 'spoor-span-count';
const DEFAULT_TENANT = 'default';

/** What the headers and the record's own framing take, generously: sizes are compared with the topic's limit. */
export const RECORD_OVERHEAD_BYTES = 160;

const decoder = new TextDecoder();

/** A batch as it is. */
export function recordOf({ bytes, ...batch }: PartitionedBatch): OutgoingRecord {
  return encodedRecord({ ...batch, key: null, value: bytes });
}

/** Spans in any encoding, with the headers that tell us what others must be told. */
export function encodedRecord({
  tenant,
  encoding,
  spanCount,
  ...record
}: Omit<OutgoingRecord, 'headers'> & {
  readonly tenant: string;
  readonly encoding: string;
  readonly spanCount: number;
}): OutgoingRecord {
  const headers = new Map([
    [TENANT, tenant],
    [ENCODING, encoding],
    [SPAN_COUNT, String(spanCount)],
  ]);
  return { ...record, headers };
}

/** Spans that no handler will ever get, and why. */
export interface Unreadable {
  readonly reason: DiscardReason;
  readonly message: string;
  readonly spanCount: number;
}

/** A record that a handler may get, with what of it was unreadable, or why none ever will. */
export type ReadRecord = { readonly record: SpanLogRecord; readonly rejected: readonly Unreadable[] } | Unreadable;

const NONE: readonly Unreadable[] = Object.freeze([]);

/** How records are read that do not tell their encoding, and what can be read. */
export interface Reading {
  readonly encoding: string;
  readonly codecs: RecordCodecs;
}

/** As its header has it; `undefined` for a record that does not tell. */
export function toldSpanCount({ headers }: FetchedRecord): number | undefined {
  const header = headers.get(SPAN_COUNT);
  const told = header === undefined ? Number.NaN : Number(decoder.decode(header));
  return Number.isSafeInteger(told) && told >= 0 ? told : undefined;
}

/** What a record tells of its encoding; where it tells nothing, that of its topic. */
export function encodingOf({ headers }: Pick<FetchedRecord, 'headers'>, ofTopic: string): string {
  const header = headers.get(ENCODING);
  return header === undefined ? ofTopic : decoder.decode(header);
}

/**
 * Others write without our headers (CONTRACT §4): such a record belongs to the default tenant, has the encoding of the topic,
 * and counts 0 spans where nobody has looked into it yet. What a record tells of its encoding counts more than the topic's.
 */
export function readRecord(fetched: FetchedRecord, { encoding: ofTopic, codecs }: Reading): ReadRecord {
  const text = (name: string): string | undefined => {
    const value = fetched.headers.get(name);
    return value === undefined ? undefined : decoder.decode(value);
  };
  const told = toldSpanCount(fetched) ?? 0;
  const encoding = encodingOf(fetched, ofTopic);
  const { partition, offset, timestampMs: appendedAtMs, value } = fetched;
  if (value === null) return { reason: 'malformed', message: 'the record has no value', spanCount: told };
  const base = {
    tenant: text(TENANT) ?? DEFAULT_TENANT,
    encoding: 'otlp_proto' as const,
    partition,
    offset,
    appendedAtMs,
  };
  if (encoding === 'otlp_proto') return { record: { ...base, spanCount: told, bytes: value }, rejected: NONE };
  const codec = Object.hasOwn(codecs, encoding) ? codecs[encoding] : undefined;
  if (codec === undefined)
    return {
      reason: 'malformed',
      message: `the encoding ${encoding.slice(0, 100)} is not known`,
      spanCount: told,
    };
  try {
    const { bytes, spanCount, rejected } = codec.decode(value);
    const unknown = spanCount === 0 && rejected.length === 0;
    return { record: { ...base, spanCount: unknown ? told : spanCount, bytes }, rejected };
  } catch (thrown) {
    // Whatever went wrong would go wrong again: it must not hold up the partition.
    const { code, message } = classify(thrown);
    return { reason: code === 'SPOOR_REQUEST_TOO_LARGE' ? 'too_large' : 'malformed', message, spanCount: told };
  }
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
