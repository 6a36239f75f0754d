import { SpoorError } from '@spoor/model';
import type { SearchServer } from '../transport/search-server.ts';
import type { Rollover, RolloverConditions } from './aliases.ts';
import { ask } from './ask.ts';

/**
 * Begins a new backing index of a data stream where one of the conditions is met. `undefined`: the stream is not there yet, because
 * the first document makes it. Two callers at once begin one index at most, because the second finds the conditions not met.
 */
export async function rollOverStream(
  server: SearchServer,
  name: string,
  conditions: RolloverConditions,
  signal: AbortSignal,
): Promise<Rollover | undefined> {
  const { status, json } = await ask(server, {
    method: 'POST',
    path: `/${encodeURIComponent(name)}/_rollover`,
    json: Object.keys(conditions).length === 0 ? {} : { conditions },
    expected: [400, 404],
    signal,
  });
  if (status < 300) {
    const answer = json as { rolled_over: boolean; old_index: string; new_index: string };
    return { rolledOver: answer.rolled_over, oldIndex: answer.old_index, newIndex: answer.new_index };
  }
  // OpenSearch answers with 400 where Elasticsearch says 404.
  const reason = JSON.stringify(json);
  if (status === 404 || reason.includes('does not exist')) return undefined;
  throw new SpoorError('SPOOR_INVALID_REQUEST', `${name} cannot be rolled over: ${reason.slice(0, 300)}`);
}
