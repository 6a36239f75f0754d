import { SpoorError } from '@spoor/model';
import type { ElasticsearchConfig } from './settings.ts';

/** Throws `SPOOR_INVALID_CONFIGURATION` for settings that are fine each and contradict one another. */
export function demandSense({ rotation }: Pick<ElasticsearchConfig, 'rotation'>): void {
  if (rotation.policy !== undefined && rotation.type === 'periodic')
    throw wrong(
      `rotation.policy (${rotation.policy}) has no effect on indices by date (rotation.type=periodic); set rotation.type to alias or data_stream (ES_USE_ALIASES=true beside ES_USE_ILM=true), or leave the policy out and set retention.maxAge`,
    );
}

function wrong(message: string): SpoorError {
  return new SpoorError('SPOOR_INVALID_CONFIGURATION', `storage.elasticsearch.${message}`);
}
