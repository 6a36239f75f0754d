import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createGrpcServer } from '@spoor/grpc';
import type { Clock, Component } from '@spoor/model';
import {
  createMemoryLeaseStore,
  createMemorySamplingStore,
  openAdaptiveStrategies,
  openFileStrategies,
  type SamplingStrategies,
} from '@spoor/sampling';
import { inOrder } from '@spoor/service';
import type { LeaseStore, SamplingStore } from '@spoor/storage';
import type { Logger } from 'pino';
import { createHttpListener } from '../receivers/http/index.ts';
import { BytesInFlight } from '../receivers/intake/index.ts';
import type { SamplingConfig } from './config.ts';
import { samplingMethods } from './methods.ts';
import { addAgentRoutes } from './routes.ts';

export interface Sampling extends Component {
  /** Where receivers find what they tell beside taking spans. */
  readonly strategies: SamplingStrategies;
  readiness(): { readonly ready: boolean; readonly reason?: string };
  /** `host:port`, with the real ports; `undefined` while it does not listen. */
  addresses(): { readonly http: string | undefined; readonly grpc: string | undefined };
}

/** A question is the name of a service. */
const MAX_QUESTION_BYTES = 16 * 1024;
const MAX_QUESTIONS_BYTES = 1024 * 1024;
const QUESTION_TIMEOUT_MS = 10_000;

export interface SamplingDependencies {
  readonly logger: Logger;
  readonly clock: Clock;
  /** What collectors that sample adaptively share. Without it they would each be alone: it is then in memory. */
  readonly shared: { readonly sampling?: SamplingStore; readonly leases?: LeaseStore };
}

/** Sampling strategies, and the addresses of their own at which clients ask for them (CONTRACT §3). */
export function createSampling(config: SamplingConfig, deps: SamplingDependencies): Sampling {
  const { logger } = deps;
  const strategies = openStrategies(config, deps);
  const http = createHttpListener({
    name: 'sampling-http',
    setting: 'sampling.http.endpoint',
    config: {
      endpoint: config.http.endpoint,
      maxBodyBytes: MAX_QUESTION_BYTES,
      requestTimeout: QUESTION_TIMEOUT_MS,
      headersTimeout: QUESTION_TIMEOUT_MS,
      keepAliveTimeout: 75_000,
      cors: { allowedOrigins: [], allowedHeaders: [] },
    },
    logger,
    addRoutes: (app) => addAgentRoutes(app, { strategies, logger }),
  });
  const grpc = createGrpcServer({
    name: 'sampling-grpc',
    endpoint: config.grpc.endpoint,
    setting: 'sampling.grpc.endpoint',
    methods: samplingMethods(strategies),
    limits: {
      maxMessageBytes: MAX_QUESTION_BYTES,
      maxConcurrentStreams: 32,
      requestTimeoutMs: QUESTION_TIMEOUT_MS,
      keepaliveTimeMs: 2 * 3_600_000,
      keepaliveTimeoutMs: 20_000,
      maxConnectionAgeMs: 0,
      maxConnectionAgeGraceMs: 0,
    },
    budget: new BytesInFlight(MAX_QUESTIONS_BYTES),
    inflaters: new Map(),
    logger,
    onFailure(error) {
      if (error.code === 'SPOOR_INTERNAL') logger.error({ err: error }, 'no sampling strategy could be told');
    },
  });
  const listeners = [...(config.http.enabled ? [http] : []), ...(config.grpc.enabled ? [grpc] : [])];
  return {
    ...inOrder('sampling', [strategies, ...listeners], logger),
    strategies,
    readiness() {
      const missing = listeners.filter((listener) => listener.address() === undefined).map(({ name }) => name);
      return missing.length === 0 ? { ready: true } : { ready: false, reason: `${missing.join(', ')} does not listen` };
    },
    addresses: () => ({ http: http.address(), grpc: grpc.address() }),
  };
}

function openStrategies(config: SamplingConfig, { logger, clock, shared }: SamplingDependencies): SamplingStrategies {
  if (config.type === 'file') return openFileStrategies(config.file, { logger });
  return openAdaptiveStrategies(config.adaptive, {
    store: shared.sampling ?? createMemorySamplingStore(clock),
    leases: shared.leases ?? createMemoryLeaseStore(clock),
    clock,
    logger,
    owner: `${hostname()}-${randomUUID()}`,
  });
}
