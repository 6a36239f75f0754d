import type { GrpcLimits } from '@spoor/grpc';
import { byteSize, duration, type ListenAddress, listenAddress } from '@spoor/service';
import { z } from 'zod';

export interface GrpcSettings {
  readonly endpoint: ListenAddress;
  /** On the wire as well as inflated. */
  readonly maxMessageBytes: number;
  readonly maxConcurrentStreams: number;
  /** Milliseconds, as the following; 0 is never. */
  readonly requestTimeout: number;
  readonly keepaliveTime: number;
  readonly keepaliveTimeout: number;
  readonly maxConnectionAge: number;
  readonly maxConnectionAgeGrace: number;
}

export interface GrpcSettingsOf {
  readonly endpoint: string;
  /** What is received there. */
  readonly receives: string;
  /** The peer's environment names. */
  readonly env: {
    readonly endpoint: string;
    readonly maxMessageBytes: string;
    readonly maxConnectionAge: string;
    readonly maxConnectionAgeGrace: string;
  };
}

/** The settings that every gRPC receiver has. */
export function grpcSettings({ endpoint, receives, env }: GrpcSettingsOf) {
  return {
    endpoint: listenAddress()
      .prefault(endpoint)
      .meta({ description: `Where ${receives} is received`, env: [env.endpoint] }),
    maxMessageBytes: byteSize()
      .prefault('4MiB')
      .meta({ description: 'The largest message, on the wire as well as inflated', env: [env.maxMessageBytes] }),
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
        env: [env.maxConnectionAge],
      }),
    maxConnectionAgeGrace: duration()
      .prefault('0')
      .meta({
        description: 'How long requests may still take when a connection has reached its age; 0 is for ever',
        env: [env.maxConnectionAgeGrace],
      }),
  };
}

export function grpcLimitsOf(settings: GrpcSettings): GrpcLimits {
  return {
    maxMessageBytes: settings.maxMessageBytes,
    maxConcurrentStreams: settings.maxConcurrentStreams,
    requestTimeoutMs: settings.requestTimeout,
    keepaliveTimeMs: settings.keepaliveTime,
    keepaliveTimeoutMs: settings.keepaliveTimeout,
    maxConnectionAgeMs: settings.maxConnectionAge,
    maxConnectionAgeGraceMs: settings.maxConnectionAgeGrace,
  };
}
