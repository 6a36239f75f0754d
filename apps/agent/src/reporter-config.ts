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
  tenantHeader: z
    .string()
    .toLowerCase()
    .regex(/^[a-z0-9_.-]+$/)
    .default('x-tenant')
    .meta({
      description: 'The metadata key that names agent.tenant to the collectors, as their tenancy.header has it',
      accepts: 'the name of a header',
    }),
  timeout: duration().prefault('10s').meta({ description: 'How long a collector may take to answer' }),
  tls: section(optionalClientTlsSettings('collectors', ['REPORTER_GRPC'])),
});
export type ReporterConfig = z.output<typeof reporterConfig>;

/** Reads the files that the settings name. Throws `SPOOR_INVALID_CONFIGURATION` for those that cannot be read or do not fit together. */
export function collectorClientConfigOf(
  { endpoints, timeout, tenantHeader, tls }: ReporterConfig,
  tenant?: string,
): CollectorClientConfig {
  const secured = readOptionalClientTls('reporter.tls', tls);
  const headers = tenant === undefined ? {} : { [tenantHeader]: tenant };
  return { endpoints, timeoutMs: timeout, headers, ...(secured === undefined ? {} : { tls: secured }) };
}
