import { type CallStatus, createGrpcServer, type GrpcLimits } from '@spoor/grpc';
import { SpoorError } from '@spoor/model';
import type { Tenancy } from '@spoor/service';
import type { Logger } from 'pino';
import type { CollectorConfig } from '../../config.ts';
import type { Receiver } from '../http/index.ts';
import { describeRejections, exportResponse, statusMessage } from './answers.ts';
import type { BytesInFlight } from './bytes-in-flight.ts';
import { GRPC_INFLATERS } from './inflate.ts';
import type { Intake } from './intake.ts';
import type { ReceiverMetrics } from './metrics.ts';
import { otlpErrorOf } from './status.ts';

type GrpcConfig = CollectorConfig['otlp']['grpc'];

export interface GrpcReceiverOptions {
  readonly config: GrpcConfig;
  readonly intake: Intake;
  readonly inFlight: BytesInFlight;
  readonly metrics: ReceiverMetrics;
  readonly tenancy: Tenancy;
  readonly logger: Logger;
}

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

/** Receives OTLP over gRPC (CONTRACT §2.1), with `grpc.health.v1` beside it. The messages stay bytes. */
export function createGrpcReceiver(options: GrpcReceiverOptions): Receiver {
  const { config, intake, inFlight, metrics, tenancy, logger } = options;
  return createGrpcServer({
    name: 'otlp-grpc',
    endpoint: config.endpoint,
    setting: 'collector.otlp.grpc.endpoint',
    limits: grpcLimitsOf(config),
    budget: inFlight,
    inflaters: GRPC_INFLATERS,
    logger,
    statusOf: grpcStatusOf,
    onFailure(error) {
      metrics.refused('grpc', error.code);
      if (error.code === 'SPOOR_INTERNAL') logger.error({ err: error }, 'a request could not be taken');
    },
    methods: {
      [EXPORT]: {
        kind: 'unary',
        async handle(bytes, { metadata }) {
          const tenant = tenancy.fromGrpcMetadata(metadata);
          const { accepted, rejected } = await intake.take({ bytes, format: 'protobuf', transport: 'grpc', tenant });
          if (accepted === 0 && rejected.length > 0)
            throw new SpoorError('SPOOR_INVALID_REQUEST', describeRejections(rejected));
          return exportResponse(rejected, 'protobuf');
        },
      },
    },
  });
}

function grpcStatusOf(error: SpoorError): CallStatus {
  const told = otlpErrorOf(error);
  const status = { code: told.grpc, message: told.message };
  return told.retryAfterMs === undefined ? status : { ...status, details: statusMessage(told) };
}

function grpcLimitsOf(config: GrpcConfig): GrpcLimits {
  return {
    maxMessageBytes: config.maxMessageBytes,
    maxConcurrentStreams: config.maxConcurrentStreams,
    requestTimeoutMs: config.requestTimeout,
    keepaliveTimeMs: config.keepaliveTime,
    keepaliveTimeoutMs: config.keepaliveTimeout,
    maxConnectionAgeMs: config.maxConnectionAge,
    maxConnectionAgeGraceMs: config.maxConnectionAgeGrace,
  };
}
