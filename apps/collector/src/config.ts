import { byteSize, duration, listenAddress, section } from '@spoor/service';
import { z } from 'zod';
import { httpSettings } from './receivers/http/config.ts';

const TRACES_PATH = /^\/[A-Za-z0-9._~/-]+$/;

/** The settings under `collector`. */
export const collectorConfig = section({
  maxBytesInFlight: byteSize()
    .prefault('64MiB')
    .meta({ description: 'Bytes of requests that may be held unanswered at once; beyond it senders are told to wait' }),
  maxSpanBytes: byteSize().prefault('1MiB').meta({ description: 'The largest span, resource or scope that is taken' }),
  maxAttributeDepth: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(16)
    .meta({ description: 'Arrays and maps inside one another that the value of an attribute may have' }),
  maxFuture: duration()
    .prefault('24h')
    .meta({ description: 'How far a span may lie in the future; clocks of senders differ' }),
  otlp: section({
    http: section({
      tracesPath: z
        .string()
        .regex(TRACES_PATH, 'must be a path such as /v1/traces')
        .default('/v1/traces')
        .meta({ description: 'The path that takes spans' }),
      ...httpSettings({
        endpoint: '127.0.0.1:4318',
        receives: 'OTLP over HTTP',
        env: {
          endpoint: 'COLLECTOR_OTLP_HTTP_HOST_PORT',
          corsOrigins: 'COLLECTOR_OTLP_HTTP_CORS_ALLOWED_ORIGINS',
          corsHeaders: 'COLLECTOR_OTLP_HTTP_CORS_ALLOWED_HEADERS',
        },
      }),
    }),
    grpc: section({
      endpoint: listenAddress()
        .prefault('127.0.0.1:4317')
        .meta({ description: 'Where OTLP over gRPC is received', env: ['COLLECTOR_OTLP_GRPC_HOST_PORT'] }),
      maxMessageBytes: byteSize()
        .prefault('4MiB')
        .meta({
          description: 'The largest message, on the wire as well as inflated',
          env: ['COLLECTOR_OTLP_GRPC_MAX_MESSAGE_SIZE'],
        }),
      maxConcurrentStreams: z
        .number()
        .int()
        .min(1)
        .default(32)
        .meta({ description: 'Requests at once on one connection' }),
      requestTimeout: duration()
        .prefault('30s')
        .meta({ description: 'How long a sender may take to send one whole message' }),
      keepaliveTime: duration().prefault('2h').meta({ description: 'After which silence a connection is probed' }),
      keepaliveTimeout: duration().prefault('20s').meta({ description: 'How long the answer to a probe may take' }),
      maxConnectionAge: duration()
        .prefault('0')
        .meta({
          description: 'After which a sender must connect anew, so that load spreads; 0 is never',
          env: ['COLLECTOR_OTLP_GRPC_MAX_CONNECTION_AGE'],
        }),
      maxConnectionAgeGrace: duration()
        .prefault('0')
        .meta({
          description: 'How long requests may still take when a connection has reached its age; 0 is for ever',
          env: ['COLLECTOR_OTLP_GRPC_MAX_CONNECTION_AGE_GRACE'],
        }),
    }),
  }),
  jaeger: section({
    thriftHttp: section({
      enabled: z.boolean().default(true).meta({ description: 'Whether Thrift over HTTP is received' }),
      ...httpSettings({
        endpoint: '127.0.0.1:14268',
        receives: "Thrift of Jaeger's clients over HTTP",
        env: { endpoint: 'COLLECTOR_HTTP_SERVER_HOST_PORT' },
      }),
    }),
  }),
  zipkin: section({
    enabled: z.boolean().default(true).meta({ description: 'Whether Zipkin is received' }),
    ...httpSettings({
      endpoint: '127.0.0.1:9411',
      receives: 'Zipkin, v1 and v2,',
      env: {
        endpoint: 'COLLECTOR_ZIPKIN_HOST_PORT',
        corsOrigins: 'COLLECTOR_ZIPKIN_CORS_ALLOWED_ORIGINS',
        corsHeaders: 'COLLECTOR_ZIPKIN_CORS_ALLOWED_HEADERS',
      },
    }),
  }),
});

export type CollectorConfig = z.output<typeof collectorConfig>;
