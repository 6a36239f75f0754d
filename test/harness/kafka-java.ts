import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BreakableServer } from './breakable-server.ts';
import { smallVirtualMachine, startJava } from './java-process.ts';

/** Of every cluster: each has a data directory and ports of its own. */
export const KAFKA_CLUSTER_ID = 'c3Bvb3ItdGVzdC1rYWZrYQ';

export interface JavaKafka {
  readonly classPath: string;
  /** Where its `server.properties` is put. */
  readonly directory: string;
  readonly properties: string;
  /** Arguments for users that come with the storage. */
  readonly scram?: readonly string[];
  answers(): Promise<unknown>;
}

/** A broker in local Java, with storage of its own. */
export async function startKafkaInJava(options: JavaKafka): Promise<BreakableServer> {
  const { classPath, directory, properties, scram = [], answers } = options;
  const file = join(directory, 'server.properties');
  writeFileSync(file, properties);
  const format = ['kafka.tools.StorageTool', 'format', '-t', KAFKA_CLUSTER_ID, '-c', file, ...scram];
  await promisify(execFile)('java', [...smallVirtualMachine('128m'), '-cp', classPath, ...format]);
  const logging = [
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
  ];
  return startJava({
    name: 'Kafka',
    args: [...smallVirtualMachine('384m'), ...logging, '-cp', classPath, 'kafka.Kafka', file],
    startedLine: 'Kafka Server started',
    answers,
  });
}
