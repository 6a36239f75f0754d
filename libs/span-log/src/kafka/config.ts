import type { ClientTls } from '@spoor/service';
import type { KafkaEncoding } from './encodings.ts';

/** Which client library talks to the brokers. Both do the same; members of one group must use the same one. */
export type KafkaClientName = 'platformatic' | 'kafkajs';

export const KAFKA_COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type KafkaCompression = (typeof KAFKA_COMPRESSIONS)[number];

/** Verified unless told otherwise. */
export type KafkaTls = Omit<ClientTls, 'verify'> & Partial<Pick<ClientTls, 'verify'>>;

export type KafkaSasl =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: 'OAUTHBEARER'; readonly token: () => Promise<string> };

export interface KafkaSpanLogConfig {
  readonly client: KafkaClientName;
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Must exist: nothing here creates topics. */
  readonly topic: string;
  readonly deadLetterTopic: string;
  /** Of what is written, and of what is read where a record does not tell its own. */
  readonly encoding: KafkaEncoding;
  /** Of what is written. All of them can be read, whoever wrote them. */
  readonly compression: KafkaCompression;
  readonly tls?: KafkaTls;
  readonly sasl?: KafkaSasl;
  /** How long the first batch waits for others to share its request. */
  readonly lingerMs: number;
  /**
   * Bound on what one partition gets in one request, before compression. Must lie below the topic's `max.message.bytes`
   * (1,048,588 by default), which bounds the same thing after compression.
   */
  readonly maxRequestBytesPerPartition: number;
  /** Bounds on what is taken and not yet acknowledged by the brokers. */
  readonly maxInFlightBytes: number;
  readonly maxInFlightBatches: number;
  /** Bound on what one call of a handler gets; a larger record comes alone. */
  readonly maxDeliveryBytes: number;
  /** Above this many fetched and unfinished bytes nothing more is fetched. One response per broker may lie above it. */
  readonly maxFetchedBytes: number;
  /** After this long without a sign of life the group gives a member's partitions to others. */
  readonly sessionTimeoutMs: number;
  /** How often the number of partitions is asked for. */
  readonly metadataRefreshMs: number;
  /** A partition that has records and does not move for so long, without a known reason, is fetched anew. */
  readonly stallTimeoutMs: number;
}

export type KafkaSpanLogOptions = Pick<KafkaSpanLogConfig, 'brokers'> & Partial<KafkaSpanLogConfig>;

const DEFAULTS: Omit<KafkaSpanLogConfig, 'brokers' | 'deadLetterTopic'> = {
  client: 'platformatic',
  clientId: 'spoor',
  topic: 'jaeger-spans',
  encoding: 'otlp_proto',
  compression: 'none',
  lingerMs: 5,
  maxRequestBytesPerPartition: 900_000,
  maxInFlightBytes: 64 * 1024 * 1024,
  maxInFlightBatches: 100_000,
  maxDeliveryBytes: 4 * 1024 * 1024,
  maxFetchedBytes: 32 * 1024 * 1024,
  sessionTimeoutMs: 30_000,
  metadataRefreshMs: 30_000,
  stallTimeoutMs: 60_000,
};

/** The dead-letter topic is the topic's name with `-dlq`, unless told otherwise. */
export function kafkaSpanLogConfig(options: KafkaSpanLogOptions): KafkaSpanLogConfig {
  const config = { ...DEFAULTS, ...options };
  return { ...config, deadLetterTopic: options.deadLetterTopic ?? `${config.topic}-dlq` };
}
