import type { RequestObject } from '../layouts/layout.ts';
import type { SearchServer } from '../transport/search-server.ts';
import type { Hit } from './ask-search.ts';
import { askSearch } from './ask-search.ts';

/** What an answer should not much exceed: documents may be of any size. */
const WANTED_CHARACTERS = 8 * 2 ** 20;
const FIRST_SIZE = 1_000;
const MIN_SIZE = 10;
const MAX_SIZE = 5_000;
/** The servers' own bound of an answer (`index.max_result_window`). */
const MAX_TIES = 10_000;

export interface Scan {
  readonly server: SearchServer;
  readonly indices: readonly string[];
  readonly query: RequestObject;
  /** `undefined`: documents have no time. */
  readonly startField?: string;
  /** Parts of the documents; `undefined`: all. */
  readonly fields?: readonly string[] | undefined;
  readonly signal: AbortSignal;
  /** What to do about an answer that may lack documents. */
  readonly onIncomplete: (reason: string) => void;
}

/**
 * All documents of a query, however many, each once. In order of their starts, and of their arrival in a shard where those are
 * the same. Two shards may have the same of both: pages begin again where that could have cut.
 */
export async function* scanDocuments(scan: Scan): AsyncGenerator<readonly Hit[]> {
  const { server, indices, query, startField, fields, signal, onIncomplete } = scan;
  const byStart = startField === undefined ? [] : [{ [startField]: { order: 'asc', unmapped_type: 'long' } }];
  let size = FIRST_SIZE;
  let after: Hit['sort'] | undefined;
  /** Of the documents behind `after` that were given already. */
  let given = new Set<string>();
  for (;;) {
    const body: RequestObject = {
      query,
      sort: [...byStart, { _seq_no: 'asc' }],
      size,
      _source: fields === undefined ? true : [...fields],
      ...(after === undefined ? {} : { search_after: after.map(String) }),
    };
    const found = await askSearch(server, { indices }, body, signal);
    if (found.incomplete !== undefined) onIncomplete(found.incomplete);
    const fresh = found.hits.filter((hit) => !given.has(placeOf(hit)));
    if (fresh.length > 0) yield fresh;
    if (found.hits.length < size) return;
    const lastSort = found.hits.at(-1)!.sort;
    const behind = found.hits.findLastIndex((hit) => !isSame(hit.sort, lastSort));
    if (behind >= 0) {
      after = found.hits[behind]!.sort;
      given = new Set(found.hits.slice(behind + 1).map(placeOf));
      size = nextSize(found.size / found.hits.length);
    } else {
      // Nothing but ties: only a larger page gets beyond them.
      if (size === MAX_TIES) onIncomplete(`more than ${MAX_TIES} shards have documents of the same order`);
      if (size === MAX_TIES) return;
      for (const hit of fresh) given.add(placeOf(hit));
      size = Math.min(size * 4, MAX_TIES);
    }
  }
}

/** Indices may have documents of the same id. */
function placeOf({ index, id }: Hit): string {
  return `${index} ${id}`;
}

function nextSize(charactersPerHit: number): number {
  return Math.max(MIN_SIZE, Math.min(MAX_SIZE, Math.floor(WANTED_CHARACTERS / Math.max(1, charactersPerHit))));
}

function isSame(a: Hit['sort'], b: Hit['sort']): boolean {
  return a[0] === b[0] && a[1] === b[1];
}
