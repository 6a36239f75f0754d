import { type BaseOptions, Producer } from '@platformatic/kafka';
import type { KafkaSpanLogConfig } from './config.ts';
import type { KafkaDriver } from './driver.ts';
import { PlatformaticMember } from './platformatic-member.ts';

/** About 80 minutes with the delays below. Bounded, because the client keeps the error of every attempt. */
const SEND_RETRIES = 1_000;
const MAX_RETRY_DELAY_MS = 5_000;

/** What every client object of the library is made with. Nothing creates topics. */
export function platformaticOptions(config: KafkaSpanLogConfig): BaseOptions {
  const { tls, sasl } = config;
  return {
    clientId: config.clientId,
    bootstrapBrokers: [...config.brokers],
    autocreateTopics: false,
    ...(tls === undefined
      ? {}
      : {
          tls: {
            ...(tls.ca === undefined ? {} : { ca: tls.ca }),
            ...(tls.cert === undefined ? {} : { cert: tls.cert }),
            ...(tls.key === undefined ? {} : { key: tls.key }),
            rejectUnauthorized: tls.verify ?? true,
          },
          tlsServerName: tls.serverName ?? true,
        }),
    ...(sasl === undefined ? {} : { sasl }),
  };
}

/** Over @platformatic/kafka. */
export function createPlatformaticDriver(config: KafkaSpanLogConfig): KafkaDriver {
  const options = platformaticOptions(config);
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({
    ...options,
    idempotent: true,
    compression: config.compression,
    retries: SEND_RETRIES,
    retryDelay: (_client, _operation, attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), MAX_RETRY_DELAY_MS),
  });
  // A client of its own, since its answers must not wait behind a thousand retries.
  const asking = new Producer({ ...options, retries: 0 });
  return {
    async partitionCount(topic) {
      const { topics } = await asking.metadata({ topics: [topic], forceUpdate: true });
      const count = topics.get(topic)?.partitionsCount ?? 0;
      if (count === 0) throw new Error(`the topic ${topic} does not exist`);
      return count;
    },
    async send(topic, records) {
      await producer.send({
        // Told again here: only then does the client begin a new sequence after a send that failed for good.
        idempotent: true,
        messages: records.map(({ partition, key, value, headers }) => ({
          topic,
          partition,
          ...(key === null ? {} : { key: asBuffer(key) }),
          ...(value === null ? {} : { value: asBuffer(value) }),
          headers: new Map([...headers].map(([name, content]) => [Buffer.from(name), asBuffer(content)])),
        })),
      });
    },
    member: (group, topic) => new PlatformaticMember(options, config, group, topic),
    async close() {
      await Promise.allSettled([producer.close(true), asking.close(true)]);
    },
  };
}

/** The same memory, as the class that the client insists on. */
function asBuffer(content: Uint8Array | string): Buffer {
  if (typeof content === 'string') return Buffer.from(content);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}
