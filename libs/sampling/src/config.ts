import { duration, ratio, section } from '@spoor/service';
import { z } from 'zod';

export interface SamplingFileDefaults {
  /** Of services without a strategy. */
  readonly defaultSamplingProbability: number;
  /** As people write it, `0` for never. */
  readonly reloadInterval: string;
}

/** The settings of strategies that come from a file, with what they are when nobody says otherwise. */
export function samplingFileConfig({ defaultSamplingProbability, reloadInterval }: SamplingFileDefaults) {
  return section({
    path: z
      .string()
      .default('')
      .meta({
        description: 'A file of sampling strategies in JSON, or an http(s) address of one; empty is none',
        accepts: 'a path or an http(s) address',
        env: ['SAMPLING_STRATEGIES_FILE'],
      }),
    reloadInterval: duration()
      .prefault(reloadInterval)
      .meta({
        description: 'How often the strategies are read anew; 0 is never',
        env: ['SAMPLING_STRATEGIES_RELOAD_INTERVAL'],
      }),
    defaultSamplingProbability: ratio()
      .default(defaultSamplingProbability)
      .meta({
        description: 'With which probability traces of services without a strategy are sampled',
        env: ['SAMPLING_DEFAULT_SAMPLING_PROBABILITY'],
      }),
  });
}
