import type { ConnectionOptions } from 'node:tls';
import kafkajs, { type KafkaConfig } from 'kafkajs';
import { MAX_MESSAGE_BYTES, mustBeBytes } from './batch-limit.ts';
import type { KafkaSpanLogConfig } from './config.ts';
import type { KafkaDriver, SendFailed, TopicPartitions } from './driver.ts';
import { codecsForKafkajs } from './kafkajs-codecs.ts';
import { acceptLeaderless } from './kafkajs-leaders.ts';
import { KafkajsMember } from './kafkajs-member.ts';
import { KafkajsTopicProducer } from './kafkajs-producer.ts';
import { onceConnected } from './once-connected.ts';

// CommonJS, whose names Node cannot import one by one.
const { CompressionCodecs, ConfigResourceTypes, Kafka, logLevel } = kafkajs;

/** The library tries again on several levels, and the numbers multiply: one level does it, the others hardly. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 5_000, factor: 0.2, multiplier: 2, retries: 1 };
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
export function createKafkajsDriver(config: KafkaSpanLogConfig, sendFailed: SendFailed): KafkaDriver {
  // The library keeps its codecs in one table for the whole process.
  Object.assign(CompressionCodecs, codecsForKafkajs());
  acceptLeaderless();
  const kafka = new Kafka({
    clientId: config.clientId,
    brokers: [...config.brokers],
    logLevel: logLevel.NOTHING,
    retry: RETRY,
    ...securityOf(config),
  });
  const producers = new Map<string, KafkajsTopicProducer>();
  const admin = kafka.admin({ retry: { ...RETRY, retries: 0 } });
  const asking = onceConnected(() => admin.connect());
  const questions = new Map<string, Promise<TopicPartitions>>();

  async function partitions(topic: string): Promise<TopicPartitions> {
    await asking();
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const told = topics[0]?.partitions ?? [];
    if (told.length === 0) throw new Error(`the topic ${topic} does not exist`);
    const leaderless = told.filter(({ leader }) => leader < 0).map(({ partitionId }) => partitionId);
    return { count: told.length, leaderless: new Set(leaderless) };
  }

  return {
    // A question can stay open for long while no broker is there: never two for the same topic.
    partitions(topic) {
      const open = questions.get(topic) ?? partitions(topic).finally(() => questions.delete(topic));
      questions.set(topic, open);
      return open;
    },
    async maxMessageBytes(topic) {
      await asking();
      const resource = { type: ConfigResourceTypes.TOPIC, name: topic, configNames: [MAX_MESSAGE_BYTES] };
      const { resources } = await admin.describeConfigs({ resources: [resource], includeSynonyms: false });
      const entry = resources[0]?.configEntries.find(({ configName }) => configName === MAX_MESSAGE_BYTES);
      return mustBeBytes(topic, entry?.configValue);
    },
    async offsets(group, topic, asked) {
      await asking();
      const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
      const next = new Map(committed?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
      const ends = await admin.fetchTopicOffsets(topic);
      return new Map(
        ends
          .filter(({ partition }) => asked.includes(partition))
          .map(({ partition, high, low }) => [
            partition,
            { committed: next.get(partition) ?? -1n, start: BigInt(low), end: BigInt(high) },
          ]),
      );
    },
    async send(topic, records, compression = config.compression) {
      const producer = producers.get(topic) ?? new KafkajsTopicProducer(kafka, config, topic, sendFailed);
      producers.set(topic, producer);
      await producer.send(records, compression);
    },
    member: (group, topic) => new KafkajsMember(kafka, config, group, topic),
    async close() {
      await Promise.allSettled([admin.disconnect(), ...[...producers.values()].map((producer) => producer.close())]);
    },
  };
}
