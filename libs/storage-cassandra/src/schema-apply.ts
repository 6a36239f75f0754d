import { setTimeout as sleep } from 'node:timers/promises';
import type cassandra from 'cassandra-driver';
import type { SchemaConfig } from './config.ts';
import { createKeyspace, createTable, createType, TYPES, tables } from './schema.ts';
import { presentNames } from './schema-presence.ts';

/** Of one statement: hosts write a table of theirs to disk for each. */
const STATEMENT_MS = 60_000;
/** As long as the driver waits where it is asked to. A host that is down may be behind for ever. */
const AGREEMENT_MS = 10_000;
const AGREEMENT_LOOK_MS = 200;

/**
 * Creates what is missing of the keyspace, its types and tables; changes nothing that is there. Several may do it at once:
 * every statement says IF NOT EXISTS, and all go to one host. Resolves when the hosts agree on the schema. Gives the statements it
 * ran.
 */
export async function applySchema(client: cassandra.Client, keyspace: string, config: SchemaConfig): Promise<string[]> {
  const present = await presentNames(client, keyspace);
  const wanted: readonly (readonly [string, string])[] = [
    ['', createKeyspace(keyspace, config)],
    ...TYPES.map((type) => [type.name, createType(keyspace, type)] as const),
    ...tables(config).map((table) => [table.name, createTable(keyspace, table)] as const),
  ];
  const statements = wanted.filter(([name]) => !present.has(name)).map(([, statement]) => statement);
  const host = everybodysHost(client);
  for (const statement of statements) {
    await client.execute(statement, [], { prepare: false, isIdempotent: true, readTimeout: STATEMENT_MS, ...host });
  }
  if (statements.length === 0) return statements;
  await agreement(client, host);
  await client.metadata.refreshKeyspace(keyspace);
  return statements;
}

/** Hosts tell one another of their schema once a second: waiting for that after each statement takes a cluster half a minute. */
async function agreement(client: cassandra.Client, host: { host?: cassandra.Host }): Promise<void> {
  const endMs = performance.now() + AGREEMENT_MS;
  const versions = async (table: 'local' | 'peers') => {
    const { rows } = await client.execute(`SELECT schema_version FROM system.${table}`, [], {
      prepare: false,
      ...host,
    });
    return rows.map((row) => String(row['schema_version']));
  };
  for (;;) {
    const [own, others] = await Promise.all([versions('local'), versions('peers')]);
    if (new Set([...own, ...others]).size === 1 || performance.now() > endMs) return;
    await sleep(AGREEMENT_LOOK_MS);
  }
}

/** Two hosts that create one table at the same moment may give it two ids, so all who apply the schema ask the same one. */
function everybodysHost(client: cassandra.Client): { host?: cassandra.Host } {
  const up = client.hosts.values().filter((host) => host.isUp());
  const [host] = up.toSorted((a, b) => (a.address < b.address ? -1 : 1));
  return host === undefined ? {} : { host };
}
