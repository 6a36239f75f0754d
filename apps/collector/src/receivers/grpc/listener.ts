import { type CallStatus, createGrpcServer, type GrpcMethods, type GrpcServer } from '@spoor/grpc';
import type { SpoorError } from '@spoor/model';
import type { Logger } from 'pino';
import type { BytesInFlight } from '../intake/bytes-in-flight.ts';
import { GRPC_INFLATERS } from '../intake/inflate.ts';
import type { ReceiverMetrics } from '../intake/metrics.ts';
import { statusMessage } from '../intake/rpc-status.ts';
import { otlpErrorOf } from '../intake/status.ts';
import { type GrpcSettings, grpcLimitsOf } from './config.ts';

export interface GrpcListenerOptions {
  /** As the log and readiness have it. */
  readonly name: string;
  /** The setting that says where it listens. */
  readonly setting: string;
  readonly config: GrpcSettings;
  readonly methods: GrpcMethods;
  readonly inFlight: BytesInFlight;
  readonly metrics: ReceiverMetrics;
  readonly logger: Logger;
}

/** A gRPC receiver: the messages stay bytes, and errors are told so that senders know whether to send again. */
export function createGrpcListener(options: GrpcListenerOptions): GrpcServer {
  const { name, setting, config, methods, inFlight, metrics, logger } = options;
  return createGrpcServer({
    name,
    endpoint: config.endpoint,
    setting,
    methods,
    limits: grpcLimitsOf(config),
    budget: inFlight,
    inflaters: GRPC_INFLATERS,
    logger,
    statusOf: grpcStatusOf,
    onFailure(error) {
      metrics.refused('grpc', error.code);
      if (error.code === 'SPOOR_INTERNAL') logger.error({ err: error }, 'a request could not be taken');
    },
  });
}

function grpcStatusOf(error: SpoorError): CallStatus {
  const told = otlpErrorOf(error);
  const status = { code: told.grpc, message: told.message };
  return told.retryAfterMs === undefined ? status : { ...status, details: statusMessage(told) };
}
