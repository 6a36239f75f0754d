import { byteSize, duration, section } from '@spoor/service';
import { z } from 'zod';
import { grpcSettings } from './receivers/grpc/config.ts';
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
    grpc: section(
      grpcSettings({
        endpoint: '127.0.0.1:4317',
        receives: 'OTLP over gRPC',
        env: {
          endpoint: 'COLLECTOR_OTLP_GRPC_HOST_PORT',
          maxMessageBytes: 'COLLECTOR_OTLP_GRPC_MAX_MESSAGE_SIZE',
          maxConnectionAge: 'COLLECTOR_OTLP_GRPC_MAX_CONNECTION_AGE',
          maxConnectionAgeGrace: 'COLLECTOR_OTLP_GRPC_MAX_CONNECTION_AGE_GRACE',
        },
      }),
    ),
  }),
  jaeger: section({
    grpc: section({
      enabled: z.boolean().default(true).meta({ description: 'Whether batches of Jaeger are received over gRPC' }),
      ...grpcSettings({
        endpoint: '127.0.0.1:14250',
        receives: "what Jaeger's agents and clients send over gRPC",
        env: {
          endpoint: 'COLLECTOR_GRPC_SERVER_HOST_PORT',
          maxMessageBytes: 'COLLECTOR_GRPC_SERVER_MAX_MESSAGE_SIZE',
          maxConnectionAge: 'COLLECTOR_GRPC_SERVER_MAX_CONNECTION_AGE',
          maxConnectionAgeGrace: 'COLLECTOR_GRPC_SERVER_MAX_CONNECTION_AGE_GRACE',
        },
      }),
    }),
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
