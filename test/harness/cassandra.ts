import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CASSANDRA_MODULES, cassandraJars } from './cassandra-jars.ts';
import { freePorts } from './free-ports.ts';
import { type JavaProcess, startJava } from './java-process.ts';
import { createKafkaCertificate, type KafkaCertificate } from './kafka-certificate.ts';
import type { Outside } from './outside.ts';
import { type Shareable, sharedServer } from './shared-servers.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A real Cassandra. Other suites may use it at the same time: take a keyspace of your own. */
export interface Cassandra {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** A node of the test's own, which may be broken. */
export interface OwnCassandra extends Cassandra {
  /** PEM: what a client of a guarded one trusts. */
  readonly ca: string | undefined;
  /** Of the server's process; another one after `revive`. */
  readonly pid: number;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Starts it again with the same data on the same port. */
  revive(): Promise<void>;
  /** Stops its process from running, without ending it: it takes connections and answers nothing. */
  freeze(): void;
  thaw(): void;
  /** Cassandra's own tool by which a server that runs is changed. Gives what it prints. */
  nodetool(...words: string[]): Promise<string>;
}

export interface OwnCassandraOptions {
  /** Lets in only the user `cassandra` with the password `cassandra`, and speaks TLS to those who wish it. */
  readonly isGuarded?: boolean;
  /** Lines of `cassandra.yaml`, in place of those of the same names. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Of the virtual machine, in place of those that make it small. */
  readonly javaArgs?: readonly string[];
  /** By itself on free ports of 127.0.0.1, when absent. A node with others is a process of this machine, wherever Docker is. */
  readonly place?: CassandraPlace;
}

/** Where a node stands that has others beside it. */
export interface CassandraPlace {
  /** An address of this machine. */
  readonly host: string;
  readonly port: number;
  readonly storagePort: number;
  readonly tlsStoragePort: number;
  /** The addresses of nodes by which it finds the others. One of them starts although nobody is there. */
  readonly seeds: readonly string[];
  /** Of the only range that it owns. */
  readonly token: bigint;
}

/**
 * Real Cassandra: the node whose address (`host:port`) SPOOR_TEST_CASSANDRA holds, else one that all suites of a test run share,
 * started for the first of them.
 */
export async function startCassandra(): Promise<Outside<Cassandra>> {
  const named = process.env['SPOOR_TEST_CASSANDRA'];
  const shared = named ? { found: named } : await sharedServer('cassandra');
  if (shared === undefined) return startOwnCassandra();
  if ('missing' in shared) return shared;
  const [host = '127.0.0.1', port = '9042'] = shared.found.split(':');
  return { found: { host, port: Number(port), stop: async () => {} } };
}

/** What the keeper of shared servers starts. */
export const SHAREABLE_CASSANDRA: Readonly<Record<'cassandra', () => Promise<Outside<Shareable>>>> = {
  async cassandra() {
    const own = await startOwnCassandra();
    if ('missing' in own) return own;
    const { host, port, stop } = own.found;
    return { found: { address: `${host}:${port}`, stop } };
  },
};

/** A single node in a Java virtual machine of its own, on free ports of the loopback address. */
export async function startOwnCassandra(options: OwnCassandraOptions = {}): Promise<Outside<OwnCassandra>> {
  const jars = await cassandraJars();
  if ('missing' in jars) return jars;
  const lib = jars.found;
  const directory = temporaryDirectory('cassandra');
  const place = options.place ?? (await freePlace());
  const [jmxPort = 0] = await freePorts(1);
  const { host, port } = place;
  const conf = join(directory.path, 'conf');
  mkdirSync(conf);
  writeFileSync(join(conf, 'logback.xml'), CONSOLE_LOG);
  const certificate = options.isGuarded === true ? await createKafkaCertificate(directory.path) : undefined;
  const settings = {
    ...nodeSettings(directory.path, place),
    ...(certificate === undefined ? {} : guardedSettings(certificate)),
    ...options.settings,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(join(conf, 'cassandra.yaml'), lines.join(''));
  const agent = readdirSync(lib).find((jar) => jar.startsWith('jamm-')) ?? '';
  const properties = {
    'cassandra.config': `file://${join(conf, 'cassandra.yaml')}`,
    'logback.configurationFile': join(conf, 'logback.xml'),
    'cassandra.storagedir': join(directory.path, 'data'),
    'cassandra.logdir': directory.path,
    'cassandra-foreground': 'yes',
    'cassandra.jmx.local.port': String(jmxPort),
    'cassandra.skip_wait_for_gossip_to_settle': '0',
    'cassandra.ring_delay_ms': '100',
    'cassandra.initial_token': String(place.token),
    'cassandra.superuser_setup_delay_ms': '0',
    // Passwords are hashed at every connection: with as little effort as it lets itself be told.
    'cassandra.auth_bcrypt_gensalt_log2_rounds': '4',
    'java.awt.headless': 'true',
  };
  const launch = (): Promise<JavaProcess> =>
    startJava({
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
      answers: () => accepts(host, port),
    });
  let server = await launch();
  const kill = () => server.end('SIGKILL');
  return {
    found: {
      host,
      port,
      ca: certificate?.ca,
      get pid() {
        return server.pid;
      },
      kill,
      async revive() {
        server = await launch();
      },
      freeze: () => process.kill(server.pid, 'SIGSTOP'),
      thaw: () => process.kill(server.pid, 'SIGCONT'),
      nodetool: (...words) => runNodetool(conf, lib, ['-h', '127.0.0.1', '-p', String(jmxPort), ...words]),
      async stop() {
        await kill();
        directory.remove();
      },
    },
  };
}

/** The code is compiled once, quickly; Cassandra needs more heap and stack than other servers. */
const SMALL = ['-Xms256m', '-Xmx640m', '-Xss512k', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

const NODETOOL_MS = 60_000;

const CONSOLE_LOG = `<configuration><appender name="C" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%-5level %logger{20} - %msg%n</pattern></encoder></appender>
<root level="INFO"><appender-ref ref="C"/></root></configuration>
`;

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

function nodeSettings(
  directory: string,
  { host, port, storagePort, tlsStoragePort, seeds }: CassandraPlace,
): Record<string, string> {
  const data = join(directory, 'data');
  return {
    cluster_name: 'spoor-test',
    num_tokens: '1',
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    data_file_directories: `[${join(data, 'data')}]`,
    commitlog_directory: join(data, 'commitlog'),
    saved_caches_directory: join(data, 'saved_caches'),
    hints_directory: join(data, 'hints'),
    cdc_raw_directory: join(data, 'cdc_raw'),
    // `kill -9` loses nothing of this: what was acknowledged is in the operating system's memory.
    commitlog_sync: 'periodic',
    commitlog_sync_period: '10000ms',
    commitlog_segment_size: '8MiB',
    endpoint_snitch: 'SimpleSnitch',
    listen_address: host,
    rpc_address: host,
    start_native_transport: 'true',
    native_transport_port: String(port),
    storage_port: String(storagePort),
    ssl_storage_port: String(tlsStoragePort),
    seed_provider: `[{class_name: org.apache.cassandra.locator.SimpleSeedProvider, parameters: [{seeds: "${seeds.map((seed) => `${seed}:${storagePort}`).join(',')}"}]}]`,
    authenticator: 'AllowAllAuthenticator',
    authorizer: 'AllowAllAuthorizer',
    auto_snapshot: 'false',
    disk_optimization_strategy: 'ssd',
    concurrent_compactors: '1',
    memtable_heap_space: '64MiB',
    memtable_offheap_space: '64MiB',
    key_cache_size: '8MiB',
  };
}

function guardedSettings({ keyStore, password }: KafkaCertificate): Record<string, string> {
  const store = `keystore: ${keyStore}, keystore_password: ${password}, store_type: PKCS12`;
  return {
    authenticator: 'PasswordAuthenticator',
    authorizer: 'CassandraAuthorizer',
    client_encryption_options: `{enabled: true, optional: true, ${store}}`,
  };
}

async function accepts(host: string, port: number): Promise<true> {
  const socket = connect(port, host);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return true;
  } finally {
    socket.destroy();
  }
}
