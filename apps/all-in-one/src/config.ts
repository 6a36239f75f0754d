import { collectorConfig } from '@spoor/collector';
import { ingesterConfig } from '@spoor/ingester';
import { queryConfig } from '@spoor/query';
import { adminConfig, byteSize, duration, logConfig, section, shutdownConfig, tenancyConfig } from '@spoor/service';
import { kafkaSettings } from '@spoor/span-log';
import { z } from 'zod';

const embeddedConfig = section({
  directory: z
    .string()
    .min(1)
    .default('data')
    .meta({ description: 'Where the spans lie; made when absent, and open in one process at a time' }),
  synchronous: z.enum(['full', 'normal']).default('full').meta({
    description: 'Whether an acknowledged span survives loss of power (full) or the end of the process only (normal)',
  }),
  maxQueueBytes: byteSize()
    .prefault('64MiB')
    .meta({ description: 'Bytes of spans that may wait to be written; beyond it the storage refuses' }),
  retention: section({
    maxAge: duration().prefault('7d').meta({ description: 'Spans that arrived longer ago are dropped; 0 keeps them' }),
    maxBytes: byteSize()
      .prefault('20GiB')
      .meta({ description: 'Above this size of the directory the oldest spans are dropped; 0 is no bound' }),
  }),
});

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
  collector: collectorConfig,
  spanLog: spanLogConfig,
  kafka: kafkaSettings,
  ingester: ingesterConfig,
  query: queryConfig,
  storage: section({ embedded: embeddedConfig }),
  tenancy: tenancyConfig,
  admin: adminConfig('127.0.0.1:14269'),
  log: logConfig,
  shutdown: shutdownConfig,
});
export type AllInOneConfig = z.output<typeof allInOneConfig>;
