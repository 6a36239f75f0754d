import { join } from 'node:path';

/** Where a node stands, alone or with others beside it. */
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

export interface CassandraSettings {
  readonly place: CassandraPlace;
  /** The paths are those that the node sees. */
  readonly dataDirectory: string;
  /** With the key of a node that asks for logins. */
  readonly keyStore?: { readonly path: string; readonly password: string } | undefined;
  /** In place of what is said here. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** Of a node that is killed: what it has acknowledged, it has when it comes back. */
export const KEEPS_WHAT_IT_ACKNOWLEDGED: Readonly<Record<string, string>> = {
  commitlog_sync: 'group',
  commitlog_sync_period: '0ms',
  commitlog_sync_group_window: '10ms',
};

/** The text of `cassandra.yaml`. */
export function cassandraYaml({ place, dataDirectory, keyStore, settings = {} }: CassandraSettings): string {
  const { host, port, storagePort, tlsStoragePort } = place;
  const seeds = place.seeds.map((seed) => `${seed}:${storagePort}`).join(',');
  return Object.entries({
    cluster_name: 'spoor-test',
    num_tokens: '1',
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    data_file_directories: `[${join(dataDirectory, 'data')}]`,
    commitlog_directory: join(dataDirectory, 'commitlog'),
    saved_caches_directory: join(dataDirectory, 'saved_caches'),
    hints_directory: join(dataDirectory, 'hints'),
    cdc_raw_directory: join(dataDirectory, 'cdc_raw'),
    // What a killed node acknowledged in its last tenth of a second is gone.
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
    seed_provider: `[{class_name: org.apache.cassandra.locator.SimpleSeedProvider, parameters: [{seeds: "${seeds}"}]}]`,
    authenticator: 'AllowAllAuthenticator',
    authorizer: 'AllowAllAuthorizer',
    auto_snapshot: 'false',
    disk_optimization_strategy: 'ssd',
    concurrent_compactors: '1',
    memtable_heap_space: '64MiB',
    memtable_offheap_space: '64MiB',
    key_cache_size: '8MiB',
    ...(keyStore === undefined
      ? {}
      : {
          authenticator: 'PasswordAuthenticator',
          authorizer: 'CassandraAuthorizer',
          client_encryption_options: `{enabled: true, optional: true, keystore: ${keyStore.path}, keystore_password: ${keyStore.password}, store_type: PKCS12}`,
        }),
    ...settings,
  })
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

/** System properties of a node that starts quickly. */
export function quickStart({ token }: CassandraPlace): Readonly<Record<string, string>> {
  return {
    'cassandra.skip_wait_for_gossip_to_settle': '0',
    'cassandra.ring_delay_ms': '100',
    'cassandra.initial_token': String(token),
    'cassandra.superuser_setup_delay_ms': '0',
    // Passwords are hashed at every connection: with as little effort as it lets itself be told.
    'cassandra.auth_bcrypt_gensalt_log2_rounds': '4',
  };
}
