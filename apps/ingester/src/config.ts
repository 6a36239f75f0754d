import { duration, section } from '@spoor/service';
import { z } from 'zod';

/** The settings under `ingester`. */
export const ingesterConfig = section({
  group: z
    .string()
    .min(1)
    .default('spoor-ingester')
    .meta({ description: 'The consumer group that the ingester joins', env: ['KAFKA_CONSUMER_GROUP_ID'] }),
  retry: section({
    initialDelay: duration()
      .prefault('100ms')
      .meta({ description: 'How long the first wait is when the storage does not take spans' }),
    maxDelay: duration()
      .prefault('10s')
      .meta({ description: 'How long the waits may grow while the storage does not take spans' }),
  }),
  metrics: section({
    enabled: z.boolean().default(true).meta({
      description:
        'Whether calls, errors and durations are counted by service and operation while spans are stored. Not needed for the embedded store, which counts them when it is asked',
    }),
    maxSpanAge: duration().prefault('1d').meta({
      description: 'Spans that start longer than this before Kafka took them are stored but not counted',
    }),
    linger: duration().prefault('200ms').meta({
      description:
        'How long what was counted of few spans waits, so that the storage takes it together with that of other partitions. Spans do not wait, but their offsets are committed only then',
    }),
  }),
});
export type IngesterConfig = z.output<typeof ingesterConfig>;
