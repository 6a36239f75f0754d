import { decodeTraces } from '@spoor/otlp';
import { type KafkaDeadLetter, letterOf, openKafkaTopics } from '@spoor/span-log';
import { type Collector, startCollector } from './collector.ts';
import { type Ingester, startIngester } from './ingester.ts';
import type { Kafka } from './kafka.ts';
import { type Query, startQuery } from './query.ts';
import type { SharedStore } from './shared-store.ts';
import { waitFor } from './wait-for.ts';

export interface PipelineOptions {
  readonly kafka: Kafka;
  readonly store: SharedStore;
  /** Made here, with the one for dead letters. */
  readonly topic: string;
  /** Default 12. */
  readonly partitions?: number;
  /** The settings of both topics, such as `max.message.bytes`. */
  readonly topicSettings?: Readonly<Record<string, string>>;
  /** Default 2. */
  readonly collectors?: number;
  /** Default 2. */
  readonly ingesters?: number;
  /** Settings of the processes that use Kafka. */
  readonly kafkaEnv?: Readonly<Record<string, string>>;
  readonly collectorEnv?: Readonly<Record<string, string>>;
  readonly ingesterEnv?: Readonly<Record<string, string>>;
  readonly queryEnv?: Readonly<Record<string, string>>;
  /** Default 120,000: on a busy machine a handful of processes that start at once take their time. */
  readonly readyDeadlineMs?: number;
}

/** What lies in the topic now, each span as often as it lies there: those of a request that was sent again may twice. */
export interface LoggedSpans {
  readonly all: number;
  /** Those that metrics of services count: they do not begin in the future. */
  readonly counted: number;
}

/** Collectors, Kafka, ingesters and a query process over a store that the last two share. */
export interface Pipeline extends AsyncDisposable {
  readonly topic: string;
  readonly deadLetterTopic: string;
  readonly collectors: readonly Collector[];
  /** Those that were killed are among them, those that were removed are not. */
  readonly ingesters: readonly Ingester[];
  readonly query: Query;
  addIngester(): Promise<Ingester>;
  /** Stops one as an operator would. Resolves with its exit code. */
  removeIngester(ingester: Ingester): Promise<number | null>;
  /** Resolves with how many there are then. */
  addPartition(): Promise<number>;
  /** Every record must be one that a collector made. */
  loggedSpans(): Promise<LoggedSpans>;
  /** What lies in the dead-letter topic now. */
  deadLetters(): Promise<readonly KafkaDeadLetter[]>;
  /** The sum of a metric over the collectors. */
  collected(metric: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** The sum of a metric over the ingesters. */
  ingested(metric: string, labels?: Readonly<Record<string, string>>): Promise<number>;
}

export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { kafka, store, topic, kafkaEnv = {}, readyDeadlineMs = 120_000 } = options;
  const { brokers } = kafka;
  const deadLetterTopic = `${topic}-dlq`;
  let { partitions = 12 } = options;
  const { topicSettings: settings = {} } = options;
  await kafka.createTopic(topic, { partitions, settings });
  await kafka.createTopic(deadLetterTopic, { settings });

  const collectorEnv = { ...kafkaEnv, ...options.collectorEnv };
  // Several suites may share a broker: nobody else is in this group.
  const ingesterEnv = { SPOOR_INGESTER_GROUP: topic, ...kafkaEnv, ...options.ingesterEnv };
  const newIngester = () =>
    startIngester({ brokers, topic, storage: store.settings, env: ingesterEnv, readyDeadlineMs });
  const [query, collectors, ingesters] = await Promise.all([
    startQuery({ storage: store.settings, env: options.queryEnv ?? {}, readyDeadlineMs }),
    Promise.all(
      times(options.collectors ?? 2, () => startCollector({ brokers, topic, env: collectorEnv, readyDeadlineMs })),
    ),
    Promise.all(times(options.ingesters ?? 2, newIngester)),
  ]);

  await waitFor(() => haveAll(ingesters, partitions), { describe: `the ${partitions} partitions to be shared out` });

  const summed = async (
    processes: readonly Pick<Collector, 'metrics'>[],
    metric: string,
    labels: Readonly<Record<string, string>> = {},
  ) => {
    const metrics = await Promise.all(processes.map((one) => one.metrics()));
    return metrics.reduce((sum, one) => sum + one.sum(metric, labels), 0);
  };

  return {
    topic,
    deadLetterTopic,
    collectors,
    ingesters,
    query,
    async addIngester() {
      const ingester = await newIngester();
      ingesters.push(ingester);
      return ingester;
    },
    async removeIngester(ingester) {
      ingesters.splice(ingesters.indexOf(ingester), 1);
      return ingester.stop();
    },
    async addPartition() {
      partitions += 1;
      await kafka.growTopic(topic, partitions);
      return partitions;
    },
    loggedSpans: () => countSpans(brokers, topic),
    deadLetters: () => readLetters(brokers, deadLetterTopic),
    collected: (metric, labels) => summed(collectors, metric, labels),
    ingested: (metric, labels) => summed(ingesters, metric, labels),
    async [Symbol.asyncDispose]() {
      await Promise.all([...collectors, ...ingesters, query].map((one) => one.stop()));
    },
  };
}

/**
 * Whether each partition belongs to one of them by what they log, and each has some. Before that a member that joins takes
 * partitions from others, and what those have not committed comes again: spans are stored once even so, letters are written twice.
 */
function haveAll(ingesters: readonly Ingester[], partitions: number): boolean {
  const assigned = ingesters.map((ingester) => {
    const last = ingester.logs().findLast(({ msg }) => msg === 'partitions assigned');
    return (last?.['partitions'] ?? []) as number[];
  });
  const all = assigned.flat();
  return assigned.every(({ length }) => length > 0) && all.length === partitions && new Set(all).size === partitions;
}

async function readLetters(brokers: readonly string[], topic: string): Promise<readonly KafkaDeadLetter[]> {
  const { admin, records, close } = await openKafkaTopics({ brokers });
  const letters: KafkaDeadLetter[] = [];
  try {
    for (const range of await admin.ranges(topic)) {
      for await (const record of records.read(topic, range)) {
        const letter = letterOf(record);
        if (letter === undefined) throw new Error(`${topic} holds a record that is no dead letter`);
        letters.push(letter);
      }
    }
    return letters;
  } finally {
    await close();
  }
}

/** Those that begin this much after their record was made are not counted. */
const MAX_AHEAD_NANOS = 600_000_000_000n;

async function countSpans(brokers: readonly string[], topic: string): Promise<LoggedSpans> {
  const { admin, records, close } = await openKafkaTopics({ brokers });
  let [all, counted] = [0, 0];
  try {
    for (const range of await admin.ranges(topic)) {
      for await (const { value, timestampMs } of records.read(topic, range)) {
        const latest = BigInt(timestampMs) * 1_000_000n + MAX_AHEAD_NANOS;
        const spans = decodeTraces(value ?? new Uint8Array());
        all += spans.length;
        for (const { startTimeUnixNano } of spans) if (startTimeUnixNano <= latest) counted += 1;
      }
    }
    return { all, counted };
  } finally {
    await close();
  }
}

function times<T>(count: number, make: () => Promise<T>): Promise<T>[] {
  return Array.from({ length: count }, make);
}
