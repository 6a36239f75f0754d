import { duration } from '@spoor/service';
import type { KafkaSettings } from '@spoor/span-log';
import { z } from 'zod';
import type { PlanInput } from './plan.ts';

const positive = (description: string) => z.number().int().min(1).meta({ description });
const span = (description: string, from: string) =>
  duration()
    .refine((ms) => ms > 0, 'must be longer than nothing')
    .prefault(from)
    .meta({ description });

/** What every plan is made from. */
export const planFlags = {
  'spans-per-second': positive('The load at its busiest, of all collectors together'),
  'bytes-per-span': positive('What a span has as OTLP').default(500),
  retention: span('How long spans stay in the topic', '1d'),
  outage: span('How long the ingesters or their store may be away', '4h'),
  'ingester-spans-per-second': positive('What one ingester stores; measure it with your store').default(10_000),
};

export interface PlanFlags {
  readonly 'spans-per-second': number;
  readonly 'bytes-per-span': number;
  readonly retention: number;
  readonly outage: number;
  readonly 'ingester-spans-per-second': number;
}

export function planInput(flags: PlanFlags, brokers: number, kafka: KafkaSettings): PlanInput {
  return {
    spansPerSecond: flags['spans-per-second'],
    bytesPerSpan: flags['bytes-per-span'],
    retentionMs: flags.retention,
    outageMs: flags.outage,
    ingesterSpansPerSecond: flags['ingester-spans-per-second'],
    brokers,
    maxRequestBytes: kafka.maxRequestBytesPerPartition,
  };
}

export function groupFlag() {
  return z.string().min(1).default('spoor-ingester').meta({ description: 'The consumer group of the ingesters' });
}
