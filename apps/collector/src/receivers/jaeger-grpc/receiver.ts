import type { GrpcMethods } from '@spoor/grpc';
import { SpoorError } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { Tenancy } from '@spoor/service';
import type { Logger } from 'pino';
import { createGrpcListener, type GrpcSettings } from '../grpc/index.ts';
import type { Receiver } from '../http/index.ts';
import { HeldBytes } from '../intake/body.ts';
import type { BytesInFlight, Intake, ReceiverMetrics } from '../intake/index.ts';
import { describeRejections } from '../intake/rejections.ts';
import { decodePostSpans } from './decode.ts';
import { reflectionMethods } from './reflection.ts';

export interface JaegerGrpcReceiverOptions {
  readonly config: GrpcSettings;
  readonly intake: Intake;
  readonly inFlight: BytesInFlight;
  readonly metrics: ReceiverMetrics;
  readonly tenancy: Tenancy;
  readonly logger: Logger;
  /** What else is served at the same address: sampling strategies. */
  readonly methods?: GrpcMethods;
}

const POST_SPANS = '/jaeger.api_v2.CollectorService/PostSpans';
const POST_SPANS_RESPONSE = new Uint8Array();

/** Receives batches of Jaeger's agents and clients over gRPC (CONTRACT §2.2), with `grpc.health.v1` and reflection beside it. */
export function createJaegerGrpcReceiver({
  intake,
  tenancy,
  methods = {},
  ...listener
}: JaegerGrpcReceiverOptions): Receiver {
  return createGrpcListener({
    ...listener,
    name: 'jaeger-grpc',
    setting: 'collector.jaeger.grpc.endpoint',
    methods: {
      ...methods,
      ...reflectionMethods(),
      [POST_SPANS]: {
        kind: 'unary',
        async handle(message, { metadata }) {
          const tenant = tenancy.fromGrpcMetadata(metadata);
          const held = new HeldBytes(listener.inFlight);
          try {
            const bytes = encodeTraces(decodePostSpans(message));
            held.take(bytes.length);
            const outcome = await intake.take({ bytes, format: 'jaeger_proto', transport: 'grpc', tenant });
            // The answer has no place for a part: what was rejected is in the metrics.
            if (outcome.accepted === 0 && outcome.rejected.length > 0)
              throw new SpoorError('SPOOR_INVALID_REQUEST', describeRejections(outcome.rejected));
            return POST_SPANS_RESPONSE;
          } finally {
            held.release();
          }
        },
      },
    },
  });
}
