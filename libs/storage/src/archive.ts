import type { SpanReader } from './reader.ts';
import type { SpanWriter } from './writer.ts';

/** Spans that people chose to keep: retention never takes them. A store of its own beside that of all spans. */
export interface ArchiveStore {
  readonly writer: SpanWriter;
  /** Traces by their ids; nothing is searched here. */
  readonly reader: Pick<SpanReader, 'getTrace'>;
}
