import type { KafkaCompression, KafkaSpanLogConfig } from './config.ts';
import type { OutgoingRecord } from './driver.ts';

export const MAX_MESSAGE_BYTES = 'max.message.bytes';

/** Of a record batch before its records (61 bytes in the format of today), generously. */
const BATCH_OVERHEAD_BYTES = 100;
/** What compression may add to bytes that it cannot make fewer, generously: a hundredth. */
const COMPRESSED_SHARE = 0.99;

/** How large a record batch may be before compression: as set, or less where its topic takes less. */
export class BatchLimit {
  private readonly config: Pick<KafkaSpanLogConfig, 'maxRequestBytesPerPartition' | 'compression'>;
  private ofTopic = Number.POSITIVE_INFINITY;

  constructor(config: Pick<KafkaSpanLogConfig, 'maxRequestBytesPerPartition' | 'compression'>) {
    this.config = config;
  }

  /** With what its records bring beside their values. */
  get bytes(): number {
    return Math.min(this.config.maxRequestBytesPerPartition, this.ofTopic);
  }

  /**
   * What fits as it is is compressed as set. A record that others wrote compressed may be larger than that, and fits
   * again only when it is compressed again.
   */
  compressionFor(records: readonly OutgoingRecord[]): KafkaCompression {
    const { bytes } = this;
    return records.every((record) => sizeOf(record) <= bytes) ? this.config.compression : 'zstd';
  }

  /** The topic's `max.message.bytes`, which bounds a batch after compression. Tells whether `bytes` is another one now. */
  learned(maxMessageBytes: number): boolean {
    const before = this.bytes;
    const share = this.config.compression === 'none' ? 1 : COMPRESSED_SHARE;
    this.ofTopic = Math.max(1, Math.floor(maxMessageBytes * share) - BATCH_OVERHEAD_BYTES);
    return this.bytes !== before;
  }
}

/** Throws where the brokers did not tell the setting. */
export function mustBeBytes(topic: string, told: string | null | undefined): number {
  const bytes = Number(told ?? Number.NaN);
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new Error(`the brokers do not tell ${MAX_MESSAGE_BYTES} of ${topic}`);
}

/** Without the framing of a record. */
export function sizeOf({ key, value, headers }: OutgoingRecord): number {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, content] of headers) bytes += Buffer.byteLength(name) + Buffer.byteLength(content);
  return bytes;
}
