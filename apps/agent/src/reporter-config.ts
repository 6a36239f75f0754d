import { readFileSync } from 'node:fs';
import { SpoorError } from '@spoor/model';
import { duration, section } from '@spoor/service';
import { z } from 'zod';
import type { CollectorClientConfig, CollectorTls } from './forward/collector-client.ts';

const ENDPOINT = /^(dns:\/\/\/)?(\[[0-9a-fA-F:.]+\]|[^\s:/[\],]+):\d{1,5}$/;
const filePath = () => z.string().min(1).optional();

/** The settings under `reporter`: which collectors get the spans, and how. */
export const reporterConfig = section({
  endpoints: z
    .array(z.string().regex(ENDPOINT, 'must be host:port or dns:///name:port'))
    .min(1)
    .default(['127.0.0.1:14250'])
    .meta({
      description: 'Collectors, which get the spans in turn; a name with several addresses is all of them',
      accepts: 'a list of host:port or dns:///name:port; separated by commas in flags and environment',
      env: ['REPORTER_GRPC_HOST_PORT'],
    }),
  timeout: duration().prefault('10s').meta({ description: 'How long a collector may take to answer' }),
  tls: section({
    enabled: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether collectors are reached over TLS', env: ['REPORTER_GRPC_TLS_ENABLED'] }),
    ca: filePath().meta({
      description: 'The file with the certificates to trust, PEM; without it those of Node',
      env: ['REPORTER_GRPC_TLS_CA'],
    }),
    cert: filePath().meta({
      description: 'The file with the certificate that proves who we are, PEM',
      env: ['REPORTER_GRPC_TLS_CERT'],
    }),
    key: filePath().meta({ description: 'The file with its private key, PEM', env: ['REPORTER_GRPC_TLS_KEY'] }),
    serverName: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: "The name in the collectors' certificate, where it is not their address",
        env: ['REPORTER_GRPC_TLS_SERVER_NAME'],
      }),
    skipHostVerify: z
      .boolean()
      .default(false)
      .meta({
        description: "Takes any certificate of a collector's; for tests only",
        env: ['REPORTER_GRPC_TLS_SKIP_HOST_VERIFY'],
      }),
  }),
});
export type ReporterConfig = z.output<typeof reporterConfig>;

/** Reads the files that the settings name. Throws `SPOOR_INVALID_CONFIGURATION` for those that cannot be read or do not fit together. */
export function collectorClientConfigOf({ endpoints, timeout, tls }: ReporterConfig): CollectorClientConfig {
  const secured = tlsOf(tls);
  return { endpoints, timeoutMs: timeout, ...(secured === undefined ? {} : { tls: secured }) };
}

function tlsOf({ enabled, serverName, skipHostVerify, ...files }: ReporterConfig['tls']): CollectorTls | undefined {
  const given = Object.entries(files).find(([, path]) => path !== undefined);
  if (!enabled && given !== undefined)
    throw wrong(`reporter.tls.${given[0]} is given, but reporter.tls.enabled is false; set it to true`);
  if (!enabled) return undefined;
  if ((files.cert === undefined) !== (files.key === undefined))
    throw wrong('reporter.tls.cert and reporter.tls.key belong together; give both or none');
  const ca = contentOf('reporter.tls.ca', files.ca);
  const cert = contentOf('reporter.tls.cert', files.cert);
  const key = contentOf('reporter.tls.key', files.key);
  return {
    verify: !skipHostVerify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

function contentOf(setting: string, path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SpoorError('SPOOR_INVALID_CONFIGURATION', `${setting} cannot be read: ${reason}`, { cause });
  }
}

function wrong(message: string): SpoorError {
  return new SpoorError('SPOOR_INVALID_CONFIGURATION', message);
}
