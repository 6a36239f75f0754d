import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { OwnCassandra, OwnCassandraOptions } from './cassandra.ts';
import { CASSANDRA_MODULES, cassandraJars } from './cassandra-jars.ts';
import { type CassandraPlace, cassandraYaml, quickStart } from './cassandra-settings.ts';
import { answersCql } from './cql-answer.ts';
import { freePorts } from './free-ports.ts';
import { startJava } from './java-process.ts';
import { createKafkaCertificate } from './kafka-certificate.ts';
import type { Outside } from './outside.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A node in a process of this machine, wherever Docker is. */
export interface JavaCassandra extends OwnCassandra {
  /** Of the server's process; another one after `revive`. */
  readonly pid: number;
}

export interface JavaCassandraOptions extends OwnCassandraOptions {
  /** Of the virtual machine, in place of those that make it small. */
  readonly javaArgs?: readonly string[];
  /** By itself on free ports of 127.0.0.1, when absent. */
  readonly place?: CassandraPlace;
  /** For `nodetool`. Whoever starts several at once takes their ports together, lest two get the same one. */
  readonly jmxPort?: number;
}

/** The code is compiled once, quickly; Cassandra needs more heap and stack than other servers. */
const SMALL = ['-Xms256m', '-Xmx640m', '-Xss512k', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

const NODETOOL_MS = 60_000;

const CONSOLE_LOG = `<configuration><appender name="C" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%-5level %logger{20} - %msg%n</pattern></encoder></appender>
<root level="INFO"><appender-ref ref="C"/></root></configuration>
`;

/** A node in a Java virtual machine of this machine: for measurements, and for several beside each other. */
export async function startCassandraInJava(options: JavaCassandraOptions = {}): Promise<Outside<JavaCassandra>> {
  const jars = await cassandraJars();
  if ('missing' in jars) return jars;
  const lib = jars.found;
  const directory = temporaryDirectory('cassandra');
  const place = options.place ?? (await freePlace());
  const jmxPort = options.jmxPort ?? (await freePorts(1))[0] ?? 0;
  const { host, port } = place;
  const conf = join(directory.path, 'conf');
  const dataDirectory = join(directory.path, 'data');
  mkdirSync(conf);
  writeFileSync(join(conf, 'logback.xml'), CONSOLE_LOG);
  const certificate = options.isGuarded === true ? await createKafkaCertificate(directory.path) : undefined;
  const keyStore = certificate && { path: certificate.keyStore, password: certificate.password };
  const yaml = cassandraYaml({ place, dataDirectory, keyStore, settings: options.settings });
  writeFileSync(join(conf, 'cassandra.yaml'), yaml);
  const agent = readdirSync(lib).find((jar) => jar.startsWith('jamm-')) ?? '';
  const properties = {
    'cassandra.config': `file://${join(conf, 'cassandra.yaml')}`,
    'logback.configurationFile': join(conf, 'logback.xml'),
    'cassandra.storagedir': dataDirectory,
    'cassandra.logdir': directory.path,
    'cassandra-foreground': 'yes',
    'cassandra.jmx.local.port': String(jmxPort),
    'java.awt.headless': 'true',
    ...quickStart(place),
  };
  const server = await startJava({
    name: 'Cassandra',
    args: [
      ...(options.javaArgs ?? SMALL),
      ...CASSANDRA_MODULES,
      `-javaagent:${join(lib, agent)}`,
      ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
      '-cp',
      `${conf}:${join(lib, '*')}`,
      'org.apache.cassandra.service.CassandraDaemon',
    ],
    startedLine: 'Starting listening for CQL clients',
    answers: () => answersCql(host, port),
  });
  const { kill, revive, freeze, thaw } = server;
  return {
    found: {
      host,
      port,
      ca: certificate?.ca,
      get pid() {
        return server.pid;
      },
      kill,
      revive,
      freeze,
      thaw,
      nodetool: (...words) => runNodetool(conf, lib, ['-h', '127.0.0.1', '-p', String(jmxPort), ...words]),
      async stop() {
        await server.stop();
        directory.remove();
      },
    },
  };
}

async function runNodetool(conf: string, lib: string, words: readonly string[]): Promise<string> {
  const args = [
    ...CASSANDRA_MODULES,
    '-XX:TieredStopAtLevel=1',
    `-Dlogback.configurationFile=${join(conf, 'logback.xml')}`,
    '-cp',
    `${conf}:${join(lib, '*')}`,
    'org.apache.cassandra.tools.NodeTool',
    ...words,
  ];
  return (await promisify(execFile)('java', args, { timeout: NODETOOL_MS })).stdout;
}

async function freePlace(): Promise<CassandraPlace> {
  const [port = 0, storagePort = 0, tlsStoragePort = 0] = await freePorts(3);
  return { host: '127.0.0.1', port, storagePort, tlsStoragePort, seeds: ['127.0.0.1'], token: 0n };
}
