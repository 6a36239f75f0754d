import { SpanCursor } from '@spoor/otlp';
import { EncodedSpans } from './encoded-spans.ts';
import { FieldSplitter } from './field-splitter.ts';
import { SpanFacts } from './span-facts.ts';

/** Reads a `TracesData` message while it comes in. Throws `SPOOR_MALFORMED_SPANS` for what is none. */
export class TraceReader {
  readonly facts: SpanFacts = new SpanFacts();
  readonly spans: EncodedSpans = new EncodedSpans();
  readonly #splitter = new FieldSplitter();

  /** Takes the next bytes, which are then no longer the caller's. */
  push(chunk: Uint8Array): void {
    for (const message of this.#splitter.push(chunk)) this.#read(message);
  }

  /** To be called once, when there are no more bytes. */
  end(): void {
    this.#read(this.#splitter.end());
  }

  #read(message: Uint8Array): void {
    const cursor = new SpanCursor(message);
    while (cursor.next()) {
      this.facts.add(cursor);
      this.spans.add(cursor);
    }
  }
}
