import type cassandra from 'cassandra-driver';
import type { CassandraStorageConfig } from './config.ts';
import { createClient, findLocalDatacenter } from './connection.ts';
import { storageError } from './errors.ts';
import { keyspacesOf } from './keyspaces.ts';
import { applySchema } from './schema-apply.ts';
import { type SchemaDifference, verifySchema } from './schema-verify.ts';

/** Looks after the keyspace. Every call may throw `SPOOR_STORAGE_UNAVAILABLE`. */
export interface CassandraSchema {
  /** Creates what is missing and changes nothing else; safe to do at once from several places. Gives the statements that ran. */
  apply(): Promise<readonly string[]>;
  verify(): Promise<readonly SchemaDifference[]>;
  close(): Promise<void>;
}

/** Connects at the first call. */
export function cassandraSchema(config: CassandraStorageConfig): CassandraSchema {
  let connection: Promise<cassandra.Client> | undefined;
  const connected = async () => {
    const client = createClient(config, config.localDatacenter ?? (await findLocalDatacenter(config)));
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.shutdown().catch(() => undefined);
      throw storageError(error, 'take the connection');
    }
  };
  const use = async <T>(work: (client: cassandra.Client) => Promise<T>): Promise<T> => {
    try {
      connection ??= connected();
      return await work(await connection);
    } catch (error) {
      throw storageError(error, 'answer about its schema');
    }
  };
  return {
    apply: () =>
      use(async (client) => {
        const statements: string[] = [];
        for (const { keyspace, schema } of keyspacesOf(config))
          statements.push(...(await applySchema(client, keyspace, schema)));
        return statements;
      }),
    verify: () =>
      use(async (client) => {
        const found = keyspacesOf(config).map(({ keyspace, schema }) => verifySchema(client, keyspace, schema));
        return (await Promise.all(found)).flat();
      }),
    async close() {
      const client = await connection?.catch(() => undefined);
      await client?.shutdown();
    },
  };
}
