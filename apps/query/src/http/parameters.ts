import type { SpanKind } from '@spoor/model';
import { SPAN_KINDS, SpoorError } from '@spoor/model';
import { parseGoDuration } from '../text/go-duration.ts';
import { parseRfc3339 } from '../text/rfc3339.ts';

/** The longest value of one parameter, in characters. */
const MAX_VALUE_LENGTH = 8_192;

/** Conditions on attributes that one search may have. */
const MAX_CONDITIONS = 100;

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Names under which a parameter goes, the first of which errors name. */
export type ParameterName = string | readonly [string, ...string[]];

/** The query of a URL, read parameter by parameter. An empty value counts as absent. Everything throws `SPOOR_INVALID_REQUEST`. */
export class Parameters {
  private readonly values: Readonly<Record<string, unknown>>;

  /** As fastify parses a query: text, or an array of text where a name occurs several times. */
  constructor(query: unknown) {
    this.values = (query ?? {}) as Readonly<Record<string, unknown>>;
  }

  /** The first value, as the peer takes it. */
  text(name: ParameterName): string | undefined {
    return this.texts(name)[0];
  }

  texts(name: ParameterName): readonly string[] {
    for (const alias of typeof name === 'string' ? [name] : name) {
      const value = Object.hasOwn(this.values, alias) ? this.values[alias] : undefined;
      const texts = (Array.isArray(value) ? value : [value]).filter((text) => typeof text === 'string' && text !== '');
      for (const text of texts)
        if (text.length > MAX_VALUE_LENGTH)
          throw new SpoorError(
            'SPOOR_INVALID_REQUEST',
            `parameter '${alias}' has ${text.length} characters; it may have ${MAX_VALUE_LENGTH}`,
          );
      if (texts.length > 0) return texts;
    }
    return [];
  }

  /** A whole number of at least 0. */
  wholeNumber(name: ParameterName): number | undefined {
    return this.read(name, (text) => {
      const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
      if (!Number.isSafeInteger(value)) throw invalid(`expected a whole number of at least 0, got ${quoted(text)}`);
      return value;
    });
  }

  /** How many traces to answer with: `fallback` when absent or 0, and at most `max`. */
  limit(name: ParameterName, fallback: number, max: number): number {
    const value = this.wholeNumber(name) ?? 0;
    if (value > max) throw invalid(`parameter '${nameOf(name)}' is ${value}; the maximum is ${max}`);
    return value === 0 ? Math.min(fallback, max) : value;
  }

  boolean(name: ParameterName): boolean {
    const value = this.read(name, (text) => {
      if (/^(1|t|true)$/i.test(text)) return true;
      if (/^(0|f|false)$/i.test(text)) return false;
      throw invalid(`expected true or false, got ${quoted(text)}`);
    });
    return value ?? false;
  }

  /** Nanoseconds, at least 0. */
  duration(name: ParameterName): bigint | undefined {
    return this.read(name, (text) => {
      const nanos = parseGoDuration(text);
      if (nanos < 0n) throw invalid(`a duration may not be negative, got ${quoted(text)}`);
      return nanos;
    });
  }

  /** Nanoseconds since the Unix epoch. */
  rfc3339(name: ParameterName): bigint | undefined {
    return this.read(name, parseRfc3339);
  }

  decimal(name: ParameterName): number | undefined {
    return this.read(name, (text) => {
      if (!DECIMAL.test(text)) throw invalid(`expected a number, got ${quoted(text)}`);
      return Number(text);
    });
  }

  spanKind(name: ParameterName): SpanKind | undefined {
    return this.read(name, parseSpanKind);
  }

  /** Each once, in their order; none when absent. */
  spanKinds(name: ParameterName): readonly SpanKind[] {
    return [...new Set(this.texts(name).map((text) => this.parsed(name, text, parseSpanKind)))];
  }

  /** What the text is as JSON. */
  json(name: ParameterName, text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new SpoorError(
        'SPOOR_INVALID_REQUEST',
        `malformed '${nameOf(name)}' parameter, cannot unmarshal JSON: ${quoted(text)} is not JSON`,
        { cause },
      );
    }
  }

  /** A JSON object of text to text. */
  textMap(name: ParameterName, text: string): ReadonlyMap<string, string> {
    const parsed = this.json(name, text);
    const entries =
      typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? Object.entries(parsed) : [];
    const isTextMap = entries.every(([, value]) => typeof value === 'string');
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed) || !isTextMap)
      throw invalid(
        `malformed '${nameOf(name)}' parameter, cannot unmarshal JSON: ${quoted(text)} is not an object of text to text`,
      );
    return new Map(entries as [string, string][]);
  }

  private read<T>(name: ParameterName, parse: (text: string) => T): T | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : this.parsed(name, text, parse);
  }

  private parsed<T>(name: ParameterName, text: string, parse: (text: string) => T): T {
    try {
      return parse(text);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SpoorError('SPOOR_INVALID_REQUEST', `unable to parse param '${nameOf(name)}': ${reason}`, { cause });
    }
  }
}

/** Bounds the work of one search. */
export function checkConditionCount(count: number): void {
  if (count > MAX_CONDITIONS)
    throw invalid(`the search has ${count} conditions on attributes; it may have ${MAX_CONDITIONS}`);
}

/** Throws `SPOOR_INVALID_REQUEST` for what is not a span kind. */
export function parseSpanKind(text: string): SpanKind {
  const kind = SPAN_KINDS.find((known) => known === text.toLowerCase());
  if (kind === undefined) throw invalid(`expected one of ${SPAN_KINDS.join(', ')}, got ${quoted(text)}`);
  return kind;
}

export function invalid(message: string): SpoorError {
  return new SpoorError('SPOOR_INVALID_REQUEST', message);
}

/** For messages: at most 200 characters of what came in. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}

function nameOf(name: ParameterName): string {
  return typeof name === 'string' ? name : name[0];
}
