import {
  type ChannelOptions,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type ServiceError,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { classify, SpoorError } from '@spoor/model';
import { formatAddress, listenError, type Tenancy } from '@spoor/service';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from 'pino';
import type { CollectorConfig } from '../../config.ts';
import { describeRejections, exportResponse, statusMessage } from './answers.ts';
import { HeldBytes } from './body.ts';
import type { BytesInFlight } from './bytes-in-flight.ts';
import type { Receiver } from './http.ts';
import type { Intake } from './intake.ts';
import type { ReceiverMetrics } from './metrics.ts';
import { otlpErrorOf } from './status.ts';

export interface GrpcReceiverOptions {
  readonly config: CollectorConfig['otlp']['grpc'];
  readonly intake: Intake;
  readonly inFlight: BytesInFlight;
  readonly metrics: ReceiverMetrics;
  readonly tenancy: Tenancy;
  readonly logger: Logger;
}

const SERVICE_NAME = 'opentelemetry.proto.collector.trace.v1.TraceService';

/** The messages stay bytes: the scanner reads them as they are. */
const identity = (bytes: Buffer): Buffer => bytes;
const TRACE_SERVICE = {
  Export: {
    path: `/${SERVICE_NAME}/Export`,
    requestStream: false,
    responseStream: false,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  },
} satisfies ServiceDefinition;

/** Receives OTLP over gRPC (CONTRACT §2.1), with `grpc.health.v1` beside it. */
export function createGrpcReceiver(options: GrpcReceiverOptions): Receiver {
  const { config, logger } = options;
  let server: Server | undefined;
  let health: HealthImplementation | undefined;
  let bound: string | undefined;

  function setServing(isServing: boolean): void {
    for (const name of ['', SERVICE_NAME]) health?.setStatus(name, isServing ? 'SERVING' : 'NOT_SERVING');
  }

  return {
    name: 'otlp-grpc',
    address: () => bound,
    async start() {
      const opened = new Server(serverOptions(config));
      opened.addService(TRACE_SERVICE, {
        Export: (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
          void receive(options, call, answer);
        },
      });
      health = new HealthImplementation({ '': 'NOT_SERVING', [SERVICE_NAME]: 'NOT_SERVING' });
      health.addToServer(opened);
      const { host } = config.endpoint;
      const boundPort = await new Promise<number>((resolve, reject) => {
        opened.bindAsync(formatAddress(config.endpoint), ServerCredentials.createInsecure(), (cause, usedPort) => {
          if (cause === null) resolve(usedPort);
          else reject(listenError(withCode(cause), config.endpoint, 'collector.otlp.grpc.endpoint'));
        });
      });
      server = opened;
      bound = formatAddress({ host, port: boundPort });
      setServing(true);
      logger.info({ listener: 'otlp-grpc', address: bound }, 'listening');
    },
    async stop(signal) {
      const closing = server;
      server = undefined;
      bound = undefined;
      if (closing === undefined) return;
      setServing(false);
      const force = () => closing.forceShutdown();
      signal.addEventListener('abort', force, { once: true });
      const closed = new Promise<void>((resolve) => closing.tryShutdown(() => resolve()));
      if (signal.aborted) force();
      await closed;
      signal.removeEventListener('abort', force);
    },
  };
}

async function receive(
  { intake, inFlight, tenancy, metrics, logger }: GrpcReceiverOptions,
  call: ServerUnaryCall<Buffer, Buffer>,
  answer: sendUnaryData<Buffer>,
): Promise<void> {
  const held = new HeldBytes(inFlight);
  try {
    const tenant = tenancy.fromGrpcMetadata(call.metadata);
    held.take(call.request.length);
    const { accepted, rejected } = await intake.take({
      bytes: call.request,
      format: 'protobuf',
      transport: 'grpc',
      tenant,
    });
    if (accepted === 0 && rejected.length > 0)
      throw new SpoorError('SPOOR_INVALID_REQUEST', describeRejections(rejected));
    answer(null, exportResponse(rejected, 'protobuf'));
  } catch (thrown) {
    const error = classify(thrown);
    metrics.refused('grpc', error.code);
    if (error.code === 'SPOOR_INTERNAL') logger.error({ err: error }, 'a request could not be taken');
    answer(serviceErrorOf(error));
  } finally {
    held.release();
  }
}

function serviceErrorOf(error: SpoorError): ServiceError {
  const told = otlpErrorOf(error);
  const metadata = new Metadata();
  if (told.retryAfterMs !== undefined) metadata.set('grpc-status-details-bin', statusMessage(told));
  return Object.assign(new Error(told.message), { code: told.grpc, details: told.message, metadata });
}

/** A duration of zero is not set at all: grpc-js then never does what it is for. */
function serverOptions(config: CollectorConfig['otlp']['grpc']): ChannelOptions {
  const durations = {
    'grpc.keepalive_time_ms': config.keepaliveTime,
    'grpc.keepalive_timeout_ms': config.keepaliveTimeout,
    'grpc.max_connection_age_ms': config.maxConnectionAge,
    'grpc.max_connection_age_grace_ms': config.maxConnectionAgeGrace,
  };
  return {
    'grpc.max_receive_message_length': config.maxMessageBytes,
    'grpc.max_concurrent_streams': config.maxConcurrentStreams,
    ...Object.fromEntries(Object.entries(durations).filter(([, ms]) => ms > 0)),
  };
}

/** grpc-js tells what the system said only within a sentence. */
function withCode(error: Error): Error {
  return Object.assign(error, { code: /\b(EADDR|EACC|ENOT)[A-Z]+\b/.exec(error.message)?.[0] });
}
