import { join } from 'node:path';
import { mavenJars } from './maven-jars.ts';
import type { Outside } from './outside.ts';

export const KAFKA_VERSION = '4.3.1';

/** The class path with Kafka's jars (44 MB, fetched once). */
export async function kafkaClassPath(): Promise<Outside<string>> {
  const jars = await mavenJars({
    name: 'Kafka',
    version: KAFKA_VERSION,
    // Kafka's own pom carries the logging interface only; without a backend it says nothing, not even that it started.
    artifacts: [`org.apache.kafka:kafka_2.13:${KAFKA_VERSION}`, 'org.slf4j:slf4j-simple:1.7.36'],
    setting: 'SPOOR_TEST_KAFKA_BROKERS',
  });
  return 'missing' in jars ? jars : { found: join(jars.found, 'lib', '*') };
}
