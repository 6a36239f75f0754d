import type { Resource, Scope, Span } from '@spoor/model';
import { decodeResource, decodeScope, decodeSpan, type SpanCursor } from '@spoor/otlp';

/** A `Resource` or `InstrumentationScope` message as offsets into the bytes it came in. */
interface EncodedOrigin {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly schemaUrl: string;
}

interface EncodedScope extends EncodedOrigin {
  readonly resource: EncodedOrigin;
}

/** The spans of a trace as they came, each decoded only when it is asked for. */
export class EncodedSpans {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #scopes: EncodedScope[] = [];
  #resource: EncodedOrigin | undefined;
  #scope: EncodedScope | undefined;
  #resourceNumber = 0;
  #scopeNumber = 0;

  readonly #decodedResources = new Map<EncodedOrigin, Resource>();
  readonly #decodedScopes = new Map<EncodedOrigin, Scope>();

  get count(): number {
    return this.#starts.length;
  }

  /** Adds the span that the cursor stands at. The cursor's bytes must stay as they are. */
  add(cursor: SpanCursor): void {
    const { bytes } = cursor;
    if (this.#resource?.bytes !== bytes || this.#resourceNumber !== cursor.resourceNumber) {
      this.#resourceNumber = cursor.resourceNumber;
      this.#scopeNumber = 0;
      const schemaUrl = cursor.text(cursor.resourceSchemaUrlStart, cursor.resourceSchemaUrlEnd);
      this.#resource = { bytes, start: cursor.resourceStart, end: cursor.resourceEnd, schemaUrl };
    }
    if (this.#scope === undefined || this.#scopeNumber !== cursor.scopeNumber) {
      this.#scopeNumber = cursor.scopeNumber;
      const schemaUrl = cursor.text(cursor.scopeSchemaUrlStart, cursor.scopeSchemaUrlEnd);
      this.#scope = { bytes, start: cursor.scopeStart, end: cursor.scopeEnd, schemaUrl, resource: this.#resource };
    }
    this.#starts.push(cursor.spanStart);
    this.#ends.push(cursor.spanEnd);
    this.#scopes.push(this.#scope);
  }

  /** The span that was added as number `index`. Spans of one resource or scope share its object. */
  decode(index: number): Span {
    const scope = this.#scopes[index];
    if (scope === undefined) throw new RangeError(`the trace has no span ${index}`);
    return decodeSpan(
      scope.bytes,
      this.#starts[index] ?? 0,
      this.#ends[index] ?? 0,
      decodedOnce(this.#decodedResources, scope.resource, decodeResource),
      decodedOnce(this.#decodedScopes, scope, decodeScope),
    );
  }
}

function decodedOnce<T>(
  known: Map<EncodedOrigin, T>,
  origin: EncodedOrigin,
  decode: (bytes: Uint8Array, start: number, end: number, schemaUrl: string) => T,
): T {
  let decoded = known.get(origin);
  if (decoded === undefined) {
    decoded = decode(origin.bytes, origin.start, origin.end, origin.schemaUrl);
    known.set(origin, decoded);
  }
  return decoded;
}
