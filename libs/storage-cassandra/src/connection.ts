import type { ConnectionOptions } from 'node:tls';
import { SpoorError, systemClock } from '@spoor/model';
import type { ClientTls } from '@spoor/service';
import cassandra from 'cassandra-driver';
import type { CassandraStorageConfig, ConsistencyLevel } from './config.ts';
import { DistinctTimestamps } from './timestamps.ts';

type Info = cassandra.policies.retry.OperationInfo;

/**
 * Statements are idempotent. What a host did not answer goes to the next one at once; what the cluster could not do is tried
 * again by the caller, who knows how to wait (`Requests`).
 */
class NextHostOnly extends cassandra.policies.retry.RetryPolicy {
  override onUnavailable() {
    return this.rethrowResult();
  }
  /** A host waits for a replica that has just died until it knows; another may ask others. */
  override onReadTimeout({ nbRetry }: Info, consistency: cassandra.types.consistencies) {
    return nbRetry === 0 ? this.retryResult(consistency, false) : this.rethrowResult();
  }
  override onWriteTimeout() {
    return this.rethrowResult();
  }
  override onRequestError({ nbRetry }: Info, consistency: cassandra.types.consistencies) {
    return nbRetry < 2 ? this.retryResult(consistency, false) : this.rethrowResult();
  }
}

/** A client that is not connected yet. Speculative execution is off, which is the driver's default. */
export function createClient(config: CassandraStorageConfig, localDatacenter: string): cassandra.Client {
  const { loadBalancing, reconnection } = cassandra.policies;
  return new cassandra.Client({
    ...optionsOf(config),
    localDataCenter: localDatacenter,
    policies: {
      // A host that has the rows; of three or more one that answers, and of two of those the one with less to do.
      loadBalancing: new loadBalancing.DefaultLoadBalancingPolicy({ localDc: localDatacenter }),
      retry: new NextHostOnly(),
      timestampGeneration: new DistinctTimestamps(systemClock, Math.random),
      reconnection: new reconnection.ExponentialReconnectionPolicy(500, config.reconnectIntervalMs, false),
    },
    queryOptions: { isIdempotent: true, prepare: true },
    // A statement is given to another host when that host first needs it.
    prepareOnAllHosts: false,
  });
}

function optionsOf(config: CassandraStorageConfig): cassandra.ClientOptions {
  const { distance } = cassandra.types;
  return {
    contactPoints: [...config.servers],
    // Whoever changes the schema waits for agreement by itself (`schema-apply.ts`).
    protocolOptions: { port: config.port, maxSchemaAgreementWaitSeconds: 0 },
    ...(config.username === undefined
      ? {}
      : { authProvider: new cassandra.auth.PlainTextAuthProvider(config.username, config.password ?? '') }),
    ...(config.tls === undefined ? {} : { sslOptions: tlsOptions(config.tls) }),
    encoding: { useBigIntAsLong: true },
    socketOptions: { connectTimeout: config.connectTimeoutMs, readTimeout: config.timeoutMs },
    pooling: { coreConnectionsPerHost: { [distance.local]: config.connectionsPerHost, [distance.remote]: 1 } },
  };
}

function tlsOptions({ serverName, verify, ...texts }: ClientTls): ConnectionOptions {
  return {
    ...texts,
    ...(serverName === undefined ? {} : { servername: serverName }),
    rejectUnauthorized: verify,
    ...(verify ? {} : { checkServerIdentity: () => undefined }),
  };
}

export function consistencyOf(level: ConsistencyLevel): cassandra.types.consistencies {
  const names: Readonly<Record<ConsistencyLevel, keyof typeof cassandra.types.consistencies>> = {
    ONE: 'one',
    TWO: 'two',
    THREE: 'three',
    QUORUM: 'quorum',
    ALL: 'all',
    LOCAL_QUORUM: 'localQuorum',
    EACH_QUORUM: 'eachQuorum',
    LOCAL_ONE: 'localOne',
  };
  return cassandra.types.consistencies[names[level]];
}

/** The data centre that the first server to answer is in. */
export async function findLocalDatacenter(config: CassandraStorageConfig): Promise<string> {
  const probe = new cassandra.Client({
    ...optionsOf(config),
    policies: { loadBalancing: new cassandra.policies.loadBalancing.RoundRobinPolicy() },
    isMetadataSyncEnabled: false,
  });
  try {
    await probe.connect();
    const [host] = probe.hosts.values();
    if (host === undefined) throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', 'no Cassandra host told its data centre');
    return host.datacenter;
  } finally {
    await probe.shutdown().catch(() => undefined);
  }
}
