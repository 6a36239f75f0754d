import kafkajs, { type CompressionTypes as CompressionType, type Kafka, type Producer } from 'kafkajs';
import { backOffMs, wait } from '../wait.ts';
import type { KafkaCompression, KafkaSpanLogConfig } from './config.ts';
import type { OutgoingRecord, SendFailed } from './driver.ts';
import { onceConnected } from './once-connected.ts';

// CommonJS, whose names Node cannot import one by one.
const { CompressionTypes, Partitioners } = kafkajs;

/** More than two hours with the delays between them. */
const SEND_ATTEMPTS = 1_000;

const TYPES: Record<KafkaCompression, CompressionType> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

interface Slot {
  readonly producer: Producer;
  readonly connected: () => Promise<void>;
}

/**
 * The library's sequence numbers go back when a send fails. If the brokers had the records and only the answer was lost,
 * other records with the same numbers would be taken for repetitions: acknowledged and thrown away. So the very same
 * records are sent until they are in; where that cannot be, the next ones come from a producer with a new identity.
 */
export class KafkajsTopicProducer {
  private readonly kafka: Kafka;
  private readonly config: KafkaSpanLogConfig;
  private readonly topic: string;
  private readonly sendFailed: SendFailed;
  private readonly closing = new AbortController();
  private slot: Slot | undefined;

  constructor(kafka: Kafka, config: KafkaSpanLogConfig, topic: string, sendFailed: SendFailed) {
    this.kafka = kafka;
    this.config = config;
    this.topic = topic;
    this.sendFailed = sendFailed;
  }

  /** One call at a time. */
  async send(records: readonly OutgoingRecord[], compression: KafkaCompression): Promise<void> {
    this.slot ??= this.openSlot();
    const { slot } = this;
    for (let attempt = 0; ; attempt += 1) {
      try {
        await slot.connected();
        return await this.sendOnce(slot.producer, records, compression);
      } catch (error) {
        this.sendFailed(error);
        if (isPassing(error) && attempt < SEND_ATTEMPTS) await wait(backOffMs(attempt), this.closing.signal);
        if (!isPassing(error) || attempt >= SEND_ATTEMPTS || this.closing.signal.aborted) {
          this.slot = undefined;
          void slot.producer.disconnect().catch(() => undefined);
          throw error;
        }
      }
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.slot?.producer.disconnect();
  }

  private openSlot(): Slot {
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      metadataMaxAge: this.config.metadataRefreshMs,
      createPartitioner: Partitioners.DefaultPartitioner,
      // Few, so that whoever looks learns soon that sends fail; the loop above goes on.
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 2 },
    });
    return { producer, connected: onceConnected(() => producer.connect()) };
  }

  private async sendOnce(
    producer: Producer,
    records: readonly OutgoingRecord[],
    compression: KafkaCompression,
  ): Promise<void> {
    const written = await producer.send({
      topic: this.topic,
      acks: -1,
      compression: TYPES[compression],
      messages: records.map(({ partition, key, value, headers }) => ({
        partition,
        key: key === null ? null : asBuffer(key),
        value: value === null ? null : asBuffer(value),
        headers: Object.fromEntries([...headers].map(([name, content]) => [name, asBuffer(content)])),
      })),
    });
    // The library leaves out, without a word, what is for a partition that it has not heard of yet.
    const answered = new Set(written.map(({ partition }) => partition));
    const left = records.find(({ partition }) => !answered.has(partition));
    if (left !== undefined) throw new Error(`partition ${left.partition} of ${this.topic} has no known leader`);
  }
}

/** Connections, time-outs and leaders pass; a refused record or refused credentials do not. */
function isPassing(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    if (/^KafkaJS(Connection|RequestTimeout|Broker|LockTimeout|MetadataNotLoaded)/.test(one.name)) return true;
    if ((one as { retriable?: unknown }).retriable === true) return true;
  }
  return false;
}

/** The same memory, as the class that the library insists on. */
function asBuffer(content: Uint8Array | string): Buffer {
  if (typeof content === 'string') return Buffer.from(content);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}
