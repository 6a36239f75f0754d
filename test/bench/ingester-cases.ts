import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { processUsage } from '../harness/index.ts';
import { CASSANDRA_CASES, startOverCassandra } from './ingester-cassandra.ts';
import { startOverElasticsearch } from './ingester-search.ts';

/** Where an ingester finds its records, and how Node is started for it. */
export interface IngesterPlace {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly client: string;
  readonly nodeArgs: readonly string[];
}

/** An ingester that runs, as the bench looks at it from outside. */
export interface MeasuredIngester {
  /** Spans that its store has taken so far. */
  stored(): Promise<number>;
  cpuSeconds(): number;
  peakRssBytes(): number;
  /** Of the store's server, where it has one of its own. */
  serverCpuSeconds?(): number;
  /** What else is worth telling of the whole run. */
  facts?(): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

/** A case of the bench: how an ingester over one store is started. The topic has its records already. */
export interface IngesterCase {
  /** By which several cases are asked for together: `npm run bench -- ingester elasticsearch`. */
  readonly store?: string;
  start(place: IngesterPlace): Promise<MeasuredIngester>;
}

/** Every case by its name. */
export const INGESTER_CASES: Readonly<Record<string, IngesterCase>> = {
  counting: { start: startCounting },
  spoor: { store: 'elasticsearch', start: (place) => startOverElasticsearch('spoor', place) },
  jaeger: { store: 'elasticsearch', start: (place) => startOverElasticsearch('jaeger', place) },
  ...Object.fromEntries(
    CASSANDRA_CASES.map((name) => [
      name,
      { store: 'cassandra-rows', start: (place) => startOverCassandra(name, place) },
    ]),
  ),
};

/** An ingester whose store only counts: what is left is Kafka, checking and committing. */
async function startCounting({ brokers, topic, client, nodeArgs }: IngesterPlace): Promise<MeasuredIngester> {
  const child = fork(join(import.meta.dirname, 'ingester-process.ts'), [brokers.join(','), topic, client], {
    execArgv: [...nodeArgs],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the ingester did not start');
  let stored = 0;
  child.on('message', (spans: number) => {
    stored = spans;
  });
  const exited = once(child, 'exit');
  return {
    stored: async () => {
      if (child.exitCode !== null) throw new Error(`the ingester ended with ${child.exitCode}`);
      return stored;
    },
    cpuSeconds: () => processUsage(pid).cpuSeconds,
    peakRssBytes: () => processUsage(pid).peakRssBytes,
    async stop() {
      child.send('stop');
      await exited;
    },
  };
}
