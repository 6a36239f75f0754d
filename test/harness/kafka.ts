import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BreakableServer } from './breakable-server.ts';
import { startContainer } from './container.ts';
import { dockerImage } from './docker.ts';
import { freePorts } from './free-ports.ts';
import { smallVirtualMachine } from './java-process.ts';
import {
  createKafkaCertificate,
  createKafkaClientCertificate,
  type KafkaClientCertificate,
} from './kafka-certificate.ts';
import { clientOf, type Kafka, withAdmin } from './kafka-client.ts';
import { kafkaClassPath } from './kafka-jars.ts';
import { KAFKA_CLUSTER_ID, startKafkaInJava } from './kafka-java.ts';
import { type KafkaSettings, type KafkaUser, kafkaProperties } from './kafka-settings.ts';
import type { Outside } from './outside.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export type { Kafka, TopicOptions, TopicRecord } from './kafka-client.ts';

export interface OwnKafkaOptions {
  /** Whom the guarded listener lets in, by PLAIN and SCRAM; with OAUTHBEARER whoever brings an unsigned token that is valid. */
  readonly user?: KafkaUser;
}

/** A broker of the test's own, which may be broken. */
export interface OwnKafka extends Kafka, BreakableServer {
  /** The same broker by a listener that asks for credentials (SASL without TLS). Nobody is let in without `user`. */
  readonly guardedBrokers: readonly string[];
  /** The same broker by a listener with TLS, whose certificate is its own authority. */
  readonly tlsBrokers: readonly string[];
  /** The same broker by a listener that asks for credentials over TLS (SASL_SSL). */
  readonly guardedTlsBrokers: readonly string[];
  /** The same broker by a listener with TLS that wants a certificate of the client too, and trusts `client` alone. */
  readonly mutualTlsBrokers: readonly string[];
  /** PEM. */
  readonly ca: string;
  readonly client: KafkaClientCertificate;
}

/** Real Kafka: the one that SPOOR_TEST_KAFKA_BROKERS names (`host:port,…`), else one of the test's own. */
export async function startKafka(): Promise<Outside<Kafka>> {
  const named = process.env['SPOOR_TEST_KAFKA_BROKERS'];
  if (!named) return startOwnKafka();
  const brokers = named.split(',').map((broker) => broker.trim());
  return { found: { ...clientOf(brokers), stop: async () => {} } };
}

/** A single node on free ports of the loopback address: in a container where Docker has the image, else in local Java. */
export async function startOwnKafka({ user }: OwnKafkaOptions = {}): Promise<Outside<OwnKafka>> {
  const image = await dockerImage('kafka');
  const source = image ?? (await kafkaClassPath());
  if ('missing' in source) return source;
  const directory = temporaryDirectory('kafka');
  const [port = 0, controllerPort = 0, guardedPort = 0, tlsPort = 0, mutualTlsPort = 0, guardedTlsPort = 0] =
    await freePorts(6);
  const certificate = await createKafkaCertificate(directory.path);
  const client = await createKafkaClientCertificate(directory.path);
  const brokers = [`127.0.0.1:${port}`];
  const run = image === undefined ? inVirtualMachine : inContainer;
  const server = await run(source.found, directory.path, {
    listenAddress: '127.0.0.1',
    ports: { port, controllerPort, guardedPort, tlsPort, mutualTlsPort, guardedTlsPort },
    dataDirectory: join(directory.path, 'data'),
    keyStore: certificate.keyStore,
    keyStorePassword: certificate.password,
    clientCertFile: client.certFile,
    user,
  });
  return {
    found: {
      ...clientOf(brokers),
      guardedBrokers: [`127.0.0.1:${guardedPort}`],
      tlsBrokers: [`127.0.0.1:${tlsPort}`],
      mutualTlsBrokers: [`127.0.0.1:${mutualTlsPort}`],
      guardedTlsBrokers: [`127.0.0.1:${guardedTlsPort}`],
      ca: certificate.ca,
      client,
      kill: server.kill,
      revive: server.revive,
      freeze: server.freeze,
      thaw: server.thaw,
      async stop() {
        await server.stop();
        directory.remove();
      },
    },
  };
}

function inVirtualMachine(classPath: string, directory: string, settings: KafkaSettings): Promise<BreakableServer> {
  return startKafkaInJava({
    classPath,
    directory,
    properties: kafkaProperties(settings),
    scram: scramArgs(settings),
    answers: () => answers(settings),
  });
}

/** Where the image of Apache Kafka has its programs and its data, and where files for it are put. */
const PROGRAMS = '/opt/kafka/bin';
const DATA_DIRECTORY = '/var/lib/kafka/data';
const FILES = '/tmp/spoor-test';
const MEMORY_BYTES = 1_073_741_824;

/**
 * The image's own start script knows no users, so its programs are called: the storage is formatted at the first start. The ports
 * are the same inside, because the broker tells clients where it listens.
 */
function inContainer(image: string, _directory: string, settings: KafkaSettings): Promise<BreakableServer> {
  const file = `${FILES}/server.properties`;
  const keyStore = `${FILES}/broker.p12`;
  const clientCertFile = `${FILES}/client.pem`;
  const inside = { listenAddress: '0.0.0.0', dataDirectory: DATA_DIRECTORY, keyStore, clientCertFile };
  const script = `${PROGRAMS}/kafka-storage.sh format --ignore-formatted "$@" && exec ${PROGRAMS}/kafka-server-start.sh ${file}`;
  const { port, guardedPort, tlsPort, mutualTlsPort, guardedTlsPort } = settings.ports;
  return startContainer({
    name: 'Kafka',
    image,
    ports: [port, guardedPort, tlsPort, mutualTlsPort, guardedTlsPort],
    memoryBytes: MEMORY_BYTES,
    dataDirectory: DATA_DIRECTORY,
    environment: {
      KAFKA_HEAP_OPTS: '-Xmx384m',
      KAFKA_JVM_PERFORMANCE_OPTS: smallVirtualMachine('384m').join(' '),
      LOG_DIR: '/tmp/spoor-test-logs',
    },
    files: {
      [file]: kafkaProperties({ ...settings, ...inside }),
      [keyStore]: readFileSync(settings.keyStore),
      [clientCertFile]: readFileSync(settings.clientCertFile),
    },
    command: ['/bin/sh', '-c', script, 'kafka', ...formatArgs(file, settings)],
    answers: () => answers(settings),
  });
}

function formatArgs(file: string, settings: KafkaSettings): string[] {
  return ['-t', KAFKA_CLUSTER_ID, '-c', file, ...scramArgs(settings)];
}

function scramArgs({ user }: KafkaSettings): string[] {
  return ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) =>
    user === undefined ? [] : ['--add-scram', `${mechanism}=[name="${user.username}",password="${user.password}"]`],
  );
}

function answers({ ports }: KafkaSettings): Promise<unknown> {
  return withAdmin([`127.0.0.1:${ports.port}`], (admin) => admin.metadata({ topics: [], forceUpdate: true }));
}
