import type { SearchServer } from '../transport/search-server.ts';
import { answerOf, askSearch, objectOf, textOf } from './ask-search.ts';

/** How OpenSearch says that there is no index. */
const NO_INDEX = 'invalid id: [null]';
/** How long closing may take; what is not closed expires by itself. */
const CLOSE_TIMEOUT_MS = 10_000;

export interface PointInTime {
  /** `''`: there is no index. `undefined`: the servers have none (OpenSearch before 2.4), no more of them, or none of all clusters. */
  readonly id: string | undefined;
  /** Shards that are not part of it. */
  readonly incomplete: string | undefined;
}

/** Keeps what the indices hold now, so that pages read from it neither skip nor repeat. Throws what `request` throws. */
export async function openPointInTime(
  server: SearchServer,
  indices: readonly string[],
  keepAlive: string,
  signal: AbortSignal,
): Promise<PointInTime> {
  if (indices.length === 0) return { id: '', incomplete: undefined };
  const { flavour } = await server.version(signal);
  const response = await server.request({
    method: 'POST',
    path: `/${indices.join(',')}${flavour === 'opensearch' ? '/_search/point_in_time' : '/_pit'}`,
    query: { keep_alive: keepAlive, ignore_unavailable: true },
    signal,
  });
  if (response.status !== 200) return { id: response.body.includes(NO_INDEX) ? '' : undefined, incomplete: undefined };
  const answer = answerOf(response);
  const id = textOf(answer['id'] ?? answer['pit_id']);
  const shards = objectOf(answer['_shards']);
  const failed = Number(shards['failed'] ?? 0);
  const absent = await missingClusters(server, indices, signal);
  if (absent !== undefined) {
    // Reading from it would not tell what it lacks, reading by names does.
    void closePointInTime(server, id);
    return { id: undefined, incomplete: absent };
  }
  return {
    id: id === '' ? undefined : id,
    incomplete: failed === 0 ? undefined : `${failed} of ${textOf(shards['total'])} shards could not be read`,
  };
}

/** Servers leave clusters that they cannot reach out of a point in time without a word; a search for nothing tells of them. */
async function missingClusters(
  server: SearchServer,
  indices: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!indices.some((name) => name.includes(':'))) return undefined;
  const nothing = { size: 0, query: { match_none: {} } };
  return (await askSearch(server, { indices }, nothing, signal)).incomplete;
}

/** Never throws: what is not closed expires. */
export async function closePointInTime(server: SearchServer, id: string): Promise<void> {
  if (id === '') return;
  const signal = AbortSignal.timeout(CLOSE_TIMEOUT_MS);
  try {
    const { flavour } = await server.version(signal);
    const isOpenSearch = flavour === 'opensearch';
    await server.request({
      method: 'DELETE',
      path: isOpenSearch ? '/_search/point_in_time' : '/_pit',
      body: JSON.stringify(isOpenSearch ? { pit_id: [id] } : { id }),
      signal,
    });
  } catch {
    // It expires by itself.
  }
}
