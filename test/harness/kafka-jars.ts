import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Outside } from './outside.ts';
import { repositoryRoot } from './spoor-process.ts';

export const KAFKA_VERSION = '4.3.1';

const cache = join(repositoryRoot, 'node_modules/.cache/spoor-kafka');
const run = promisify(execFile);

// Kafka's own pom carries the logging interface only; without a backend it says nothing, not even that it started.
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>spoor.test</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

async function runs(program: string, argument: string): Promise<boolean> {
  return run(program, [argument], { timeout: 30_000 }).then(
    () => true,
    () => false,
  );
}

/** The folder with Kafka's jars: kept from an earlier run, or fetched once by Maven (44 MB). */
export async function kafkaJars(): Promise<Outside<string>> {
  if (!(await runs('java', '-version')))
    return { missing: 'There is no Java', remedy: 'Install a Java 17 runtime, or set SPOOR_TEST_KAFKA_BROKERS' };
  const jars = join(cache, KAFKA_VERSION);
  if (existsSync(jars)) return { found: jars };
  if (!(await runs('mvn', '-version')))
    return { missing: 'There is no Maven', remedy: 'Install Maven, or set SPOOR_TEST_KAFKA_BROKERS' };
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'fetch-'));
  try {
    writeFileSync(join(work, 'pom.xml'), POM);
    const goal = ['dependency:copy-dependencies', '-DoutputDirectory=lib', '-DincludeScope=runtime'];
    await run('mvn', ['-B', '-ntp', '-q', ...goal], { cwd: work, timeout: 300_000 });
    // Complete or absent; when two suites fetch at once the second one finds the first one's.
    if (!existsSync(jars)) renameSync(join(work, 'lib'), jars);
    return { found: jars };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      missing: `Maven could not fetch Kafka ${KAFKA_VERSION}: ${why}`,
      remedy: 'Give Maven access to its repository, or set SPOOR_TEST_KAFKA_BROKERS',
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
