import type { Clock } from '@spoor/model';
import type { DependencyReader, SpanReader } from '@spoor/storage';
import { createDependencyDocuments, dependencyNames } from '../dependencies/dependency-documents.ts';
import { readDependencyDocuments } from '../dependencies/job-documents.ts';
import { type DependencySources, readDependencies } from '../dependencies/read.ts';
import { type ReadSource, readSettings } from '../layouts/layouts.ts';
import type { ElasticsearchConfig } from '../settings.ts';
import type { SearchServer } from '../transport/search-server.ts';
import { findTraces } from './find-traces.ts';
import { findOperations, findServices } from './names.ts';
import type { ReadContext, ReadLayout } from './read-context.ts';
import { summarise } from './summaries.ts';
import { readSpans } from './trace-spans.ts';

export interface ReadSide {
  readonly reader: SpanReader;
  readonly dependencies: DependencyReader;
  /** What days are counted from and stored in. */
  readonly counted: DependencySources;
}

/** Reads all of the layouts as one store. The layout that tells more of a span comes first. */
export function createReader(
  config: ElasticsearchConfig,
  sources: readonly ReadSource[],
  { server, clock }: { readonly server: SearchServer; readonly clock: Clock },
): ReadSide {
  const ordered = sources.toSorted((a, b) => Number(b.layout.hasContentIds) - Number(a.layout.hasContentIds));
  const reading: ReadContext = {
    server,
    layouts: ordered.map((source) => readLayout(source, config, clock)),
    pageKeepAlive: `${config.pageKeepAlive}ms`,
  };
  const layouts = ordered.map(({ layout }) => layout.name);
  const counted: DependencySources = {
    reading,
    documents: createDependencyDocuments(config, layouts, { server, clock }),
    coverage: { layouts, remoteClusters: config.remoteClusters },
    clock,
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
        config.dependencies.source === 'documents'
          ? readDependencyDocuments(reading, time, context)
          : readDependencies(counted, time, context),
    },
    counted,
  };
}

function readLayout(source: ReadSource, config: ElasticsearchConfig, clock: Clock): ReadLayout {
  const { layout, spanNames, serviceNames } = source;
  // A Jaeger's installation may hold years of them; what it asks is no older either (CONTRACT §5.5).
  const recent = () =>
    layout.name === 'jaeger'
      ? { startMs: clock.nowMs() - config.maxSpanAge, endMs: clock.nowMs() + config.maxFuture }
      : undefined;
  return {
    layout,
    names: {
      span: spanNames,
      service: serviceNames,
      dependencies: dependencyNames(layout.stems.dependencies, readSettings(layout.name, config), clock),
    },
    indices: { span: () => spanNames.forReading(recent()), service: () => serviceNames.forReading(recent()) },
  };
}
