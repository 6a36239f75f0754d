import { join } from 'node:path';
import { mavenJars } from './maven-jars.ts';
import type { Outside } from './outside.ts';

/** Another one that Maven has is tested against with SPOOR_TEST_CASSANDRA_VERSION. */
export const CASSANDRA_VERSION = process.env['SPOOR_TEST_CASSANDRA_VERSION'] ?? '5.0.9';

/** The folder with Cassandra's jars in `lib` (67 MB, fetched once). */
export async function cassandraJars(): Promise<Outside<string>> {
  const jars = await mavenJars({
    name: 'Cassandra',
    version: CASSANDRA_VERSION,
    artifacts: [`org.apache.cassandra:cassandra-all:${CASSANDRA_VERSION}`],
    setting: 'SPOOR_TEST_CASSANDRA',
  });
  return 'missing' in jars ? jars : { found: join(jars.found, 'lib') };
}

/** What Cassandra opens of the Java 17 modules that it reaches into. */
const OPENED = [
  'java.lang',
  'java.lang.module',
  'java.lang.reflect',
  'java.io',
  'java.nio',
  'java.util',
  'java.util.concurrent',
  'java.util.concurrent.atomic',
  'jdk.internal.loader',
  'jdk.internal.ref',
  'jdk.internal.reflect',
  'jdk.internal.math',
  'jdk.internal.module',
  'jdk.internal.util.jar',
  'sun.nio.ch',
].map((name) => `java.base/${name}`);
const EXPORTED = [
  'java.base/jdk.internal.misc',
  'java.base/jdk.internal.ref',
  'java.base/java.lang.ref',
  'java.base/sun.nio.ch',
  'java.management.rmi/com.sun.jmx.remote.internal.rmi',
  'java.rmi/sun.rmi.registry',
  'java.rmi/sun.rmi.server',
  'java.sql/java.sql',
  'jdk.unsupported/sun.misc',
];

export const CASSANDRA_MODULES: readonly string[] = [
  '-Djdk.attach.allowAttachSelf=true',
  ...EXPORTED.flatMap((name) => ['--add-exports', `${name}=ALL-UNNAMED`]),
  ...[...OPENED, 'jdk.management/com.sun.management.internal'].flatMap((name) => [
    '--add-opens',
    `${name}=ALL-UNNAMED`,
  ]),
];
