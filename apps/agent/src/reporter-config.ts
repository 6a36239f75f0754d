import { duration, optionalClientTlsSettings, readOptionalClientTls, section } from '@spoor/service';
import { z } from 'zod';
import type { CollectorClientConfig } from './forward/collector-client.ts';

const ENDPOINT = /^(dns:\/\/\/)?(\[[0-9a-fA-F:.]+\]|[^\s:/[\],]+):\d{1,5}$/;

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
  tls: section(optionalClientTlsSettings('collectors', ['REPORTER_GRPC'])),
});
export type ReporterConfig = z.output<typeof reporterConfig>;

/** Reads the files that the settings name. Throws `SPOOR_INVALID_CONFIGURATION` for those that cannot be read or do not fit together. */
export function collectorClientConfigOf({ endpoints, timeout, tls }: ReporterConfig): CollectorClientConfig {
  const secured = readOptionalClientTls('reporter.tls', tls);
  return { endpoints, timeoutMs: timeout, ...(secured === undefined ? {} : { tls: secured }) };
}
