import type { ExactJson } from './layouts/layout.ts';

/** Of a private use area: no text that means anything begins with it. One that does is marked, too. */
const MARK = '\uE000';
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** No integer with fewer digits lies beyond 2^53. */
const DIGITS_OF_LARGE = 16;

/**
 * Parses JSON and keeps integers beyond 2^53 exact, as bigints: the servers give nanoseconds as numbers. Those are put into
 * quotes behind a mark first and taken out afterwards: a reviver would cost five times as much, and V8's is not always told the
 * source of a number. Throws `SyntaxError`.
 */
export function parseExactJson(text: string): ExactJson {
  const marked = markLargeIntegers(text);
  const parsed = JSON.parse(marked) as ExactJson;
  return marked === text ? parsed : unmarked(parsed);
}

function markLargeIntegers(text: string): string {
  let result = '';
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (beginsWithMark(text, at + 1)) {
        result += text.slice(copied, at + 1) + MARK;
        copied = at + 1;
      }
      at = end;
    } else if (isDigit(code)) {
      const start = text.charCodeAt(at - 1) === 0x2d ? at - 1 : at;
      const first = at;
      while (isDigit(text.charCodeAt(at))) at += 1;
      if (at - first < DIGITS_OF_LARGE) continue;
      if (isFraction(text.charCodeAt(at))) at = endOfNumber(text, at);
      // A digit of an exponent or a fraction is none of an integer.
      else if (!isFraction(text.charCodeAt(start - 1))) {
        result += `${text.slice(copied, start)}"${MARK}${text.slice(start, at)}"`;
        copied = at;
      }
    } else at += 1;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/** Behind the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let before = quote - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((quote - 1 - before) % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

function beginsWithMark(text: string, at: number): boolean {
  return (
    text[at] === MARK || (text.charCodeAt(at) === BACKSLASH && text.slice(at + 1, at + 6).toLowerCase() === 'ue000')
  );
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** `.`, `e`, `E` and `+`: what stands beside the digits of a number that is no integer. */
function isFraction(code: number): boolean {
  return code === 0x2e || code === 0x65 || code === 0x45 || code === 0x2b;
}

function endOfNumber(text: string, start: number): number {
  let at = start;
  while (isDigit(text.charCodeAt(at)) || isFraction(text.charCodeAt(at)) || text.charCodeAt(at) === 0x2d) at += 1;
  return at;
}

/** In place: nobody else has seen the objects. */
function unmarked(value: ExactJson): ExactJson {
  if (typeof value === 'string') return value.startsWith(MARK) ? meant(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (isArray(value)) {
    for (let i = 0; i < value.length; i += 1) {
      const entry = value[i]!;
      if (typeof entry === 'string' || typeof entry === 'object') value[i] = unmarked(entry);
    }
    return value;
  }
  const object = value as Record<string, ExactJson>;
  for (const key of Object.keys(object)) {
    const entry = unmarked(object[key]!);
    if (key.startsWith(MARK)) {
      delete object[key];
      object[key.slice(1)] = entry;
    } else object[key] = entry;
  }
  return object;
}

function isArray(value: ExactJson): value is ExactJson[] {
  return Array.isArray(value);
}

function meant(marked: string): ExactJson {
  const text = marked.slice(1);
  if (text.startsWith(MARK)) return text;
  const integer = BigInt(text);
  return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
}
