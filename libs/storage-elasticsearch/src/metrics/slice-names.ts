import type { Clock } from '@spoor/model';
import { createIndexNames, type IndexNames } from '../index-names.ts';
import type { ElasticsearchConfig } from '../settings.ts';

export const METRICS_STEM = 'spoor-metrics';

type NameSettings = Pick<ElasticsearchConfig, 'indexPrefix' | 'remoteClusters'> & {
  readonly rotation: Pick<ElasticsearchConfig['rotation'], 'dateSeparator'>;
};

/**
 * One index a day of the minutes, however spans are kept and in whichever layout: so a slice's index follows from its key, and a
 * slice that is written again is the same document. None is too old for its own, because old ones are not counted at all.
 */
export function metricsNames({ indexPrefix, rotation, remoteClusters }: NameSettings, clock: Clock): IndexNames {
  const daily = { type: 'periodic', frequency: 'day', dateSeparator: rotation.dateSeparator } as const;
  const oldestSpanAge = Number.POSITIVE_INFINITY;
  return createIndexNames(METRICS_STEM, { indexPrefix, rotation: daily, remoteClusters, oldestSpanAge }, clock);
}
