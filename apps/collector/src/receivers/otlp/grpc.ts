import { SpoorError } from '@spoor/model';
import type { Tenancy } from '@spoor/service';
import type { Logger } from 'pino';
import { createGrpcListener, type GrpcSettings } from '../grpc/index.ts';
import type { Receiver } from '../http/index.ts';
import type { BytesInFlight } from '../intake/bytes-in-flight.ts';
import type { Intake } from '../intake/intake.ts';
import type { ReceiverMetrics } from '../intake/metrics.ts';
import { describeRejections } from '../intake/rejections.ts';
import { exportResponse } from './answers.ts';

export interface GrpcReceiverOptions {
  readonly config: GrpcSettings;
  readonly intake: Intake;
  readonly inFlight: BytesInFlight;
  readonly metrics: ReceiverMetrics;
  readonly tenancy: Tenancy;
  readonly logger: Logger;
}

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

/** Receives OTLP over gRPC (CONTRACT §2.1), with `grpc.health.v1` beside it. */
export function createGrpcReceiver({ intake, tenancy, ...listener }: GrpcReceiverOptions): Receiver {
  return createGrpcListener({
    ...listener,
    name: 'otlp-grpc',
    setting: 'collector.otlp.grpc.endpoint',
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
