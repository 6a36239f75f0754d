import { SpoorError } from '@spoor/model';
import { ask } from '../indices/ask.ts';
import type { SearchServer } from '../transport/search-server.ts';

/** One document that at most one process holds at a time. */
const CARE = 'care';

export interface LeaseOptions {
  /** What the lease is of. Default: looking after the indices. */
  readonly resource?: string;
  /** The index that the document lies in, made when it is written. */
  readonly index: string;
  /** Of this process; no other may have it. */
  readonly holder: string;
  /** After which silence another process may take it. Must be longer than what is done under it takes. */
  readonly ttlMs: number;
  readonly nowMs: () => number;
}

interface LeaseDocument {
  readonly _seq_no?: number;
  readonly _primary_term?: number;
  readonly _source?: { readonly holder?: string; readonly untilMs?: number };
}

/**
 * Takes the lease, or takes it again, by optimistic concurrency: of several that try at once one gets it. False when another
 * process has it. Clocks of the processes may differ by less than the time it is held for. Throws what `ask` throws.
 */
export async function takeLease(server: SearchServer, options: LeaseOptions, signal: AbortSignal): Promise<boolean> {
  const { holder, ttlMs, nowMs } = options;
  const path = pathOf(options);
  const found = await ask(server, { method: 'GET', path, expected: [404], signal });
  const { _seq_no, _primary_term, _source } = (found.status === 404 ? {} : (found.json ?? {})) as LeaseDocument;
  const isForeign = _source?.holder !== undefined && _source.holder !== holder;
  if (isForeign && (_source.untilMs ?? 0) > nowMs()) return false;
  const isNew = _seq_no === undefined || _primary_term === undefined;
  const taken = await ask(server, {
    method: 'PUT',
    path,
    query: isNew ? { op_type: 'create' } : { if_seq_no: _seq_no, if_primary_term: _primary_term },
    json: { holder, untilMs: nowMs() + ttlMs },
    expected: [409],
    signal,
  });
  return taken.status !== 409;
}

/** Lets others have it at once. Never throws: it runs out by itself. */
export async function giveLeaseBack(server: SearchServer, options: LeaseOptions, signal: AbortSignal): Promise<void> {
  try {
    await forfeitLease(server, options, signal);
  } catch (error) {
    if (!(error instanceof SpoorError)) throw error;
  }
}

/** Lets others have it at once. False when the holder did not have it. Throws what `ask` throws. */
export async function forfeitLease(server: SearchServer, options: LeaseOptions, signal: AbortSignal): Promise<boolean> {
  const { holder, nowMs } = options;
  const path = pathOf(options);
  const { status, json } = await ask(server, { method: 'GET', path, expected: [404], signal });
  const { _seq_no, _primary_term, _source } = (json ?? {}) as LeaseDocument;
  if (status === 404 || _source?.holder !== holder || _seq_no === undefined || _primary_term === undefined)
    return false;
  const query = { if_seq_no: _seq_no, if_primary_term: _primary_term };
  const deleted = await ask(server, { method: 'DELETE', path, query, expected: [404, 409], signal });
  return deleted.status === 200 && (_source.untilMs ?? 0) > nowMs();
}

function pathOf({ index, resource = CARE }: LeaseOptions): string {
  return `/${encodeURIComponent(index)}/_doc/${encodeURIComponent(resource)}`;
}
