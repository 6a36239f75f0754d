import type { WantedTemplate } from '../care/template-keeper.ts';
import { prefixed } from '../index-names.ts';
import type { ElasticsearchConfig } from '../settings.ts';
import { METRICS_STEM } from './slice-names.ts';

const KEYWORD = { type: 'keyword' } as const;

/** Found by tenant, service and minute, and sorted by the minute. What was counted stands in the document only. */
export function metricsTemplate({
  indexPrefix,
  replicas,
  refreshInterval,
}: Pick<ElasticsearchConfig, 'indexPrefix' | 'replicas' | 'refreshInterval'>): WantedTemplate {
  return {
    base: prefixed(indexPrefix, METRICS_STEM),
    isStream: false,
    content: {
      settings: {
        index: {
          number_of_shards: 1,
          number_of_replicas: replicas,
          refresh_interval: `${refreshInterval}ms`,
          codec: 'best_compression',
        },
      },
      mappings: {
        dynamic: false,
        properties: {
          tenant: { ...KEYWORD, doc_values: false },
          service: { ...KEYWORD, doc_values: false },
          minute: { type: 'long' },
        },
      },
    },
  };
}
