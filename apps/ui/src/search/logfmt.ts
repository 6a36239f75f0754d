export const comparisons = ['!=', '>', '>=', '<', '<='] as const;
export type Comparison = (typeof comparisons)[number];

/** A tag to search for. */
export interface Tag {
  readonly key: string;
  readonly value: string;
  /** How the value compares; absent, it is equal. */
  readonly comparison?: Comparison;
}

/** What was wrong, and where in the text, so that a field can show it. */
export interface LogfmtProblem {
  readonly message: string;
  /** Index of the character at which reading stopped. */
  readonly at: number;
}

export type LogfmtResult = { readonly tags: readonly Tag[] } | { readonly problem: LogfmtProblem };

/** One `key=value` or `key>=value` of the text with its place; the value's end is the text's end when a quote is not closed. */
export interface LogfmtToken {
  readonly key: string;
  readonly value: string;
  /** Empty where the key stands alone. */
  readonly operator: '' | '=' | Comparison;
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
    const key = readPart(text, at, endOfKey);
    at = key.end;
    let value: Part = { text: '', end: at, isClosed: true };
    const operator = operatorAt(text, at);
    if (operator !== '') {
      value = readPart(text, at + operator.length, () => false);
      at = value.end;
    }
    tokens.push({
      key: key.text,
      value: value.text,
      operator,
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

function endOfKey(text: string, at: number): boolean {
  return operatorAt(text, at) !== '';
}

function operatorAt(text: string, at: number): LogfmtToken['operator'] {
  const two = comparisons.find((comparison) => comparison.length === 2 && text.startsWith(comparison, at));
  return two ?? (['=', '>', '<'] as const).find((one) => text[at] === one) ?? '';
}

/** Reads a quoted or bare word from `start`; a bare one ends at white space or where `stops` says so. */
function readPart(text: string, start: number, stops: (text: string, at: number) => boolean): Part {
  if (text[start] !== '"') {
    let end = start;
    while (end < text.length && !/\s/.test(text[end] ?? '') && !stops(text, end)) end += 1;
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

/** Reads `error=true http.status_code>=500 db.statement="select 1"`. Every tag needs a value, and may equal only one. */
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
    if (token.operator === '') {
      return fail(
        `“${token.key}” has no value: write ${token.key}=value. Values with spaces go in quotes: key="two words".`,
      );
    }
    const { key, value, operator } = token;
    if (value === '') return fail(`“${key}” has an empty value: write ${key}${operator}value.`, token.end);
    if (operator !== '=') {
      if (operator !== '!=' && !decimal.test(value))
        return fail(`“${value}” is no number: only numbers compare with ${operator}.`);
      tags.push({ key, value, comparison: operator });
      continue;
    }
    if (seen.has(key))
      return fail(`“${key}” comes twice; all conditions hold on the same span, so one can never be met.`);
    seen.add(key);
    tags.push({ key, value });
  }
  return { tags };
}

/** What the server takes for a number. */
const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?$/;

function quoted(word: string): string {
  if (word !== '' && !/[\s"=<>!\\]/.test(word)) return word;
  const escaped = word
    .replaceAll(/["\\]/g, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\t', String.raw`\t`);
  return `"${escaped}"`;
}

/** The text that `parseLogfmt` reads back as these tags. */
export function formatLogfmt(tags: readonly Tag[]): string {
  return tags.map(({ key, value, comparison = '=' }) => `${quoted(key)}${comparison}${quoted(value)}`).join(' ');
}
