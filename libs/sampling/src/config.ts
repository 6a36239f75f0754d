import { duration, ratio, section } from '@spoor/service';
import { z } from 'zod';

/** The settings of strategies that come from a file, with the probability that they have when nobody says otherwise. */
export function samplingFileConfig(defaultSamplingProbability: number) {
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
      .prefault('0')
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
