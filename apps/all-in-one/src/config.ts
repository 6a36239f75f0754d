import { agentConfig } from '@spoor/agent';
import { collectorConfig, samplingConfig } from '@spoor/collector';
import { ingesterConfig } from '@spoor/ingester';
import { queryConfig } from '@spoor/query';
import { tracingConfig } from '@spoor/self-tracing';
import { adminConfig, byteSize, logConfig, section, shutdownConfig, tenancyConfig } from '@spoor/service';
import { kafkaSettings } from '@spoor/span-log';
import { storageConfig } from '@spoor/stores';
import { z } from 'zod';

const spanLogConfig = section({
  type: z.enum(['in-process', 'kafka']).default('in-process').meta({
    description: 'Where spans wait to be stored: in memory, their senders waiting with them, or in Kafka',
  }),
  maxBytes: byteSize().prefault('64MiB').meta({
    description: 'Bytes of spans that may wait in memory for the storage; beyond it senders are told to wait',
  }),
  maxBatches: z.number().int().min(1).default(10_000).meta({
    description: 'Batches of spans that may wait in memory for the storage; beyond it senders are told to wait',
  }),
});

/** Everything that can be set for the all-in-one. */
export const allInOneConfig = z.strictObject({
  agent: agentConfig,
  collector: collectorConfig,
  // Who tries it out wants to see every trace.
  // As the peer's all-in-one has it (CONTRACT §3.3).
  sampling: samplingConfig({ defaultSamplingProbability: 1, reloadInterval: '1s', isServed: true }),
  spanLog: spanLogConfig,
  kafka: kafkaSettings,
  ingester: ingesterConfig,
  query: queryConfig,
  storage: storageConfig,
  tenancy: tenancyConfig,
  tracing: tracingConfig,
  admin: adminConfig('127.0.0.1:14269'),
  log: logConfig,
  shutdown: shutdownConfig,
});
export type AllInOneConfig = z.output<typeof allInOneConfig>;
