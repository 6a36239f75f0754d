import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BreakableServer } from './breakable-server.ts';
import { freePorts } from './free-ports.ts';
import { clientOf, type Kafka, withAdmin } from './kafka-client.ts';
import { kafkaClassPath } from './kafka-jars.ts';
import { startKafkaInJava } from './kafka-java.ts';
import { clusterProperties } from './kafka-settings.ts';
import type { Outside } from './outside.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { waitFor } from './wait-for.ts';

/** Several brokers. The first, numbered 1, is the controller and coordinates every group: it is not for breaking. */
export interface KafkaCluster extends Kafka {
  /** The brokers by their numbers. */
  broker(id: number): BreakableServer;
  /** A topic whose partitions have these replicas, the leader first. */
  createPlacedTopic(name: string, replicas: readonly (readonly number[])[]): Promise<void>;
}

/** In local Java always, since brokers in containers of their own do not reach each other by the loopback address. */
export async function startKafkaCluster(count: number): Promise<Outside<KafkaCluster>> {
  const source = await kafkaClassPath();
  if ('missing' in source) return source;
  const classPath = source.found;
  const directory = temporaryDirectory('kafka-cluster');
  const [controllerPort = 0, ...ports] = await freePorts(1 + count);
  const brokers = ports.map((port) => `127.0.0.1:${port}`);
  const servers: BreakableServer[] = [];

  function start(id: number): Promise<BreakableServer> {
    const port = ports[id - 1] ?? 0;
    const own = join(directory.path, String(id));
    mkdirSync(own);
    return startKafkaInJava({
      classPath,
      directory: own,
      properties: clusterProperties({ id, port, controllerPort, dataDirectory: join(own, 'data') }),
      answers: () => withAdmin([`127.0.0.1:${port}`], (admin) => admin.metadata({ topics: [], forceUpdate: true })),
    });
  }

  async function stop(): Promise<void> {
    await Promise.all(servers.map((server) => server.stop()));
    directory.remove();
  }

  try {
    servers.push(await start(1));
    // Made by the first question, while no other broker is there to get a part of it.
    await coordinates(brokers.slice(0, 1));
    const others = await Promise.allSettled(ports.slice(1).map((_, index) => start(index + 2)));
    for (const one of others) if (one.status === 'fulfilled') servers.push(one.value);
    for (const one of others) if (one.status === 'rejected') throw one.reason;
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    found: {
      ...clientOf(brokers),
      broker: (id) => servers[id - 1]!,
      createPlacedTopic: (name, replicas) =>
        withAdmin(brokers, async (admin) => {
          const assignments = replicas.map((ids, partition) => ({ partition, brokers: [...ids] }));
          await admin.createTopics({ topics: [name], partitions: -1, replicas: -1, assignments });
          const isLed = async () => {
            const topic = (await admin.metadata({ topics: [name], forceUpdate: true })).topics.get(name);
            return topic?.partitions.every(({ leader }, partition) => leader === replicas[partition]?.[0]);
          };
          await waitFor(isLed, { describe: `the leaders of ${name}` });
        }),
      stop,
    },
  };
}

async function coordinates(brokers: readonly string[]): Promise<void> {
  await waitFor(() => withAdmin(brokers, (admin) => admin.listConsumerGroupOffsets({ groups: ['any'] })), {
    describe: 'a coordinator of groups',
  });
}
