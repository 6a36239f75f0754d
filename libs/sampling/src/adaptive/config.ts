import { duration, ratio, section } from '@spoor/service';
import { z } from 'zod';

const rate = () => z.number().positive();
const buckets = () => z.number().int().min(1);

/** The settings of adaptive sampling (CONTRACT §3.4). */
export const adaptiveConfig = section({
  targetSamplesPerSecond: rate()
    .default(1)
    .meta({
      description: 'Sampled traces a second that each operation of each service is to have',
      env: ['SAMPLING_TARGET_SAMPLES_PER_SECOND'],
    }),
  deltaTolerance: ratio()
    .default(0.3)
    .meta({
      description: 'How far from its target, as a share of it, an operation may be without a change',
      env: ['SAMPLING_DELTA_TOLERANCE'],
    }),
  calculationInterval: duration()
    .prefault('1m')
    .meta({ description: 'How often probabilities are calculated', env: ['SAMPLING_CALCULATION_INTERVAL'] }),
  aggregationBuckets: buckets()
    .default(10)
    .meta({ description: 'Intervals of which the throughput is kept', env: ['SAMPLING_AGGREGATION_BUCKETS'] }),
  calculationBuckets: buckets()
    .default(1)
    .meta({
      description: 'Intervals, the newest ones, that a probability is calculated from',
      env: ['SAMPLING_BUCKETS_FOR_CALCULATION'],
    }),
  calculationDelay: duration()
    .prefault('2m')
    .meta({
      description: 'How old throughput must be, so that every collector has written its own',
      env: ['SAMPLING_DELAY'],
    }),
  initialSamplingProbability: ratio()
    .default(0.001)
    .meta({
      description: 'With which probability an operation is sampled at first',
      env: ['SAMPLING_INITIAL_SAMPLING_PROBABILITY'],
    }),
  minSamplingProbability: ratio()
    .default(0.00001)
    .meta({ description: 'Below which no probability falls', env: ['SAMPLING_MIN_SAMPLING_PROBABILITY'] }),
  minSamplesPerSecond: rate()
    .default(1 / 60)
    .meta({
      description: 'Traces a second that clients sample of an operation whatever its probability',
      env: ['SAMPLING_MIN_SAMPLES_PER_SECOND'],
    }),
  leaderLeaseRefreshInterval: duration()
    .prefault('5s')
    .meta({
      description: 'How often the collector that calculates prolongs its lease',
      env: ['SAMPLING_LEADER_LEASE_REFRESH_INTERVAL'],
    }),
  followerLeaseRefreshInterval: duration()
    .prefault('60s')
    .meta({
      description: 'How often the others try to get the lease, and how long it lasts',
      env: ['SAMPLING_FOLLOWER_LEASE_REFRESH_INTERVAL'],
    }),
});
export type AdaptiveConfig = z.output<typeof adaptiveConfig>;
