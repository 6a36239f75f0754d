import type { Clock } from '@spoor/model';
import { type Day, timeOf } from '@spoor/storage';
import { countDependencies } from './count.ts';
import type { CountedDay } from './counted-day.ts';
import type { DependencySources } from './read.ts';
import { spanDocuments } from './span-documents.ts';
import { tenantsOf } from './tenants.ts';

/**
 * Counts the calls of a day from its spans, tenant by tenant, and stores them in place of what was stored of it. Nothing is stored
 * for a tenant without spans on that day. A day that is not over may be counted as well: it is told until when. Throws
 * `SPOOR_STORAGE_UNAVAILABLE`; what was stored by then remains, and repeating it is safe.
 */
export async function computeDay(sources: DependencySources, day: Day, signal: AbortSignal): Promise<CountedDay[]> {
  const all: CountedDay[] = [];
  for (const tenant of await tenantsOf(sources.reading, [day], signal)) {
    const counted = await computeDayOf(sources, day, tenant, signal);
    if (counted !== undefined) all.push(counted);
  }
  return all;
}

/** As `computeDay`, of one tenant. `undefined`: there are no spans. */
export async function computeDayOf(
  { reading, documents, coverage, clock }: DependencySources & { readonly clock: Clock },
  day: Day,
  tenant: string,
  signal: AbortSignal,
): Promise<CountedDay | undefined> {
  const countedMs = clock.nowMs();
  const context = { tenant, signal };
  // Before the spans are read: those that come meanwhile are then more than these, so that the count does not hold.
  const present = (await spanDocuments(reading, [day], context)).get(day)!;
  if (Object.values(present).every((count) => count === 0)) return undefined;
  const links = await countDependencies(reading, timeOf(day), context);
  const { remoteClusters } = coverage;
  const counted = { day, tenant, links, countedMs, documents: present, remoteClusters };
  await documents.put(counted, signal);
  return counted;
}
