import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Admin, Consumer, Producer } from '@platformatic/kafka';
import { freePorts } from './free-ports.ts';
import { type JavaProcess, smallVirtualMachine, startJava } from './java-process.ts';
import {
  createKafkaCertificate,
  createKafkaClientCertificate,
  type KafkaCertificate,
  type KafkaClientCertificate,
} from './kafka-certificate.ts';
import { kafkaClassPath } from './kafka-jars.ts';
import type { Outside } from './outside.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { waitFor } from './wait-for.ts';

export interface TopicOptions {
  /** Default 2. */
  readonly partitions?: number;
  /** The topic's own settings, such as `max.message.bytes`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A record as it lies in a topic, whoever wrote it. */
export interface TopicRecord {
  readonly partition: number;
  /** Absent: none. */
  readonly key?: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Kafka {
  readonly brokers: readonly string[];
  /** Resolves when every partition has a leader that answers. */
  createTopic(name: string, options?: TopicOptions): Promise<void>;
  topics(): Promise<string[]>;
  /** Adds partitions to a topic, up to `count`. */
  growTopic(name: string, count: number): Promise<void>;
  write(topic: string, records: readonly TopicRecord[]): Promise<void>;
  /** The first `count` records of a topic; waits for them. */
  read(topic: string, count: number): Promise<TopicRecord[]>;
  stop(): Promise<void>;
}

export interface OwnKafkaOptions {
  /** Whom the guarded listener lets in, by PLAIN and SCRAM; with OAUTHBEARER whoever brings an unsigned token that is valid. */
  readonly user?: { readonly username: string; readonly password: string };
}

/** A broker of the test's own, which may be broken. */
export interface OwnKafka extends Kafka {
  /** The same broker by a listener that asks for credentials (SASL without TLS). Nobody is let in without `user`. */
  readonly guardedBrokers: readonly string[];
  /** The same broker by a listener with TLS, whose certificate is its own authority. */
  readonly tlsBrokers: readonly string[];
  /** The same broker by a listener with TLS that wants a certificate of the client too, and trusts `client` alone. */
  readonly mutualTlsBrokers: readonly string[];
  /** PEM. */
  readonly ca: string;
  readonly client: KafkaClientCertificate;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Starts it again with the same data on the same port. */
  revive(): Promise<void>;
}

const CLUSTER_ID = 'c3Bvb3ItdGVzdC1rYWZrYQ';

/** Real Kafka: the one that SPOOR_TEST_KAFKA_BROKERS names (`host:port,…`), else one of the test's own. */
export async function startKafka(): Promise<Outside<Kafka>> {
  const named = process.env['SPOOR_TEST_KAFKA_BROKERS'];
  if (!named) return startOwnKafka();
  const brokers = named.split(',').map((broker) => broker.trim());
  return { found: { ...clientOf(brokers), stop: async () => {} } };
}

/** A single node in a Java virtual machine of its own, on free ports of the loopback address. */
export async function startOwnKafka({ user }: OwnKafkaOptions = {}): Promise<Outside<OwnKafka>> {
  const jars = await kafkaClassPath();
  if ('missing' in jars) return jars;
  const classPath = jars.found;
  const directory = temporaryDirectory('kafka');
  const settings = join(directory.path, 'server.properties');
  const [port = 0, controllerPort = 0, guardedPort = 0, tlsPort = 0, mutualTlsPort = 0] = await freePorts(5);
  const certificate = await createKafkaCertificate(directory.path);
  const client = await createKafkaClientCertificate(directory.path);
  const brokers = [`127.0.0.1:${port}`];
  writeFileSync(
    settings,
    serverProperties({
      ports: { port, controllerPort, guardedPort, tlsPort, mutualTlsPort },
      dataDirectory: join(directory.path, 'data'),
      certificate,
      client,
      user,
    }),
  );
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) =>
    user === undefined ? [] : ['--add-scram', `${mechanism}=[name="${user.username}",password="${user.password}"]`],
  );
  const format = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', settings, ...scram];
  await promisify(execFile)('java', [...smallVirtualMachine('128m'), '-cp', classPath, ...format]);
  let child = await launch(classPath, settings, brokers);
  const kill = () => child.end('SIGKILL');
  return {
    found: {
      ...clientOf(brokers),
      guardedBrokers: [`127.0.0.1:${guardedPort}`],
      tlsBrokers: [`127.0.0.1:${tlsPort}`],
      mutualTlsBrokers: [`127.0.0.1:${mutualTlsPort}`],
      ca: certificate.ca,
      client,
      kill,
      async revive() {
        child = await launch(classPath, settings, brokers);
      },
      async stop() {
        await kill();
        directory.remove();
      },
    },
  };
}

interface ServerSettings {
  readonly ports: Readonly<Record<'port' | 'controllerPort' | 'guardedPort' | 'tlsPort' | 'mutualTlsPort', number>>;
  readonly dataDirectory: string;
  readonly certificate: KafkaCertificate;
  readonly client: KafkaClientCertificate;
  readonly user: OwnKafkaOptions['user'];
}

function serverProperties({ ports, dataDirectory, certificate, client, user }: ServerSettings): string {
  const host = '127.0.0.1';
  const listeners = `PLAINTEXT://${host}:${ports.port},GUARDED://${host}:${ports.guardedPort},TLS://${host}:${ports.tlsPort},MUTUAL://${host}:${ports.mutualTlsPort}`;
  const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  const bearer = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;';
  const known = user === undefined ? '' : ` user_${user.username}="${user.password}"`;
  return Object.entries({
    'listener.name.guarded.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    'listener.name.guarded.plain.sasl.jaas.config': `${plain}${known};`,
    'listener.name.guarded.scram-sha-256.sasl.jaas.config': scram,
    'listener.name.guarded.scram-sha-512.sasl.jaas.config': scram,
    'listener.name.guarded.oauthbearer.sasl.jaas.config': bearer,
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${host}:${ports.controllerPort}`,
    listeners: `${listeners},CONTROLLER://${host}:${ports.controllerPort}`,
    'advertised.listeners': listeners,
    'listener.name.tls.ssl.keystore.type': 'PKCS12',
    'listener.name.tls.ssl.keystore.location': certificate.keyStore,
    'listener.name.tls.ssl.keystore.password': certificate.password,
    'listener.name.mutual.ssl.keystore.type': 'PKCS12',
    'listener.name.mutual.ssl.keystore.location': certificate.keyStore,
    'listener.name.mutual.ssl.keystore.password': certificate.password,
    'listener.name.mutual.ssl.client.auth': 'required',
    'listener.name.mutual.ssl.truststore.type': 'PEM',
    'listener.name.mutual.ssl.truststore.location': client.certFile,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,GUARDED:SASL_PLAINTEXT,TLS:SSL,MUTUAL:SSL,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': dataDirectory,
    // A client that lets a topic come about by writing to it is caught by its test.
    'auto.create.topics.enable': true,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

function launch(classPath: string, settings: string, brokers: readonly string[]): Promise<JavaProcess> {
  const logging = [
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
  ];
  return startJava({
    name: 'Kafka',
    args: [...smallVirtualMachine('384m'), ...logging, '-cp', classPath, 'kafka.Kafka', settings],
    startedLine: 'Kafka Server started',
    answers: () => withAdmin(brokers, (admin) => admin.metadata({ topics: [], forceUpdate: true })),
  });
}

async function withAdmin<T>(brokers: readonly string[], use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Admin({ clientId: 'spoor-test', bootstrapBrokers: [...brokers], retries: 3, retryDelay: 100 });
  try {
    return await use(admin);
  } finally {
    await admin.close();
  }
}

function clientOf(brokers: readonly string[]): Omit<Kafka, 'stop'> {
  const options = { clientId: 'spoor-test', bootstrapBrokers: [...brokers] };
  return {
    brokers,
    createTopic: (name, { partitions = 2, settings = {} } = {}) =>
      withAdmin(brokers, async (admin) => {
        const configs = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
        await admin.createTopics({ topics: [name], partitions, replicas: 1, configs });
        await partitionsLed(admin, name, partitions);
      }),
    topics: () => withAdmin(brokers, (admin) => admin.listTopics()),
    growTopic: (name, count) =>
      withAdmin(brokers, async (admin) => {
        const { brokers: nodes, topics } = await admin.metadata({ topics: [name], forceUpdate: true });
        const added = count - (topics.get(name)?.partitionsCount ?? 0);
        const assignments = Array.from({ length: added }, () => ({ brokerIds: [...nodes.keys()].slice(0, 1) }));
        await admin.createPartitions({ topics: [{ name, count, assignments }] });
        await partitionsLed(admin, name, count);
      }),
    async write(topic, records) {
      const producer = new Producer(options);
      try {
        await producer.send({
          acks: -1,
          messages: records.map(({ partition, key = null, value, headers }) => ({
            topic,
            partition,
            ...(key === null ? {} : { key: Buffer.from(key) }),
            ...(value === null ? {} : { value: Buffer.from(value) }),
            headers: new Map(Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)])),
          })),
        });
      } finally {
        await producer.close();
      }
    },
    async read(topic, count) {
      const consumer = new Consumer({ ...options, groupId: `test-${randomUUID()}` });
      const records: TopicRecord[] = [];
      try {
        const stream = await consumer.consume({
          topics: [topic],
          mode: 'earliest',
          autocommit: false,
          maxWaitTime: 100,
        });
        for await (const { partition, key, value, headers } of stream) {
          const texts = [...headers].map(([name, text]) => [String(name), String(text)]);
          records.push({ partition, key: key ?? null, value: value ?? null, headers: Object.fromEntries(texts) });
          if (records.length === count) break;
        }
        return records;
      } finally {
        await consumer.close(true);
      }
    },
  };
}

/** What is written right after a creation may meet a leader that is not there yet. */
async function partitionsLed(admin: Admin, name: string, count: number): Promise<void> {
  await waitFor(
    async () => {
      const topic = (await admin.metadata({ topics: [name], forceUpdate: true })).topics.get(name);
      return topic?.partitionsCount === count && topic.partitions.every(({ leader }) => leader >= 0);
    },
    { describe: `leaders of the ${count} partitions of ${name}` },
  );
}
