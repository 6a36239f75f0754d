import type { Clock } from '@spoor/model';
import { SpoorError, systemClock } from '@spoor/model';
import type {
  DependencyReader,
  LeaseStore,
  MetricsReader,
  MetricsSliceStore,
  SamplingStore,
  SpanReader,
  Storage,
} from '@spoor/storage';
import type cassandra from 'cassandra-driver';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { type CassandraArchive, createArchive } from './archive.ts';
import type { CassandraStorageConfig } from './config.ts';
import { consistencyOf, createClient, findLocalDatacenter } from './connection.ts';
import { createDependencyReader } from './dependencies/dependency-reader.ts';
import { storageError } from './errors.ts';
import { keyspacesOf } from './keyspaces.ts';
import { createMetricsReader } from './metrics/metrics-reader.ts';
import { createSliceStore } from './metrics/slice-store.ts';
import { hasSlicesTable, sliceConsistency } from './metrics/slices-table.ts';
import { Queries } from './queries.ts';
import { createReader } from './reader.ts';
import { Requests } from './requests.ts';
import { createLeaseStore, createSamplingStore } from './sampling.ts';
import { applySchema } from './schema-apply.ts';
import { requireTables } from './schema-presence.ts';
import { insertStatements } from './statements.ts';
import { cassandraMetrics } from './storage-metrics.ts';
import { waitFor } from './wait.ts';
import { CassandraWriter } from './writer.ts';

export interface CassandraStorageDeps {
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly clock?: Clock;
  /** For a process that only reads: creates no schema, whatever the settings say. */
  readonly readOnly?: boolean;
}

const FIRST_RECONNECT_MS = 500;
/** Nothing works before the first connection: it is tried often. */
const MAX_RECONNECT_MS = 5_000;

/** A store with what else the peer keeps in its keyspace. */
export interface CassandraStorage extends Storage {
  readonly sampling: SamplingStore;
  readonly leases: LeaseStore;
}

/** Spans in the peer's keyspace, tables and types (CONTRACT §6). `start` does not wait for Cassandra: readiness tells. */
export function createCassandraStorage(config: CassandraStorageConfig, deps: CassandraStorageDeps): CassandraStorage {
  return new CassandraStore(config, deps);
}

class CassandraStore implements CassandraStorage {
  readonly name = 'cassandra-storage';
  readonly writer: CassandraWriter;
  readonly reader: SpanReader;
  readonly dependencies: DependencyReader;
  readonly metrics: MetricsReader;
  readonly metricsSlices: MetricsSliceStore;
  readonly sampling: SamplingStore;
  readonly leases: LeaseStore;
  readonly archive: CassandraArchive | undefined;
  private readonly config: CassandraStorageConfig;
  private readonly deps: CassandraStorageDeps;
  private readonly stopped = new AbortController();
  private client: cassandra.Client | undefined;
  private keepsMetrics = false;
  private connecting: Promise<void> | undefined;
  private connectFailure = 'the first connection to Cassandra is being made';

  constructor(config: CassandraStorageConfig, deps: CassandraStorageDeps) {
    this.config = config;
    this.deps = deps;
    const { keyspace, write, read } = config;
    const { clock = systemClock } = deps;
    const metrics = cassandraMetrics(deps.metrics, {
      queueBytes: () => this.writer.queue.bytes,
      queueHighWaterBytes: () => this.writer.queue.highWaterBytes,
      concurrency: () => Math.floor(requests.concurrency.limit),
    });
    const client = () => this.connected();
    const requestsOptions = {
      keyspace,
      consistency: consistencyOf(config.writeConsistency),
      maxConcurrency: write.maxConcurrency,
      maxAttempts: write.maxAttempts,
      statements: insertStatements(keyspace),
      metrics,
      wait: waitFor,
      random: Math.random,
    };
    const requests = new Requests(client, requestsOptions);
    // Names have to be written again before their tables forget them.
    const { traceTtlMs } = config.schema;
    const namesCacheTtlMs = traceTtlMs === 0 ? write.namesCacheTtlMs : Math.min(write.namesCacheTtlMs, traceTtlMs / 2);
    this.writer = new CassandraWriter({ ...write, namesCacheTtlMs }, { requests, metrics, clock, logger: deps.logger });
    const queriesOptions = {
      keyspace,
      consistency: consistencyOf(config.readConsistency),
      maxConcurrency: read.maxConcurrency,
      metrics,
    };
    const queries = new Queries(client, queriesOptions);
    this.reader = createReader(queries, config);
    this.dependencies = createDependencyReader(queries, config);
    this.metrics = createMetricsReader(queries, () => this.looksForMetrics());
    const { write: writeSlices, read: readSlices } = sliceConsistency(config.writeConsistency);
    this.metricsSlices = createSliceStore({
      requests: new Requests(client, { ...requestsOptions, consistency: consistencyOf(writeSlices) }),
      queries: new Queries(client, { ...queriesOptions, consistency: consistencyOf(readSlices) }),
      hasTable: () => this.connected() !== undefined && this.keepsMetrics,
      logger: deps.logger,
      leftOut: metrics.slicesLeftOut,
    });
    this.sampling = createSamplingStore(queries, clock);
    this.leases = createLeaseStore(queries);
    if (config.archive !== undefined) {
      const parts = { config, requests: requestsOptions, queries: queriesOptions, metrics, clock, logger: deps.logger };
      this.archive = createArchive(client, config.archive.keyspace, parts);
    }
  }

  async start(): Promise<void> {
    this.connecting = this.connect();
    // What comes of the first attempt is known at once where the server is there, so that a process is ready when it says so.
    await Promise.race([this.connecting, waitFor(this.config.connectTimeoutMs, this.stopped.signal)]);
  }

  async stop(signal: AbortSignal): Promise<void> {
    const { promise: patienceEnded, resolve: endPatience } = Promise.withResolvers<void>();
    if (signal.aborted) endPatience();
    signal.addEventListener('abort', () => endPatience(), { once: true });
    const drained = Promise.all([this.writer.queue.close(), this.archive?.writer.queue.close()]);
    await Promise.race([drained, patienceEnded]);
    this.writer.abort();
    this.archive?.writer.abort();
    this.stopped.abort();
    await this.connecting;
    const { client } = this;
    this.client = undefined;
    this.connectFailure = 'the Cassandra store is stopped';
    // What is still under way fails now, and its writers learn of it.
    await client?.shutdown();
    await drained;
    endPatience();
  }

  readiness() {
    const { client } = this;
    if (client === undefined) return { ready: false, reason: this.connectFailure };
    if (!client.hosts.values().some((host) => host.isUp())) return { ready: false, reason: 'no Cassandra host is up' };
    const { failure } = this.writer;
    return failure === undefined ? { ready: true } : { ready: false, reason: failure };
  }

  /** Tries until it succeeds or the store is stopped. */
  private async connect(): Promise<void> {
    const { config, deps, stopped } = this;
    const longestMs = Math.min(config.reconnectIntervalMs, MAX_RECONNECT_MS);
    let told: string | undefined;
    for (let waitMs = FIRST_RECONNECT_MS; !stopped.signal.aborted; waitMs = Math.min(waitMs * 2, longestMs)) {
      let client: cassandra.Client | undefined;
      try {
        client = createClient(config, config.localDatacenter ?? (await findLocalDatacenter(config)));
        await client.connect();
        if (config.schema.create && deps.readOnly !== true) {
          this.connectFailure = `the tables of the keyspace ${config.keyspace} are being created`;
          for (const { keyspace, schema } of keyspacesOf(config)) await applySchema(client, keyspace, schema);
        }
        await requireTables(client, config);
        this.keepsMetrics = await hasSlicesTable(client, config.keyspace);
        if (!this.keepsMetrics)
          deps.logger.warn('the keyspace has no table for metrics of services: `spoor schema apply` adds it');
        this.client = client;
        // Of what was refused before.
        this.writer.failure = undefined;
        return;
      } catch (error) {
        await client?.shutdown().catch(() => undefined);
        const failure = storageError(error, 'take the connection').message;
        // Once is enough of what goes on until a person does something.
        if (failure !== told) deps.logger.warn({ err: error }, `${failure}; trying again`);
        told = failure;
        this.connectFailure = failure;
        await waitFor(waitMs, stopped.signal);
      }
    }
  }

  /** Somebody may have added the table since. */
  private async looksForMetrics(): Promise<boolean> {
    try {
      return (this.keepsMetrics ||= await hasSlicesTable(this.connected(), this.config.keyspace));
    } catch (error) {
      throw storageError(error, 'answer');
    }
  }

  private connected(): cassandra.Client {
    if (this.client === undefined) throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', this.connectFailure);
    return this.client;
  }
}
