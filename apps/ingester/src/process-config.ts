import { tracingConfig } from '@spoor/self-tracing';
import { adminConfig, logConfig, shutdownConfig } from '@spoor/service';
import { kafkaSettings } from '@spoor/span-log';
import { sharedStorageConfig } from '@spoor/stores';
import { z } from 'zod';
import { ingesterConfig } from './config.ts';

/** Everything that can be set for an ingester that is a process of its own. */
export const ingesterProcessConfig = z.strictObject({
  ingester: ingesterConfig,
  kafka: kafkaSettings,
  storage: sharedStorageConfig,
  tracing: tracingConfig,
  admin: adminConfig('127.0.0.1:14270'),
  log: logConfig,
  shutdown: shutdownConfig,
});
export type IngesterProcessConfig = z.output<typeof ingesterProcessConfig>;
