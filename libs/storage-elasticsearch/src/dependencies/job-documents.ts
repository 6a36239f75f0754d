import type { RequestContext } from '@spoor/model';
import { DependencyCounts, type DependencyLink, dayOf, type TimeRange } from '@spoor/storage';
import { millisOf } from '../reader/millis.ts';
import type { ReadContext } from '../reader/read-context.ts';
import { scanDocuments } from '../reader/span-scan.ts';
import { refuse } from '../reader/trace-spans.ts';
import { type CountedDay, countedDayOf, linksOf, tenantOf } from './counted-day.ts';

/**
 * The links of all documents whose time lies within (CONTRACT §5.1, §8.2), whoever stored them. A job of the peer's that ran twice
 * for a day left two documents, whose calls add up, as the peer has it; a day that Spoor counted is what Spoor counted last.
 */
export async function readDependencyDocuments(
  reading: ReadContext,
  time: TimeRange,
  context: RequestContext,
): Promise<DependencyLink[]> {
  const { startMs, endMs } = millisOf(time);
  const query = { range: { timestamp: { gte: startMs, lte: endMs, format: 'epoch_millis' } } };
  const ofJobs: { readonly day: string; readonly links: readonly DependencyLink[] }[] = [];
  const counted = new Map<string, CountedDay>();
  for (const { names } of reading.layouts) {
    const scan = scanDocuments({
      server: reading.server,
      indices: names.dependencies.forReading({ startMs, endMs }),
      query,
      signal: context.signal,
      onIncomplete: refuse,
    });
    for await (const hits of scan) {
      for (const { source } of hits) {
        // By the document: the mapping may be a Jaeger's, in which the name of a tenant is a text.
        if (tenantOf(source) !== context.tenant) continue;
        const own = countedDayOf(source);
        if (own === undefined) ofJobs.push({ day: dayOf(timestampOf(source['timestamp'])), links: linksOf(source) });
        else if (own.countedMs > (counted.get(own.day)?.countedMs ?? 0)) counted.set(own.day, own);
      }
    }
  }
  const counts = new DependencyCounts();
  for (const { links } of [...counted.values(), ...ofJobs.filter(({ day }) => !counted.has(day))])
    for (const { parent, child, callCount } of links) counts.add(parent, child, callCount);
  return counts.links();
}

/** A number of milliseconds, or a text. */
function timestampOf(value: unknown): number {
  return typeof value === 'number' ? value : Date.parse(String(value));
}
