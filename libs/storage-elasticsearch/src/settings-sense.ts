import { SpoorError } from '@spoor/model';
import type { ElasticsearchConfig } from './settings.ts';

/** Throws `SPOOR_INVALID_CONFIGURATION` for settings that are fine each and contradict one another. */
export function demandSense({
  rotation,
  retention,
  oldestSpanAge,
}: Pick<ElasticsearchConfig, 'rotation' | 'retention' | 'oldestSpanAge'>): void {
  // The index that such spans share may be as old as retention allows when a span comes that is younger.
  if (oldestSpanAge < retention.maxAge)
    throw wrong(
      `oldestSpanAge is less than retention.maxAge, so spans would be deleted too early; leave it out, or give at least ${retention.maxAge}ms`,
    );
  if (rotation.policy !== undefined && rotation.type === 'periodic')
    throw wrong(
      `rotation.policy (${rotation.policy}) has no effect on indices by date (rotation.type=periodic); set rotation.type to alias or data_stream (ES_USE_ALIASES=true beside ES_USE_ILM=true), or leave the policy out and set retention.maxAge`,
    );
}

function wrong(message: string): SpoorError {
  return new SpoorError('SPOOR_INVALID_CONFIGURATION', `storage.elasticsearch.${message}`);
}
