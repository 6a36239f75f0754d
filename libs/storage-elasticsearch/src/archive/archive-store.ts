import type { Clock } from '@spoor/model';
import type { ArchiveStore } from '@spoor/storage';
import { readSources } from '../layouts/layouts.ts';
import { createReader } from '../reader/reader.ts';
import type { ElasticsearchConfig } from '../settings.ts';
import type { SearchServer } from '../transport/search-server.ts';
import { createArchiveNames } from './archive-names.ts';
import { createArchiveWriter } from './archive-writer.ts';

/** Archived spans in indices of their own, in the layout that is written; read in all layouts that are read. */
export function createArchiveStore(
  config: ElasticsearchConfig,
  { server, clock }: { readonly server: SearchServer; readonly clock: Clock },
): ArchiveStore {
  const sources = readSources(config, clock).map((source) => ({
    ...source,
    spanNames: createArchiveNames(config, source.layout.name),
  }));
  const { reader } = createReader(config, sources, { server, clock });
  return {
    writer: createArchiveWriter(config, createArchiveNames(config, config.layout), server),
    reader: { getTrace: (traceId, context, time) => reader.getTrace(traceId, context, time) },
  };
}
