import { type ErrorCode, SpoorError } from '@spoor/model';
import { adviceOnStatus } from '../transport/advice.ts';
import type { SearchRequest, SearchServer } from '../transport/search-server.ts';

export interface Question extends Omit<SearchRequest, 'body' | 'contentType'> {
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Statuses beside 200 to 299 that are an answer like any other. */
  readonly expected?: readonly number[];
}

export interface Answer {
  readonly status: number;
  /** As it was parsed: nothing that needs more than 53 bits is asked for here. */
  readonly json: unknown;
}

/**
 * For the few requests that look after indices. Throws `SPOOR_STORAGE_UNAVAILABLE` for what may pass, `SPOOR_PERMISSION_DENIED`
 * where the login is not enough, `SPOOR_NOT_FOUND`, and `SPOOR_INVALID_REQUEST` with the server's words for what it refuses.
 */
export async function ask(server: SearchServer, { json, expected = [], ...request }: Question): Promise<Answer> {
  const { status, body } = await server.request({
    ...request,
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  if ((status >= 200 && status < 300) || expected.includes(status)) return { status, json: parsed(body) };
  throw new SpoorError(
    codeOf(status),
    `${request.method} ${request.path} was answered with ${status}: ${reasonOf(body)}${adviceOnStatus(status)}`,
  );
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'SPOOR_PERMISSION_DENIED';
  if (status === 404) return 'SPOOR_NOT_FOUND';
  return status === 429 || status >= 500 ? 'SPOOR_STORAGE_UNAVAILABLE' : 'SPOOR_INVALID_REQUEST';
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The server's own words, not more than a line of them. */
function reasonOf(body: string): string {
  const { error } = (parsed(body) ?? {}) as { error?: string | { reason?: string } };
  const reason = typeof error === 'object' ? error?.reason : error;
  return (reason ?? body).slice(0, 300);
}
