import type { ConnectionOptions } from 'node:tls';
import { CompressionCodecs, CompressionTypes, Kafka, type KafkaConfig, logLevel, Partitioners } from 'kafkajs';
import type { KafkaCompression, KafkaSpanLogConfig } from './config.ts';
import type { KafkaDriver } from './driver.ts';
import { codecsForKafkajs } from './kafkajs-codecs.ts';
import { KafkajsMember } from './kafkajs-member.ts';

const RETRY = { initialRetryTime: 100, maxRetryTime: 5_000, factor: 0.2, multiplier: 2 };
/** About 80 minutes with the delays above. */
const SEND_RETRIES = 1_000;

const TYPES: Record<KafkaCompression, CompressionTypes> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

function securityOf({ tls, sasl }: KafkaSpanLogConfig): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  const security: Pick<KafkaConfig, 'ssl' | 'sasl'> = {};
  if (tls !== undefined) {
    const ssl: ConnectionOptions = { rejectUnauthorized: tls.verify ?? true };
    if (tls.ca !== undefined) ssl.ca = tls.ca;
    if (tls.cert !== undefined) ssl.cert = tls.cert;
    if (tls.key !== undefined) ssl.key = tls.key;
    if (tls.serverName !== undefined) ssl.servername = tls.serverName;
    security.ssl = ssl;
  }
  if (sasl === undefined) return security;
  if (sasl.mechanism === 'OAUTHBEARER') {
    const { token } = sasl;
    security.sasl = { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await token() }) };
  } else {
    const { username, password } = sasl;
    const mechanisms = {
      PLAIN: 'plain',
      'SCRAM-SHA-256': 'scram-sha-256',
      'SCRAM-SHA-512': 'scram-sha-512',
    } as const;
    // Spelled out by mechanism, as the library's types want it.
    const mechanism = mechanisms[sasl.mechanism];
    security.sasl = { mechanism, username, password } as NonNullable<KafkaConfig['sasl']>;
  }
  return security;
}

/** Over kafkajs. */
export function createKafkajsDriver(config: KafkaSpanLogConfig): KafkaDriver {
  // The library keeps its codecs in one table for the whole process.
  Object.assign(CompressionCodecs, codecsForKafkajs());
  const kafka = new Kafka({
    clientId: config.clientId,
    brokers: [...config.brokers],
    logLevel: logLevel.NOTHING,
    retry: RETRY,
    ...securityOf(config),
  });
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { ...RETRY, retries: SEND_RETRIES },
  });
  const admin = kafka.admin({ retry: { ...RETRY, retries: 0 } });
  const producing = onceConnected(() => producer.connect());
  const asking = onceConnected(() => admin.connect());
  return {
    async partitionCount(topic) {
      await asking();
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const count = topics[0]?.partitions.length ?? 0;
      if (count === 0) throw new Error(`the topic ${topic} does not exist`);
      return count;
    },
    async send(topic, records) {
      await producing();
      await producer.send({
        topic,
        acks: -1,
        compression: TYPES[config.compression],
        messages: records.map(({ partition, value, headers }) => ({
          partition,
          value: value === null ? null : asBuffer(value),
          headers: Object.fromEntries([...headers].map(([name, content]) => [name, asBuffer(content)])),
        })),
      });
    },
    member: (group, topic) => new KafkajsMember(kafka, config, group, topic),
    async close() {
      await Promise.allSettled([producer.disconnect(), admin.disconnect()]);
    },
  };
}

/** Connects with the first use; a connection that failed is tried again with the next one. */
function onceConnected(connect: () => Promise<void>): () => Promise<void> {
  let connecting: Promise<void> | undefined;
  return () => {
    connecting ??= connect().catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    return connecting;
  };
}

function asBuffer(content: Uint8Array | string): Buffer {
  if (typeof content === 'string') return Buffer.from(content);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}
