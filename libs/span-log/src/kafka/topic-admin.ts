import {
  Admin,
  type ClusterTopicMetadata,
  ConfigResourceTypes,
  IncrementalAlterConfigOperationTypes,
} from '@platformatic/kafka';
import { SpoorError } from '@spoor/model';
import { wait } from '../wait.ts';
import { type KafkaSpanLogOptions, kafkaSpanLogConfig } from './config.ts';
import { kafkaError } from './errors.ts';
import { platformaticOptions } from './platformatic.ts';
import { acceptingLeaderless } from './platformatic-leaders.ts';

export interface TopicPartition {
  readonly partition: number;
  /** The broker that takes and gives records; −1 while there is none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
}

export interface TopicDescription {
  readonly name: string;
  readonly partitions: readonly TopicPartition[];
  /** All settings that hold for the topic, its own and the brokers'. */
  readonly settings: ReadonlyMap<string, string>;
}

/** What a partition holds: offsets from `start` to before `end`. */
export interface OffsetRange {
  readonly partition: number;
  readonly start: bigint;
  readonly end: bigint;
}

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly settings: Readonly<Record<string, string>>;
}

/** Offsets by partition. */
export type Offsets = ReadonlyMap<number, bigint>;

const LATEST = -1n;
const EARLIEST = -2n;
const LED_DEADLINE_MS = 30_000;
const LED_INTERVAL_MS = 100;

/**
 * Looks after topics for people: nothing in the way of a span uses it. Every method asks the brokers anew and throws
 * `SPOOR_SPAN_LOG_UNAVAILABLE`, `SPOOR_NOT_FOUND` for a topic that is not there, or `SPOOR_INVALID_CONFIGURATION` where the brokers never will let us in.
 */
export class KafkaTopicAdmin {
  private readonly admin: Admin;

  constructor(options: KafkaSpanLogOptions) {
    const settings = { ...platformaticOptions(kafkaSpanLogConfig(options)), retries: 3, retryDelay: 200 };
    this.admin = acceptingLeaderless(new Admin(settings));
  }

  async close(): Promise<void> {
    await this.admin.close();
  }

  brokerCount(): Promise<number> {
    return asking('asking for the brokers', async () => {
      const { brokers } = await this.admin.metadata({ topics: [], forceUpdate: true });
      return brokers.size;
    });
  }

  /** `undefined` for a topic that does not exist. */
  describe(name: string): Promise<TopicDescription | undefined> {
    return asking(`describing the topic ${name}`, async () => {
      const found = await this.metadataOf(name);
      if (found === undefined) return undefined;
      const [described] = await this.admin.describeConfigs({
        resources: [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: name }],
      });
      const settings = new Map((described?.configs ?? []).map((config) => [config.name, config.value ?? '']));
      const partitions = found.partitions.map(({ leader, replicas, isr }, partition) => ({
        partition,
        leader,
        replicas,
        inSyncReplicas: isr,
      }));
      return { name, partitions, settings };
    });
  }

  /** Resolves when every partition has a leader, so that what is asked next finds it. */
  create({ name, partitions, replicationFactor, settings }: NewTopic): Promise<void> {
    return asking(`creating the topic ${name}`, async () => {
      const configs = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
      await this.admin.createTopics({ topics: [name], partitions, replicas: replicationFactor, configs });
      await this.untilLed(name, partitions);
    });
  }

  /** Changes these settings of a topic and leaves its others alone. */
  alter(name: string, settings: Readonly<Record<string, string>>): Promise<void> {
    return asking(`altering the topic ${name}`, async () => {
      const configs = Object.entries(settings).map(([key, value]) => ({
        name: key,
        value,
        configOperation: IncrementalAlterConfigOperationTypes.SET,
      }));
      await this.admin.incrementalAlterConfigs({
        resources: [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: name, configs }],
      });
    });
  }

  /** Adds partitions up to `count`; their replicas go around the brokers, as many as the topic's partitions have. */
  grow(name: string, count: number): Promise<void> {
    return asking(`adding partitions to ${name}`, async () => {
      const topic = await this.metadataOf(name);
      if (topic === undefined) throw new Error(`the topic ${name} does not exist`);
      const { brokers } = await this.admin.metadata({ topics: [], forceUpdate: true });
      const ids = [...brokers.keys()].sort((a, b) => a - b);
      const replicas = Math.min(topic.partitions[0]?.replicas.length ?? 1, ids.length);
      const assignments = Array.from({ length: count - topic.partitionsCount }, (_, added) => ({
        brokerIds: Array.from({ length: replicas }, (_, i) => ids[(topic.partitionsCount + added + i) % ids.length]!),
      }));
      await this.admin.createPartitions({ topics: [{ name, count, assignments }] });
      await this.untilLed(name, count);
    });
  }

  /** Partitions without a leader are left out. */
  ranges(topic: string): Promise<readonly OffsetRange[]> {
    return asking(`asking for the offsets of ${topic}`, async () => {
      const start = await this.offsets(topic, EARLIEST);
      const end = await this.offsets(topic, LATEST);
      return [...end].map(([partition, offset]) => ({ partition, start: start.get(partition) ?? 0n, end: offset }));
    });
  }

  /** The first offsets that were appended at `timeMs` or later; the end of a partition where nothing was. Partitions without a leader are left out. */
  offsetsAt(topic: string, timeMs: number): Promise<Offsets> {
    return asking(`asking for the offsets of ${topic} by time`, async () => {
      const end = await this.offsets(topic, LATEST);
      const found = await this.offsets(topic, BigInt(Math.max(0, Math.floor(timeMs))));
      return new Map([...found].map(([partition, offset]) => [partition, offset < 0n ? end.get(partition)! : offset]));
    });
  }

  /** What a consumer group has committed; partitions without a commit are left out. */
  committed(group: string, topic: string): Promise<Offsets> {
    return asking(`asking for the progress of the group ${group}`, async () => {
      const groups = await this.admin.listConsumerGroupOffsets({ groups: [group] });
      const partitions = groups[0]?.topics.find(({ name }) => name === topic)?.partitions ?? [];
      return new Map(
        partitions
          .filter(({ committedOffset }) => committedOffset >= 0n)
          .map(({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset]),
      );
    });
  }

  /** Sets the progress of a group that has no members. */
  commit(group: string, topic: string, offsets: Offsets): Promise<void> {
    return asking(`committing for the group ${group}`, async () => {
      const partitionOffsets = [...offsets].map(([partition, offset]) => ({ partition, offset }));
      await this.admin.alterConsumerGroupOffsets({ groupId: group, topics: [{ name: topic, partitionOffsets }] });
    });
  }

  /** Removes the records before the offsets for good. */
  deleteBefore(topic: string, offsets: Offsets): Promise<void> {
    return asking(`deleting records of ${topic}`, async () => {
      const partitions = [...offsets].map(([partition, offset]) => ({ partition, offset }));
      await this.admin.deleteRecords({ topics: [{ name: topic, partitions }] });
    });
  }

  /** Bytes on the leader's disk, by partition; one that no broker tells of is left out. */
  bytes(topic: string): Promise<ReadonlyMap<number, number>> {
    return asking(`asking for the size of ${topic}`, async () => {
      const found = await this.metadataOf(topic);
      const partitions = found?.partitions ?? [];
      const brokers = await this.admin.describeLogDirs({
        topics: [{ name: topic, partitions: partitions.map((_, partition) => partition) }],
      });
      const sizes = new Map<number, number>();
      for (const { broker, results } of brokers)
        for (const { topics } of results)
          for (const { name, partitions: sized } of topics)
            for (const { partitionIndex, partitionSize, isFutureKey } of sized)
              if (name === topic && !isFutureKey && partitions[partitionIndex]?.leader === broker)
                sizes.set(partitionIndex, Number(partitionSize));
      return sizes;
    });
  }

  private async metadataOf(name: string): Promise<ClusterTopicMetadata | undefined> {
    // Asked first, because asking for a topic that is not there is an error that is tried again.
    if (!(await this.admin.listTopics()).includes(name)) return undefined;
    return (await this.admin.metadata({ topics: [name], forceUpdate: true })).topics.get(name);
  }

  /** The controller answers before the brokers know. */
  private async untilLed(name: string, count: number): Promise<void> {
    const deadline = AbortSignal.timeout(LED_DEADLINE_MS);
    while (!deadline.aborted) {
      const partitions = (await this.metadataOf(name))?.partitions ?? [];
      if (partitions.length === count && partitions.every(({ leader }) => leader >= 0)) return;
      await wait(LED_INTERVAL_MS, deadline);
    }
    throw new Error(
      `the ${count} partitions of ${name} have no leaders after ${LED_DEADLINE_MS} ms; they may come yet`,
    );
  }

  private async offsets(topic: string, timestamp: bigint): Promise<Map<number, bigint>> {
    const found = await this.metadataOf(topic);
    if (found === undefined)
      throw new SpoorError('SPOOR_NOT_FOUND', `the topic ${topic} does not exist; create it first`);
    const partitions = found.partitions.flatMap(({ leader }, partitionIndex) =>
      leader < 0 ? [] : [{ partitionIndex, timestamp }],
    );
    if (partitions.length === 0) throw new Error(`no partition of ${topic} has a leader`);
    const [listed] = await this.admin.listOffsets({ topics: [{ name: topic, partitions }] });
    const sorted = [...(listed?.partitions ?? [])].sort((a, b) => a.partitionIndex - b.partitionIndex);
    return new Map(sorted.map(({ partitionIndex, offset }) => [partitionIndex, offset]));
  }
}

async function asking<T>(doing: string, question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    throw kafkaError(doing, error);
  }
}
