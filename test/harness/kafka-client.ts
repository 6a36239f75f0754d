import { randomUUID } from 'node:crypto';
import {
  AclOperations,
  AclPermissionTypes,
  Admin,
  ConfigResourceTypes,
  Consumer,
  IncrementalAlterConfigOperationTypes,
  Producer,
  ResourcePatternTypes,
  ResourceTypes,
} from '@platformatic/kafka';
import { waitFor } from './wait-for.ts';

export interface TopicOptions {
  /** Default 2. */
  readonly partitions?: number;
  /** The topic's own settings, such as `max.message.bytes`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A record as it lies in a topic, whoever wrote it. */
export interface TopicRecord {
  readonly partition: number;
  /** Absent: none. */
  readonly key?: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Kafka {
  readonly brokers: readonly string[];
  /** Resolves when every partition has a leader that answers. */
  createTopic(name: string, options?: TopicOptions): Promise<void>;
  topics(): Promise<string[]>;
  /** Changes these settings of a topic. */
  alterTopic(name: string, settings: Readonly<Record<string, string>>): Promise<void>;
  /** Lets everybody do everything with a topic, but not a user ask for its settings. */
  hideSettings(topic: string, username: string): Promise<void>;
  /** Adds partitions to a topic, up to `count`. */
  growTopic(name: string, count: number): Promise<void>;
  write(topic: string, records: readonly TopicRecord[], compression?: 'none' | 'zstd'): Promise<void>;
  /** The first `count` records of a topic; waits for them. */
  read(topic: string, count: number): Promise<TopicRecord[]>;
  stop(): Promise<void>;
}

/** With a client for administration, closed in the end. */
export async function withAdmin<T>(brokers: readonly string[], use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Admin({ clientId: 'spoor-test', bootstrapBrokers: [...brokers], retries: 3, retryDelay: 100 });
  try {
    return await use(admin);
  } finally {
    await admin.close();
  }
}

/** What tests do with brokers, whoever runs them. */
export function clientOf(brokers: readonly string[]): Omit<Kafka, 'stop'> {
  const options = { clientId: 'spoor-test', bootstrapBrokers: [...brokers] };
  return {
    brokers,
    createTopic: (name, { partitions = 2, settings = {} } = {}) =>
      withAdmin(brokers, async (admin) => {
        const configs = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
        await admin.createTopics({ topics: [name], partitions, replicas: 1, configs });
        await partitionsLed(admin, name, partitions);
      }),
    topics: () => withAdmin(brokers, (admin) => admin.listTopics()),
    alterTopic: (name, settings) =>
      withAdmin(brokers, async (admin) => {
        const configOperation = IncrementalAlterConfigOperationTypes.SET;
        const configs = Object.entries(settings).map(([key, value]) => ({ name: key, value, configOperation }));
        const topic = { resourceType: ConfigResourceTypes.TOPIC, resourceName: name, configs };
        await admin.incrementalAlterConfigs({ resources: [topic] });
      }),
    hideSettings: (topic, username) =>
      withAdmin(brokers, async (admin) => {
        const { ALL, DESCRIBE_CONFIGS } = AclOperations;
        const { ALLOW, DENY } = AclPermissionTypes;
        const of = {
          resourceType: ResourceTypes.TOPIC,
          resourceName: topic,
          resourcePatternType: ResourcePatternTypes.LITERAL,
          host: '*',
        };
        await admin.createAcls({
          creations: [
            { ...of, principal: 'User:*', operation: ALL, permissionType: ALLOW },
            { ...of, principal: `User:${username}`, operation: DESCRIBE_CONFIGS, permissionType: DENY },
          ],
        });
      }),
    growTopic: (name, count) =>
      withAdmin(brokers, async (admin) => {
        const { brokers: nodes, topics } = await admin.metadata({ topics: [name], forceUpdate: true });
        const added = count - (topics.get(name)?.partitionsCount ?? 0);
        const assignments = Array.from({ length: added }, () => ({ brokerIds: [...nodes.keys()].slice(0, 1) }));
        await admin.createPartitions({ topics: [{ name, count, assignments }] });
        await partitionsLed(admin, name, count);
      }),
    async write(topic, records, compression = 'none') {
      const producer = new Producer(options);
      try {
        await producer.send({
          acks: -1,
          compression,
          messages: records.map(({ partition, key = null, value, headers }) => ({
            topic,
            partition,
            ...(key === null ? {} : { key: Buffer.from(key) }),
            ...(value === null ? {} : { value: Buffer.from(value) }),
            headers: new Map(Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)])),
          })),
        });
      } finally {
        await producer.close();
      }
    },
    async read(topic, count) {
      const consumer = new Consumer({ ...options, groupId: `test-${randomUUID()}` });
      const records: TopicRecord[] = [];
      try {
        const stream = await consumer.consume({
          topics: [topic],
          mode: 'earliest',
          autocommit: false,
          maxWaitTime: 100,
        });
        for await (const { partition, key, value, headers } of stream) {
          const texts = [...headers].map(([name, text]) => [String(name), String(text)]);
          records.push({ partition, key: key ?? null, value: value ?? null, headers: Object.fromEntries(texts) });
          if (records.length === count) break;
        }
        return records;
      } finally {
        await consumer.close(true);
      }
    },
  };
}

/** What is written right after a creation may meet a leader that is not there yet. */
async function partitionsLed(admin: Admin, name: string, count: number): Promise<void> {
  await waitFor(
    async () => {
      const topic = (await admin.metadata({ topics: [name], forceUpdate: true })).topics.get(name);
      return topic?.partitionsCount === count && topic.partitions.every(({ leader }) => leader >= 0);
    },
    { describe: `leaders of the ${count} partitions of ${name}` },
  );
}
