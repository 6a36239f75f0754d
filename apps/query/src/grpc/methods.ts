import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import type { RequestContext, Tenant } from '@spoor/model';
import { classify, SpoorError } from '@spoor/model';
import type { SelfTracing } from '@spoor/self-tracing';
import { grpcStatusOf } from '@spoor/service';
import type { Logger } from 'pino';
import type { QueryMetrics } from '../metrics.ts';
import { writeAll } from './streaming.ts';

export interface MethodOptions {
  readonly tenantOf: (metadata: Metadata) => Tenant;
  readonly timeoutMs: number;
  readonly metrics: QueryMetrics;
  readonly tracing: SelfTracing;
  readonly logger: Logger;
}

/** Turns plain functions into gRPC methods: tenant, deadline, cancellation, status codes, metrics. */
export interface MethodWrapper {
  unary<Request>(
    operation: string,
    answer: (message: Request, context: RequestContext) => Promise<object>,
  ): handleUnaryCall<Request, object>;
  streaming<Request, Response>(
    operation: string,
    /** What it adds to `trailer` goes out after the last message. */
    answer: (message: Request, context: RequestContext, trailer: Metadata) => AsyncGenerator<Response>,
  ): handleServerStreamingCall<Request, Response>;
}

export function createMethodWrapper(options: MethodOptions): MethodWrapper {
  return {
    unary(operation, answer) {
      return (call, callback) => {
        const work = begin(options, operation, call);
        work
          .run((context) => answer(call.request, context))
          .then(
            (message) => callback(null, message),
            (error: ServiceError) => callback(error),
          );
      };
    },
    streaming(operation, answer) {
      return (call) => {
        const trailer = new Metadata();
        const work = begin(options, operation, call);
        work
          .run((context) => writeAll(call, answer(call.request, context, trailer), context.signal))
          .then(
            () => call.end(trailer),
            // This is how grpc-js is told the status of a stream.
            (error: ServiceError) => call.emit('error', error),
          );
      };
    },
  };
}

type Call = ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>;

function begin(options: MethodOptions, operation: string, call: Call) {
  const { tenantOf, timeoutMs, metrics, tracing, logger } = options;
  const traced = tracing.begin({
    name: `query ${operation}`,
    kind: 'query',
    parent: call.metadata.get('traceparent')[0]?.toString(),
    attributes: { 'rpc.system': 'grpc', 'rpc.method': operation },
  });
  const startedAt = performance.now();
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(
      new SpoorError('SPOOR_DEADLINE_EXCEEDED', `the answer was not ready within ${timeoutMs} ms; ask for less`),
    );
  }, timeoutMs);
  (call as ServerUnaryCall<unknown, unknown>).on('cancelled', () => {
    controller.abort(new SpoorError('SPOOR_DEADLINE_EXCEEDED', 'the client went away'));
  });
  const finish = (result: 'ok' | 'error') => {
    clearTimeout(timer);
    metrics.observe(operation, result, (performance.now() - startedAt) / 1_000);
  };
  return {
    async run<T>(answer: (context: RequestContext) => Promise<T>): Promise<T> {
      try {
        const run = () => answer({ tenant: tenantOf(call.metadata), signal: controller.signal });
        const answered = await (traced === undefined ? run() : traced.within(run));
        finish('ok');
        traced?.end();
        return answered;
      } catch (thrown) {
        finish('error');
        const { signal } = controller;
        const error = classify(signal.aborted ? signal.reason : thrown);
        traced?.end({}, error);
        if (error.code === 'SPOOR_INTERNAL') logger.error({ err: error, operation }, 'a gRPC request failed');
        const status: Partial<ServiceError> = {
          name: 'Error',
          message: error.message,
          code: grpcStatusOf(error),
          details: error.message,
          metadata: new Metadata(),
        };
        throw Object.assign(new Error(error.message), status);
      }
    },
  };
}
