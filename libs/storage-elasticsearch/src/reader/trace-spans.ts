import type { RequestContext, Span, TraceId } from '@spoor/model';
import { SpoorError } from '@spoor/model';
import type { Hit } from './ask-search.ts';
import type { ReadContext, ReadLayout } from './read-context.ts';
import { scanDocuments } from './span-scan.ts';
import { keyOfStored, storedKey } from './stored-key.ts';

export interface SpansRequest {
  readonly traceIds: readonly TraceId[];
  readonly context: RequestContext;
}

/**
 * All spans of the traces, each once, from all indices and layouts: a document that stands in two indices, what a Jaeger wrote
 * twice, and what both layouts have. Throws `SPOOR_STORAGE_UNAVAILABLE` when a shard does not answer: a part of a trace would
 * look like all of it.
 */
export async function* readSpans(reading: ReadContext, { traceIds, context }: SpansRequest): AsyncGenerator<Span[]> {
  const unique = new UniqueSpans(reading.layouts);
  for (const one of reading.layouts) {
    const scan = scanDocuments({
      server: reading.server,
      indices: one.names.span.forReading(),
      query: one.layout.tracesQuery(traceIds, context.tenant),
      startField: one.layout.sort.start,
      signal: context.signal,
      onIncomplete: refuse,
    });
    for await (const hits of scan) {
      const spans = unique.of(hits, one);
      if (spans.length > 0) yield spans;
    }
  }
}

export function refuse(reason: string): never {
  throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', `only a part could be read: ${reason}`);
}

/** Knows which spans were there already. */
export class UniqueSpans {
  private readonly ids = new Set<string>();
  private readonly keys = new Set<string>();
  private readonly areSeveral: boolean;

  constructor(layouts: readonly ReadLayout[]) {
    this.areSeveral = layouts.length > 1;
  }

  /** The spans that were not there. Those of the layout that tells more MUST come first. */
  of(hits: readonly Hit[], { layout }: ReadLayout): Span[] {
    const spans: Span[] = [];
    for (const hit of hits) {
      if (layout.hasContentIds) {
        if (this.ids.has(hit.id)) continue;
        this.ids.add(hit.id);
      }
      const span = layout.decode(hit.source);
      if (!layout.hasContentIds || this.areSeveral) {
        const key = layout.hasContentIds ? storedKey(span) : keyOfStored(span);
        // Two spans of one layout may differ in what the other's schema cannot hold.
        if (this.keys.has(key) && !layout.hasContentIds) continue;
        this.keys.add(key);
      }
      spans.push(span);
    }
    return spans;
  }
}
