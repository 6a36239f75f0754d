/** A tag to search for. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** What was wrong, and where in the text, so that a field can show it. */
export interface LogfmtProblem {
  readonly message: string;
  /** Index of the character at which reading stopped. */
  readonly at: number;
}

export type LogfmtResult = { readonly tags: readonly Tag[] } | { readonly problem: LogfmtProblem };

/** One `key=value` of the text with its place; the value's end is the text's end when a quote is not closed. */
export interface LogfmtToken {
  readonly key: string;
  readonly value: string;
  readonly hasEquals: boolean;
  readonly start: number;
  readonly end: number;
  readonly isClosed: boolean;
}

/** Cuts the text into tokens and never fails: what completion works on while somebody types. */
export function tokenise(text: string): LogfmtToken[] {
  const tokens: LogfmtToken[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) {
      at += 1;
      continue;
    }
    const start = at;
    const key = readPart(text, at, '=');
    at = key.end;
    let value: Part = { text: '', end: at, isClosed: true };
    const hasEquals = text[at] === '=';
    if (hasEquals) {
      value = readPart(text, at + 1, '');
      at = value.end;
    }
    tokens.push({
      key: key.text,
      value: value.text,
      hasEquals,
      start,
      end: at,
      isClosed: key.isClosed && value.isClosed,
    });
    // A closed quote glued to more text: the rest is a token of its own, which `parseLogfmt` refuses.
    if (at === start) at += 1;
  }
  return tokens;
}

interface Part {
  readonly text: string;
  readonly end: number;
  readonly isClosed: boolean;
}

/** Reads a quoted or bare word from `start`; a bare one ends at white space or at one of `stops`. */
function readPart(text: string, start: number, stops: string): Part {
  if (text[start] !== '"') {
    let end = start;
    while (end < text.length && !/\s/.test(text[end] ?? '') && !stops.includes(text[end] ?? ' ')) end += 1;
    return { text: text.slice(start, end), end, isClosed: true };
  }
  let content = '';
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '"') return { text: content, end: at + 1, isClosed: true };
    if (character === '\\' && at + 1 < text.length) {
      at += 1;
      const escaped = text[at] ?? '';
      content += escaped === 'n' ? '\n' : escaped === 't' ? '\t' : escaped;
    } else {
      content += character;
    }
  }
  return { text: content, end: text.length, isClosed: false };
}

/** Reads `http.status_code=500 error=true db.statement="select 1"`. Every tag needs a value, and a key may come once. */
export function parseLogfmt(text: string): LogfmtResult {
  const tags: Tag[] = [];
  const seen = new Set<string>();
  let previousEnd = -1;
  for (const token of tokenise(text)) {
    const fail = (message: string, at = token.start) => ({ problem: { message, at } });
    if (token.start === previousEnd)
      return fail(`A space is missing before “${text.slice(token.start, token.start + 12)}”.`);
    previousEnd = token.end;
    if (!token.isClosed) return fail('A quote is opened and never closed.', text.indexOf('"', token.start));
    if (token.key === '') return fail('A value stands without its key: write key=value.');
    if (!token.hasEquals) {
      return fail(
        `“${token.key}” has no value: write ${token.key}=value. Values with spaces go in quotes: key="two words".`,
      );
    }
    if (token.value === '') return fail(`“${token.key}” has an empty value: write ${token.key}=value.`, token.end);
    if (seen.has(token.key))
      return fail(`“${token.key}” comes twice; all conditions hold on the same span, so one can never be met.`);
    seen.add(token.key);
    tags.push({ key: token.key, value: token.value });
  }
  return { tags };
}

function quoted(word: string): string {
  if (word !== '' && !/[\s"=\\]/.test(word)) return word;
  const escaped = word
    .replaceAll(/["\\]/g, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\t', String.raw`\t`);
  return `"${escaped}"`;
}

/** The text that `parseLogfmt` reads back as these tags. */
export function formatLogfmt(tags: readonly Tag[]): string {
  return tags.map(({ key, value }) => `${quoted(key)}=${quoted(value)}`).join(' ');
}
