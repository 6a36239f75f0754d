import type { Clock } from '@spoor/model';
import type { DependencyReader, SpanReader } from '@spoor/storage';
import { createIndexNames } from '../index-names.ts';
import type { ReadSource } from '../layouts/layouts.ts';
import type { ElasticsearchConfig } from '../settings.ts';
import type { SearchServer } from '../transport/search-server.ts';
import { countDependencies } from './dependencies.ts';
import { readDependencyDocuments } from './dependency-documents.ts';
import { findTraces } from './find-traces.ts';
import { findOperations, findServices } from './names.ts';
import type { ReadContext, ReadLayout } from './read-context.ts';
import { summarise } from './summaries.ts';
import { readSpans } from './trace-spans.ts';

export type ReaderSettings = Pick<
  ElasticsearchConfig,
  | 'indexPrefix'
  | 'oldestSpanAge'
  | 'remoteClusters'
  | 'rotation'
  | 'maxSpanAge'
  | 'maxFuture'
  | 'pageKeepAlive'
  | 'dependencies'
>;

export interface ReadSide {
  readonly reader: SpanReader;
  readonly dependencies: DependencyReader;
}

/** Reads all of the layouts as one store. The layout that tells more of a span comes first. */
export function createReader(
  settings: ReaderSettings,
  sources: readonly ReadSource[],
  { server, clock }: { readonly server: SearchServer; readonly clock: Clock },
): ReadSide {
  const ordered = sources.toSorted((a, b) => Number(b.layout.hasContentIds) - Number(a.layout.hasContentIds));
  const reading: ReadContext = {
    server,
    layouts: ordered.map((source) => readLayout(source, settings, clock)),
    pageKeepAlive: `${settings.pageKeepAlive}ms`,
  };
  return {
    reader: {
      getTrace: (traceId, context) => readSpans(reading, { traceIds: [traceId], context }),
      findTraces: (query, context) => findTraces(reading, query, context),
      summariseTraces: (traceIds, context) => summarise(reading, traceIds, context),
      getServices: (context) => findServices(reading, context),
      getOperations: (serviceName, context, spanKind) => findOperations(reading, serviceName, context, spanKind),
    },
    dependencies: {
      getDependencies: (time, context) =>
        settings.dependencies === 'documents'
          ? readDependencyDocuments(reading, time, context)
          : countDependencies(reading, time, context),
    },
  };
}

function readLayout(source: ReadSource, settings: ReaderSettings, clock: Clock): ReadLayout {
  const { layout, spanNames, serviceNames } = source;
  // A Jaeger's installation may hold years of them; what it asks is no older either (CONTRACT §5.5).
  const recent = () =>
    layout.name === 'jaeger'
      ? { startMs: clock.nowMs() - settings.maxSpanAge, endMs: clock.nowMs() + settings.maxFuture }
      : undefined;
  return {
    layout,
    names: { span: spanNames, dependencies: createIndexNames(layout.stems.dependencies, settings, clock) },
    indices: { span: () => spanNames.forReading(recent()), service: () => serviceNames.forReading(recent()) },
  };
}
