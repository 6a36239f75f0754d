import { byteSize, duration, type ListenAddress, listenAddress, section } from '@spoor/service';
import { z } from 'zod';

/** What an origin may be: any, or a scheme and host, in which `*` stands for any label. */
const ORIGIN = /^(\*|[a-z][a-z0-9+.-]*:\/\/[A-Za-z0-9.*:[\]-]+)$/;

export interface HttpSettings {
  readonly endpoint: ListenAddress;
  /** On the wire as well as inflated. */
  readonly maxBodyBytes: number;
  /** Milliseconds, as the following. */
  readonly requestTimeout: number;
  readonly headersTimeout: number;
  readonly keepAliveTimeout: number;
  readonly cors: { readonly allowedOrigins: readonly string[]; readonly allowedHeaders: readonly string[] };
}

export interface HttpSettingsOf {
  readonly endpoint: string;
  /** What is received there. */
  readonly receives: string;
  /** The peer's environment names. */
  readonly env: { readonly endpoint: string; readonly corsOrigins?: string; readonly corsHeaders?: string };
}

/** The settings that every HTTP receiver has. */
export function httpSettings({ endpoint, receives, env }: HttpSettingsOf) {
  return {
    endpoint: listenAddress()
      .prefault(endpoint)
      .meta({ description: `Where ${receives} is received`, env: [env.endpoint] }),
    maxBodyBytes: byteSize()
      .prefault('20MiB')
      .meta({ description: 'The largest body, on the wire as well as inflated' }),
    requestTimeout: duration()
      .prefault('30s')
      .meta({ description: 'How long a sender may take to send one whole request' }),
    headersTimeout: duration().prefault('10s').meta({ description: 'How long a sender may take to send the headers' }),
    keepAliveTimeout: duration()
      .prefault('75s')
      .meta({ description: 'How long an idle connection stays open; above what load balancers have' }),
    cors: section({
      allowedOrigins: z
        .array(z.string().regex(ORIGIN, 'must be * or an origin such as https://*.example.com'))
        .default([])
        .meta({
          description: 'Origins whose pages may send spans; * stands for any label, none is off',
          ...(env.corsOrigins === undefined ? {} : { env: [env.corsOrigins] }),
        }),
      allowedHeaders: z
        .array(z.string())
        .default([])
        .meta({
          description: 'Headers that such pages may send besides the usual ones',
          ...(env.corsHeaders === undefined ? {} : { env: [env.corsHeaders] }),
        }),
    }),
  };
}
