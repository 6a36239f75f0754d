import type { RequestContext } from '@spoor/model';
import type { DependencyLink, TimeRange } from '@spoor/storage';
import { isOfTenant } from '../layouts/jaeger/query.ts';
import { listOf, objectOf, textOf } from './ask-search.ts';
import { DependencyCounts } from './dependency-counts.ts';
import { millisOf } from './millis.ts';
import type { ReadContext } from './read-context.ts';
import { scanDocuments } from './span-scan.ts';
import { refuse } from './trace-spans.ts';

/**
 * The links that a job of the peer's stored (CONTRACT §5.1, §8.2), of all documents whose time lies within. A job that ran
 * twice for a day left two documents, whose calls add up, as the peer has it.
 */
export async function readDependencyDocuments(
  reading: ReadContext,
  time: TimeRange,
  context: RequestContext,
): Promise<DependencyLink[]> {
  const counts = new DependencyCounts();
  const { startMs, endMs } = millisOf(time);
  const isWithin = { range: { timestamp: { gte: startMs, lte: endMs, format: 'epoch_millis' } } };
  for (const { names, layout } of reading.layouts) {
    if (layout.name !== 'jaeger') continue;
    const scan = scanDocuments({
      server: reading.server,
      indices: names.dependencies.forReading({ startMs, endMs }),
      query: { bool: { filter: [isWithin, isOfTenant(context.tenant).query] } },
      signal: context.signal,
      onIncomplete: refuse,
    });
    for await (const hits of scan) {
      for (const link of hits.flatMap(({ source }) => listOf(source['dependencies'])).map(objectOf))
        counts.add(textOf(link['parent']), textOf(link['child']), Number(link['callCount'] ?? 0));
    }
  }
  return counts.links();
}
