import { Admin, type BaseOptions, ConfigResourceTypes, Producer } from '@platformatic/kafka';
import { MAX_MESSAGE_BYTES, mustBeBytes } from './batch-limit.ts';
import type { KafkaSpanLogConfig } from './config.ts';
import type { KafkaDriver, SendFailed, TopicPartitions } from './driver.ts';
import { acceptingLeaderless, followingLeaders } from './platformatic-leaders.ts';
import { PlatformaticMember } from './platformatic-member.ts';

/** About 80 minutes with the delays below. Bounded, because the client keeps the error of every attempt. */
const SEND_RETRIES = 1_000;
const MAX_RETRY_DELAY_MS = 5_000;
const LATEST = -1n;
const EARLIEST = -2n;

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
export function createPlatformaticDriver(config: KafkaSpanLogConfig, sendFailed: SendFailed): KafkaDriver {
  const options = platformaticOptions(config);
  const producer = followingLeaders(
    new Producer<Buffer, Buffer, Buffer, Buffer>({
      ...options,
      idempotent: true,
      retries: SEND_RETRIES,
      retryDelay(_client, _operation, attempt, _retries, error) {
        sendFailed(error);
        return Math.min(50 * 2 ** Math.min(attempt, 10), MAX_RETRY_DELAY_MS);
      },
    }),
  );
  // A client of its own, since its answers must not wait behind a thousand retries.
  const asking = acceptingLeaderless(new Admin({ ...options, retries: 0 }));

  async function listed(topic: string, partitions: readonly number[], timestamp: bigint): Promise<Map<number, bigint>> {
    const asked = partitions.map((partitionIndex) => ({ partitionIndex, timestamp }));
    const [found] = await asking.listOffsets({ topics: [{ name: topic, partitions: asked }] });
    return new Map(found?.partitions.map(({ partitionIndex, offset }) => [partitionIndex, offset]));
  }

  async function partitions(topic: string): Promise<TopicPartitions> {
    const { topics } = await asking.metadata({ topics: [topic], forceUpdate: true });
    const leaders = topics.get(topic)?.partitions.map(({ leader }) => leader) ?? [];
    if (leaders.length === 0) throw new Error(`the topic ${topic} does not exist`);
    return { count: leaders.length, leaderless: new Set(leaders.flatMap((leader, i) => (leader < 0 ? [i] : []))) };
  }

  return {
    partitions,
    async maxMessageBytes(topic) {
      const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: topic };
      const [found] = await asking.describeConfigs({
        resources: [{ ...resource, configurationKeys: [MAX_MESSAGE_BYTES] }],
      });
      return mustBeBytes(topic, found?.configs.find(({ name }) => name === MAX_MESSAGE_BYTES)?.value);
    },
    async send(topic, records, compression = config.compression) {
      await producer.send({
        // Told again here: only then does the client begin a new sequence after a send that failed for good.
        idempotent: true,
        compression,
        messages: records.map(({ partition, key, value, headers }) => ({
          topic,
          partition,
          ...(key === null ? {} : { key: asBuffer(key) }),
          ...(value === null ? {} : { value: asBuffer(value) }),
          headers: new Map([...headers].map(([name, content]) => [Buffer.from(name), asBuffer(content)])),
        })),
      });
    },
    async offsets(group, topic, asked) {
      const { leaderless } = await partitions(topic);
      const led = asked.filter((partition) => !leaderless.has(partition));
      if (led.length === 0) return new Map();
      const groups = await asking.listConsumerGroupOffsets({ groups: [group] });
      const committed = new Map(
        groups[0]?.topics
          .find(({ name }) => name === topic)
          ?.partitions.map(({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset]),
      );
      const start = await listed(topic, led, EARLIEST);
      const end = await listed(topic, led, LATEST);
      return new Map(
        [...end].map(([partition, offset]) => [
          partition,
          { committed: committed.get(partition) ?? -1n, start: start.get(partition) ?? 0n, end: offset },
        ]),
      );
    },
    member: (group, topic) => new PlatformaticMember(options, config, group, topic),
    async close() {
      await Promise.allSettled([producer.close(true), asking.close()]);
    },
  };
}

/** The same memory, as the class that the client insists on. */
function asBuffer(content: Uint8Array | string): Buffer {
  if (typeof content === 'string') return Buffer.from(content);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}
