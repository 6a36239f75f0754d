import { SpoorError } from '@spoor/model';
import type { MetricsSlice, MetricsSliceKey } from '@spoor/storage';
import type { IndexNames } from '../index-names.ts';
import type { ExactJson } from '../layouts/layout.ts';
import { answerOf, failureOf, listOf, objectOf, textOf } from '../reader/ask-search.ts';
import type { SearchServer } from '../transport/search-server.ts';
import { MINUTE_MS, sliceId, sliceOf } from './slice-document.ts';

/** Each with up to a thousand operations. */
const DOCUMENTS_PER_REQUEST = 200;

/** The slices of these keys, as they were put last: documents that are asked for by their ids need no refresh. */
export async function readSlices(
  { server, names }: { readonly server: SearchServer; readonly names: IndexNames },
  keys: readonly MetricsSliceKey[],
  signal: AbortSignal,
): Promise<MetricsSlice[]> {
  const slices: MetricsSlice[] = [];
  for (let from = 0; from < keys.length; from += DOCUMENTS_PER_REQUEST) {
    const some = keys.slice(from, from + DOCUMENTS_PER_REQUEST);
    const docs = some.map((key) => ({ _index: names.forWriting(key.minute * MINUTE_MS), _id: sliceId(key) }));
    const body = JSON.stringify({ docs });
    const response = await server.request({ method: 'POST', path: '/_mget', body, signal });
    if (response.status !== 200) throw failureOf(response);
    const found = listOf(answerOf(response)['docs']);
    if (found.length !== some.length)
      throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', 'the search server did not answer for each document');
    slices.push(...some.flatMap((key, i) => sliceIn(key, found[i])));
  }
  return slices;
}

/** None where there is no such document, or not even an index of the day. */
function sliceIn(key: MetricsSliceKey, answer: ExactJson | undefined): MetricsSlice[] {
  const { found, error, _source } = objectOf(answer);
  if (found === true) return [sliceOf(key, objectOf(_source))];
  const { type, reason } = objectOf(error);
  if (error === undefined || type === 'index_not_found_exception') return [];
  throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', `metrics cannot be read: ${textOf(reason ?? type)}`);
}
