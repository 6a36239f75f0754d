import { SpoorError } from '@spoor/model';
import { firstNonUtf8 } from './utf8.ts';

/** Objects and arrays inside one another in an OTLP JSON request, unless configured otherwise. */
export const DEFAULT_MAX_JSON_DEPTH = 128;

/**
 * A request may have one object or array for so many bytes. Dense real ones have one for 18; objects cost the parser twenty
 * times what `{},` takes on the wire.
 */
const MIN_BYTES_PER_CONTAINER = 8;
const ALWAYS_ALLOWED_CONTAINERS = 1000;

/**
 * A number of more digits may not survive as a double, nor one of so many that begins with a nine: 2^53 is 9,007,199,254,740,992.
 * Times in microseconds have as many digits, and survive.
 */
const MAX_EXACT_DIGITS = 16;
const NINE = 0x39;
/** The longest integer of 64 bits, with its sign. */
const MAX_INTEGER_LENGTH = 20;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses JSON from outside. Depth and number of objects are bounded before the parser allocates for them. Integers that a
 * double cannot hold come as bigint. Throws `SPOOR_MALFORMED_SPANS`, which says that it is not `format`.
 */
export function parseBoundedJson(bytes: Uint8Array, maxDepth: number, format?: string): unknown {
  const { hasLongNumbers } = measure(bytes, maxDepth, format);
  const nonUtf8At = firstNonUtf8(bytes, 0, bytes.length);
  if (nonUtf8At >= 0) throw notJson(`byte ${nonUtf8At} is not UTF-8`, format);
  const text = utf8.decode(bytes);
  try {
    return hasLongNumbers ? JSON.parse(text, exactInteger) : JSON.parse(text);
  } catch (error) {
    throw notJson(error instanceof Error ? error.message.slice(0, 200) : 'it cannot be parsed', format);
  }
}

export function notJson(what: string, format = 'OTLP JSON'): SpoorError {
  return new SpoorError('SPOOR_MALFORMED_SPANS', `not ${format}: ${what}`);
}

/** A reviver; engines pass the number as it was written. */
function exactInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined || Number.isSafeInteger(value)) return value;
  return source.length <= MAX_INTEGER_LENGTH && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Walks over the text, knowing strings and nothing else. */
function measure(bytes: Uint8Array, maxDepth: number, format?: string): { readonly hasLongNumbers: boolean } {
  const maxContainers = ALWAYS_ALLOWED_CONTAINERS + Math.floor(bytes.length / MIN_BYTES_PER_CONTAINER);
  let depth = 0;
  let containers = 0;
  let digits = 0;
  let firstDigit = 0;
  let hasLongNumbers = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte >= 0x30 && byte <= 0x39) {
      if (digits === 0) firstDigit = byte;
      digits += 1;
      if (digits > MAX_EXACT_DIGITS || (digits === MAX_EXACT_DIGITS && firstDigit === NINE)) hasLongNumbers = true;
      continue;
    }
    digits = 0;
    switch (byte) {
      case QUOTE:
        at = endOfString(bytes, at);
        break;
      case 0x7b:
      case 0x5b:
        depth += 1;
        containers += 1;
        if (depth > maxDepth)
          throw notJson(`at byte ${at}, objects and arrays are nested more than ${maxDepth} deep`, format);
        if (containers > maxContainers)
          throw notJson(`more than ${maxContainers} objects and arrays in ${bytes.length} bytes`, format);
        break;
      case 0x7d:
      case 0x5d:
        depth -= 1;
        break;
    }
  }
  return { hasLongNumbers };
}

/** Where the string that begins at `start` has its closing quote, or the end of the text. */
function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
