import { tracingConfig } from '@spoor/self-tracing';
import { adminConfig, logConfig, shutdownConfig, tenancyConfig } from '@spoor/service';
import { kafkaSettings } from '@spoor/span-log';
import { samplingStorageConfig } from '@spoor/stores';
import { z } from 'zod';
import { collectorConfig } from './config.ts';
import { samplingConfig } from './sampling/index.ts';

/** Everything that can be set for a collector that is a process of its own. */
export const collectorProcessConfig = z.strictObject({
  collector: collectorConfig,
  sampling: samplingConfig({ defaultSamplingProbability: 0.001, reloadInterval: '0', isServed: false }),
  storage: samplingStorageConfig,
  kafka: kafkaSettings,
  tenancy: tenancyConfig,
  tracing: tracingConfig,
  admin: adminConfig('127.0.0.1:14269'),
  log: logConfig,
  shutdown: shutdownConfig,
});
export type CollectorProcessConfig = z.output<typeof collectorProcessConfig>;
