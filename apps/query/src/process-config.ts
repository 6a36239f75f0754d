import { tracingConfig } from '@spoor/self-tracing';
import { adminConfig, logConfig, shutdownConfig, tenancyConfig } from '@spoor/service';
import { sharedStorageConfig } from '@spoor/stores';
import { z } from 'zod';
import { queryConfig } from './config.ts';

/** Everything that can be set for a query process. */
export const queryProcessConfig = z.strictObject({
  query: queryConfig,
  storage: sharedStorageConfig,
  tenancy: tenancyConfig,
  tracing: tracingConfig,
  admin: adminConfig('127.0.0.1:16687'),
  log: logConfig,
  shutdown: shutdownConfig,
});
export type QueryProcessConfig = z.output<typeof queryProcessConfig>;
