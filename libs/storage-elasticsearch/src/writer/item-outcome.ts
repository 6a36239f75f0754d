import type { DiscardReason } from '@spoor/model';
import { adviceOnStatus } from '../transport/advice.ts';

export type ItemOutcome =
  | { readonly kind: 'stored'; readonly wasThere: boolean }
  | { readonly kind: 'retry'; readonly message: string }
  | { readonly kind: 'rejected'; readonly reason: DiscardReason; readonly message: string };

interface BulkItemAnswer {
  readonly status?: number;
  readonly error?: { readonly type?: string; readonly reason?: string };
}

/** What the server says of the whole request when it is not 200. */
export type RequestOutcome =
  | { readonly kind: 'retry'; readonly message: string; readonly isOverload: boolean }
  /** Some item is not understood, or all of them are too much: halves tell which. */
  | { readonly kind: 'split'; readonly reason: DiscardReason; readonly message: string };

const MAX_MESSAGE = 200;

/**
 * Troubles that come with 400 and yet have nothing to do with the document: someone can put them right, and then the same
 * document is taken. Everything else with 400 never will be: were it tried again for ever, it would block all behind it.
 */
const PASSING = new Set(['index_closed_exception', 'validation_exception', 'invalid_alias_name_exception']);
const PASSING_REASON = /no write index|not a write index|maximum (normal )?shards? open|shards? in this cluster/i;

/** What the server's answer for one item means (CONTRACT §5.4). */
export function itemOutcome({ status = 0, error }: BulkItemAnswer): ItemOutcome {
  if (status >= 200 && status < 300) return { kind: 'stored', wasThere: false };
  // `create` of an id that is there already: the same span came before.
  if (status === 409) return { kind: 'stored', wasThere: true };
  const message = messageOf(status, error);
  if (status === 413) return { kind: 'rejected', reason: 'too_large', message };
  if (status !== 400) return { kind: 'retry', message };
  if (PASSING.has(error?.type ?? '') || PASSING_REASON.test(error?.reason ?? '')) return { kind: 'retry', message };
  return { kind: 'rejected', reason: 'unstorable', message };
}

export function requestOutcome(status: number, body: string): RequestOutcome {
  const error = errorOf(body);
  const message =
    error === undefined
      ? `the bulk request was answered with ${status}${adviceOnStatus(status)}`
      : messageOf(status, error);
  if (status === 413) return { kind: 'split', reason: 'too_large', message };
  // Only what names the parsing of the body is about the body; proxies answer 400 for much else.
  if (status === 400 && /parse|malformed|illegal_argument/.test(error?.type ?? ''))
    return { kind: 'split', reason: 'unstorable', message };
  return { kind: 'retry', message, isOverload: status === 429 || status === 503 };
}

/** For the sender: what the server said, at most 200 characters of it. */
function messageOf(status: number, error: BulkItemAnswer['error']): string {
  const type = error?.type ?? 'no reason given';
  const reason = error?.reason === undefined ? '' : `: ${error.reason.slice(0, MAX_MESSAGE)}`;
  return `the search server answered ${status}, ${type}${reason}${adviceOnStatus(status)}`;
}

function errorOf(body: string): BulkItemAnswer['error'] {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === 'object' && error !== null) return error as NonNullable<BulkItemAnswer['error']>;
    return typeof error === 'string' ? { type: error } : undefined;
  } catch {
    return undefined;
  }
}

/** The items of a bulk answer, in their order; `undefined` when it is none. */
export function bulkItems(body: string): readonly BulkItemAnswer[] | undefined {
  try {
    const { items } = JSON.parse(body) as { items?: unknown };
    if (!Array.isArray(items)) return undefined;
    // Nothing but `create` is ever sent.
    return items.map((item: { readonly create?: BulkItemAnswer }) => item.create ?? {});
  } catch {
    return undefined;
  }
}
