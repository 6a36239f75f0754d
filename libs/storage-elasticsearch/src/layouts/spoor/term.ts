import { createHash } from 'node:crypto';
import type { SpanCursor } from '@spoor/otlp';

/** Lucene takes no longer term, in bytes of UTF-8. */
export const MAX_TERM_BYTES = 32_766;
/** Longer keys, escaped, are hashed, so that every term has room for its key. */
export const MAX_KEY_BYTES = 1_000;
/** Begins what is hashed. No other term has it: in an escaped key a backslash stands only before `=` and a backslash. */
const HASH_MARK = '\\#';
/** Begins the names that are hashed; a name that begins so itself is hashed, too. */
export const HASHED_NAME_PREFIX = '\u0000#';

/**
 * The term of an attribute is `key=text`. `=` and backslashes in the key are escaped, long keys and texts hashed, so that no
 * two different attributes share a term.
 */
export function attributeTerm(key: string, text: string): string {
  const begin = keyPart(key);
  return Buffer.byteLength(begin) + 1 + Buffer.byteLength(text) <= MAX_TERM_BYTES
    ? `${begin}=${text}`
    : `${begin}${HASH_MARK}${sha256(text)}`;
}

/** What all terms of a key begin with: one of these. */
export function prefixesOfKey(key: string): readonly string[] {
  const begin = keyPart(key);
  return [`${begin}=`, `${begin}${HASH_MARK}`];
}

/** The key as its terms begin, without what follows. */
export function keyPart(key: string): string {
  const escaped = key.replace(/[\\=]/g, '\\$&');
  return Buffer.byteLength(escaped) <= MAX_KEY_BYTES ? escaped : `${HASH_MARK}${sha256(key)}`;
}

/** The key of a term that is not hashed, and the text behind it. */
export function splitTerm(term: string): { readonly key: string; readonly text: string } {
  let key = '';
  let from = 0;
  for (let at = 0; at < term.length; at += 1) {
    const character = term[at];
    if (character === '=') return { key: key + term.slice(from, at), text: term.slice(at + 1) };
    if (character !== '\\') continue;
    key += term.slice(from, at) + term[at + 1];
    at += 1;
    from = at + 1;
  }
  return { key: key + term.slice(from), text: '' };
}

/** A tenant's, service's or operation's name as it is indexed: itself, unless it is longer than a term may be. */
export function indexedName(name: string): string {
  const isShort = name.length * 3 <= MAX_TERM_BYTES || Buffer.byteLength(name) <= MAX_TERM_BYTES;
  return isShort && !name.startsWith(HASHED_NAME_PREFIX) ? name : `${HASHED_NAME_PREFIX}${sha256(name)}`;
}

/** Whether an indexed name is a hash: then the name itself stands in the document only. */
export function isHashedName(indexed: string): boolean {
  return indexed.startsWith(HASHED_NAME_PREFIX);
}

/** As `indexedName`, of the operation that the cursor stands at: whether it is the bytes of the name as they are. */
export function isPlainName({ bytes, nameStart, nameEnd }: SpanCursor): boolean {
  return nameEnd - nameStart <= MAX_TERM_BYTES && bytes[nameStart] !== 0;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
