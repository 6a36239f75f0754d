import type { BreakableServer } from './breakable-server.ts';
import { startCassandraContainer } from './cassandra-container.ts';
import { startCassandraInJava } from './cassandra-java.ts';
import { dockerImage } from './docker.ts';
import type { Outside } from './outside.ts';
import { type Shareable, sharedServer } from './shared-servers.ts';

/** A real Cassandra. Other suites may use it at the same time: take a keyspace of your own. */
export interface Cassandra {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** A node of the test's own, which may be broken. */
export interface OwnCassandra extends Cassandra, BreakableServer {
  /** PEM: what a client of a guarded one trusts. */
  readonly ca: string | undefined;
  /** Cassandra's own tool by which a server that runs is changed. Gives what it prints. */
  nodetool(...words: string[]): Promise<string>;
}

export interface OwnCassandraOptions {
  /** Lets in only the user `cassandra` with the password `cassandra`, and speaks TLS to those who wish it. */
  readonly isGuarded?: boolean;
  /** Lines of `cassandra.yaml`, in place of those of the same names. */
  readonly settings?: Readonly<Record<string, string>>;
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

/** A single node on a free port of the loopback address: in a container where Docker has the image, else in local Java. */
export async function startOwnCassandra(options: OwnCassandraOptions = {}): Promise<Outside<OwnCassandra>> {
  const image = await dockerImage('cassandra');
  if (image === undefined) return startCassandraInJava(options);
  return 'missing' in image ? image : { found: await startCassandraContainer(image.found, options) };
}
