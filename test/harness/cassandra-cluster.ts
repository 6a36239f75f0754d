import { createServer } from 'node:net';
import { Client } from 'cassandra-driver';
import { type JavaCassandra, startCassandraInJava } from './cassandra-java.ts';
import { KEEPS_WHAT_IT_ACKNOWLEDGED } from './cassandra-settings.ts';
import { freePorts } from './free-ports.ts';
import type { Outside } from './outside.ts';
import { waitFor } from './wait-for.ts';

/** Several nodes that share one ring in equal parts, each with an address of its own and all with the same port. */
export interface CassandraCluster {
  readonly port: number;
  readonly nodes: readonly JavaCassandra[];
  stop(): Promise<void>;
}

const READY_DEADLINE_MS = 120_000;

/** Resolves when every node knows all others. */
export async function startCassandraCluster(count: number): Promise<Outside<CassandraCluster>> {
  const hosts = Array.from({ length: count }, (_, i) => `127.0.0.${i + 1}`);
  const absent = await firstAbsent(hosts);
  if (absent !== undefined)
    return { missing: `This machine has no address ${absent}`, remedy: `Give its loopback interface ${absent}` };
  const [port = 0, storagePort = 0, tlsStoragePort = 0, ...jmxPorts] = await freePorts(3 + count);
  const share = 2n ** 64n / BigInt(count);
  const started = await Promise.allSettled(
    hosts.map((host, i) => {
      const token = BigInt(i) * share - 2n ** 63n;
      const place = { host, port, storagePort, tlsStoragePort, seeds: hosts, token };
      return startCassandraInJava({ place, jmxPort: jmxPorts[i] ?? 0, settings: KEEPS_WHAT_IT_ACKNOWLEDGED });
    }),
  );
  const outsides = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const nodes = outsides.flatMap((one) => ('found' in one ? [one.found] : []));
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  const [missing] = outsides.filter((one) => 'missing' in one);
  if (missing !== undefined) return missing;
  try {
    const failed = started.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    await Promise.all(nodes.map((node) => knowsOthers(node, count - 1)));
  } catch (error) {
    await stop();
    throw error;
  }
  return { found: { port, nodes, stop } };
}

async function knowsOthers({ host, port }: JavaCassandra, count: number): Promise<void> {
  const client = new Client({
    contactPoints: [host],
    protocolOptions: { port },
    localDataCenter: 'datacenter1',
    isMetadataSyncEnabled: false,
  });
  try {
    await client.connect();
    await waitFor(
      async () => {
        const own = client.hosts.get(`${host}:${port}`);
        const { rows } = await client.execute(
          'SELECT tokens, rpc_address FROM system.peers',
          [],
          own === undefined ? {} : { host: own },
        );
        // Without its tokens a node is taken for one that has no rows.
        const known = rows.filter((row) => row['rpc_address'] !== null && (row['tokens'] ?? []).length > 0);
        return own !== undefined && known.length === count;
      },
      { describe: `a node ${host} that knows the others`, deadlineMs: READY_DEADLINE_MS },
    );
  } finally {
    await client.shutdown();
  }
}

/** Systems other than Linux have 127.0.0.1 alone unless they are told. */
async function firstAbsent(hosts: readonly string[]): Promise<string | undefined> {
  for (const host of hosts) {
    const server = createServer();
    const isThere = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(0, host, () => resolve(true));
    });
    server.close();
    if (!isThere) return host;
  }
  return undefined;
}
