import type { ClientTls } from '@spoor/service';

/** How many replicas must have answered. `LOCAL_` ones are of the local data centre. */
export const CONSISTENCY_LEVELS = [
  'ONE',
  'TWO',
  'THREE',
  'QUORUM',
  'ALL',
  'LOCAL_QUORUM',
  'EACH_QUORUM',
  'LOCAL_ONE',
] as const;
export type ConsistencyLevel = (typeof CONSISTENCY_LEVELS)[number];

/** Which tags are written to `tag_index`. What is not there cannot drive a search: it is looked at span by span instead. */
export interface TagIndexConfig {
  readonly spanTags: boolean;
  readonly processTags: boolean;
  readonly logs: boolean;
  /** These only, when there are any. */
  readonly include: readonly string[];
  /** All but these. */
  readonly exclude: readonly string[];
}

/** Settings of the Cassandra store. Times in milliseconds, sizes in bytes. */
export interface CassandraStorageConfig {
  readonly servers: readonly string[];
  readonly port: number;
  readonly keyspace: string;
  /** Absent: the data centre of the first server that answers. */
  readonly localDatacenter?: string;
  readonly username?: string;
  readonly password?: string;
  /** Absent: without TLS. */
  readonly tls?: ClientTls;
  readonly connectTimeoutMs: number;
  /** Of one request. */
  readonly timeoutMs: number;
  readonly reconnectIntervalMs: number;
  readonly connectionsPerHost: number;
  readonly readConsistency: ConsistencyLevel;
  readonly writeConsistency: ConsistencyLevel;
  readonly write: {
    /** Spans that wait or are being written; above it writers are refused with `SPOOR_OVERLOADED`. */
    readonly maxQueueBytes: number;
    /** How long spans wait for others before their rows are sent, unless there are enough for a flush. */
    readonly lingerMs: number;
    /** Spans whose rows are grouped by partition before they are sent. */
    readonly maxFlushSpans: number;
    /** Of requests; how many there really are follows from how fast they are answered. */
    readonly maxConcurrency: number;
    /** Of one request, before the whole write is given back to the caller. */
    readonly maxAttempts: number;
    readonly namesCacheTtlMs: number;
    /** Rows of `tag_index`. */
    readonly tags: TagIndexConfig;
    /** Rows of `traces` and no others: for an archive, where nothing is searched. */
    readonly onlySpans?: boolean;
    /** Rows of `duration_index`. Without them searches by duration look at span after span. */
    readonly durations: boolean;
  };
  readonly read: {
    /** Rows of index tables and of spans that one search may read. */
    readonly maxRows: number;
    /** Services that a search without a service goes through. */
    readonly maxServices: number;
    readonly maxConcurrency: number;
  };
  readonly schema: SchemaConfig;
  /** Absent: nothing can be archived. */
  readonly archive?: { readonly keyspace: string };
}

export interface SchemaConfig {
  /** Whether `start` creates what is missing. */
  readonly create: boolean;
  /** Data centre to number of replicas: NetworkTopologyStrategy. Empty: SimpleStrategy with `replicationFactor`. */
  readonly datacenters: Readonly<Record<string, number>>;
  readonly replicationFactor: number;
  /** After which spans and their index rows disappear. 0: never. */
  readonly traceTtlMs: number;
  /** 0: never. */
  readonly dependenciesTtlMs: number;
  /** Of the tables of spans. Absent: a thirtieth of the time to live, as the peer's script has it. */
  readonly compactionWindowMs?: number;
}
