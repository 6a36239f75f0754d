import { SpoorError } from '@spoor/model';
import { parseExactJson } from '../exact-json.ts';
import type { ExactJson, ExactObject, RequestObject } from '../layouts/layout.ts';
import { adviceOnStatus } from '../transport/advice.ts';
import type { SearchResponse, SearchServer } from '../transport/search-server.ts';

/** Where a search looks: in indices by their names and patterns, or in a point in time. */
export type Target =
  | { readonly indices: readonly string[] }
  | { readonly pointInTime: string; readonly keepAlive: string };

export interface Hit {
  /** The index itself, also where an alias was asked. */
  readonly index: string;
  readonly id: string;
  /** Empty when the search did not ask for it. */
  readonly source: ExactObject;
  readonly sort: readonly ExactJson[];
  /** Lists of values, by field. */
  readonly fields: ExactObject;
}

export interface Found {
  readonly hits: readonly Hit[];
  readonly aggregations: ExactObject;
  /** Why hits may be missing that should be there. */
  readonly incomplete: string | undefined;
  /** Characters of the answer. */
  readonly size: number;
}

/** Answered when a point in time is no more: expired, or its node was restarted. */
export class PointInTimeGone extends Error {}

const MISSING_CONTEXT = 'search_context_missing_exception';

/**
 * One search. Throws `SPOOR_STORAGE_UNAVAILABLE` when the servers do not answer, `SPOOR_DEADLINE_EXCEEDED` when `signal`
 * aborts, which closes the connection and so cancels the search, and `PointInTimeGone`.
 */
export async function askSearch(
  server: SearchServer,
  target: Target,
  body: RequestObject,
  signal: AbortSignal,
): Promise<Found> {
  // A request without any index would be one to all of them.
  if ('indices' in target && target.indices.length === 0)
    return { hits: [], aggregations: {}, incomplete: undefined, size: 0 };
  const isPoint = 'pointInTime' in target;
  const response = await server.request({
    method: 'POST',
    path: isPoint ? '/_search' : `/${target.indices.join(',')}/_search`,
    ...(isPoint ? {} : { query: { ignore_unavailable: true } }),
    body: JSON.stringify({
      track_total_hits: false,
      ...body,
      ...(isPoint ? { pit: { id: target.pointInTime, keep_alive: target.keepAlive } } : {}),
    }),
    signal,
  });
  if (response.status !== 200) throw failureOf(response, isPoint);
  return foundIn(answerOf(response), response.body.length);
}

/** The answer as JSON. Throws `SPOOR_STORAGE_UNAVAILABLE` for what is none: a proxy may stand between. */
export function answerOf({ body }: SearchResponse): ExactObject {
  try {
    return objectOf(parseExactJson(body));
  } catch (cause) {
    throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', 'the search server answered with what is no JSON', { cause });
  }
}

/** Whatever the servers object to: they may be starting, overloaded, or lack a right that is given later. */
export function failureOf(response: SearchResponse, isPoint = false): Error {
  const { status, body, retryAfterMs } = response;
  if (isPoint && (body.includes(MISSING_CONTEXT) || status === 404)) return new PointInTimeGone(reasonOf(body));
  const message = `the search server answered with status ${status}: ${reasonOf(body)}${adviceOnStatus(status)}`;
  return new SpoorError('SPOOR_STORAGE_UNAVAILABLE', message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

function foundIn(answer: ExactObject, size: number): Found {
  const shards = objectOf(answer['_shards']);
  const failures = listOf(shards['failures']).map(objectOf);
  const types = failures.map((failure) => objectOf(failure['reason'])['type']);
  if (types.includes(MISSING_CONTEXT)) throw new PointInTimeGone('some shards have no such point in time');
  return {
    hits: listOf(objectOf(answer['hits'])['hits']).map(hitOf),
    aggregations: objectOf(answer['aggregations']),
    incomplete: reasonToDoubt(answer, shards, failures),
    size,
  };
}

function reasonToDoubt(answer: ExactObject, shards: ExactObject, failures: readonly ExactObject[]): string | undefined {
  if (Number(shards['failed'] ?? 0) > 0) {
    const [first = {}] = failures;
    const reason = objectOf(first['reason']);
    const where = typeof first['index'] === 'string' ? ` in ${first['index']}` : '';
    return `${shards['failed']} of ${shards['total']} shards failed${where}: ${textOf(reason['reason'] ?? reason['type'])}`;
  }
  if (answer['timed_out'] === true) return 'the search timed out on some shards';
  const clusters = objectOf(answer['_clusters']);
  if (Number(clusters['skipped'] ?? 0) > 0)
    return `${clusters['skipped']} of ${clusters['total']} clusters did not answer`;
  return undefined;
}

function hitOf(hit: ExactJson): Hit {
  const { _index, _id, _source, sort, fields } = objectOf(hit);
  return {
    index: textOf(_index),
    id: textOf(_id),
    source: objectOf(_source),
    sort: listOf(sort),
    fields: objectOf(fields),
  };
}

function reasonOf(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: { reason?: string; root_cause?: { reason?: string }[] } | string };
    const reason = typeof error === 'object' ? (error.root_cause?.[0]?.reason ?? error.reason) : error;
    return (reason ?? body).slice(0, 300);
  } catch {
    return body.slice(0, 300);
  }
}

/** What is no object is an empty one. */
export function objectOf(value: ExactJson | undefined): ExactObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ExactObject) : {};
}

export function listOf(value: ExactJson | undefined): readonly ExactJson[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: ExactJson | undefined): string {
  return value === undefined || value === null ? '' : String(value);
}
