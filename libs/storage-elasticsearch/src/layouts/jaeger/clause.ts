import type { RequestJson, RequestObject } from '../layout.ts';

/** A query, and whether it matches exactly the documents that are meant; else it matches those and maybe others. */
export interface Clause {
  readonly query: RequestObject;
  readonly isExact: boolean;
}

/** Longer values are in `_source` only: the mapping of the peer has `ignore_above` (CONTRACT §5.2). */
const MAX_INDEXED = 256;

export const EVERYTHING: Clause = { query: { match_all: {} }, isExact: false };

export function exactly(query: RequestObject): Clause {
  return { query, isExact: true };
}

/** The same documents, of which some may be wrong. */
export function loosely(clause: Clause): Clause {
  return { query: clause.query, isExact: false };
}

export function all(...clauses: readonly Clause[]): Clause {
  return {
    query: { bool: { filter: clauses.map(({ query }) => query) } },
    isExact: clauses.every(({ isExact }) => isExact),
  };
}

export function any(...clauses: readonly Clause[]): Clause {
  const [only] = clauses;
  if (only !== undefined && clauses.length === 1) return only;
  return {
    query: { bool: { should: clauses.map(({ query }) => query), minimum_should_match: 1 } },
    isExact: clauses.every(({ isExact }) => isExact),
  };
}

/** What a loose clause matches may be right all the same, so its opposite can only be everything. */
export function not(clause: Clause): Clause {
  return clause.isExact ? exactly({ bool: { must_not: [clause.query] } }) : EVERYTHING;
}

export function term(field: string, value: RequestJson): Clause {
  return exactly({ term: { [field]: value } });
}

export function terms(field: string, values: readonly string[]): Clause {
  return values.length === 1 ? term(field, values[0]!) : exactly({ terms: { [field]: [...values] } });
}

export function exists(field: string): Clause {
  return exactly({ exists: { field } });
}

/** A condition on one and the same entry of a list of objects. Old indices may not have the list. */
export function nested(path: string, clause: Clause): Clause {
  return { query: { nested: { path, query: clause.query, ignore_unmapped: true } }, isExact: clause.isExact };
}

/** A keyword equals the text. Too long a text is not indexed: then it is any document whose value was left out. */
export function keywordIs(field: string, value: string): Clause {
  if (isIndexed(value)) return term(field, value);
  const left = loosely(not(exists(field)));
  // Versions of the servers count the characters beyond U+FFFF once or twice.
  return [...value].length > MAX_INDEXED ? left : any(left, term(field, value));
}

export function isIndexed(value: string): boolean {
  return value.length <= MAX_INDEXED;
}
