import { createHash } from 'node:crypto';
import { DEFAULT_TENANT } from '@spoor/model';
import { type Day, type DependencyLink, startMsOf } from '@spoor/storage';
import type { ExactObject } from '../layouts/layout.ts';
import { listOf, objectOf, textOf } from '../reader/ask-search.ts';
import { LAYOUT_NAMES, type LayoutName } from '../settings.ts';

/** How many documents of spans there are, by the layout that they are in. */
export type SpanDocuments = Readonly<Partial<Record<LayoutName, number>>>;

/** What a count of calls goes by: two that differ in it cannot stand for each other. */
export interface Coverage {
  readonly layouts: readonly LayoutName[];
  readonly remoteClusters: readonly string[];
}

/** The calls that start on one day, as they were counted from the spans. */
export interface CountedDay {
  readonly day: Day;
  readonly tenant: string;
  readonly links: readonly DependencyLink[];
  readonly countedMs: number;
  /** Those of the day that were there before it was counted, for each layout that was read. */
  readonly documents: SpanDocuments;
  readonly remoteClusters: readonly string[];
}

/** The same for the same day and tenant, so that a day that is counted again takes the place of what was there. */
export function countedDayId(day: Day, tenant: string): string {
  const ofTenant =
    tenant === DEFAULT_TENANT ? '' : `_${createHash('sha256').update(tenant).digest('hex').slice(0, 32)}`;
  return `spoor_${day}${ofTenant}`;
}

/**
 * The document of the peer's job (CONTRACT §8.2), which a Jaeger reads, and beside it what Spoor needs to know of the count, which
 * a Jaeger does not look at.
 */
export function countedDayDocument(counted: CountedDay, layout: LayoutName): object {
  const { day, tenant, links, countedMs, documents, remoteClusters } = counted;
  return {
    timestamp: layout === 'jaeger' ? `${day}T00:00:00Z` : startMsOf(day),
    dependencies: links.map((link) => ({ ...link, source: 'jaeger' })),
    ...(layout === 'jaeger' && tenant === DEFAULT_TENANT ? {} : { tenant }),
    spoor: { day, counted: new Date(countedMs).toISOString(), documents, remoteClusters },
  };
}

/** `undefined` for a document that a job of the peer's made. */
export function countedDayOf(source: ExactObject): CountedDay | undefined {
  const { day, counted, documents, remoteClusters } = objectOf(source['spoor']);
  const countedMs = Date.parse(textOf(counted));
  if (typeof day !== 'string' || Number.isNaN(countedMs)) return undefined;
  const numbers = Object.entries(objectOf(documents)).map(([layout, count]) => [layout, Number(count)]);
  return {
    day,
    tenant: tenantOf(source),
    links: linksOf(source),
    countedMs,
    documents: Object.fromEntries(numbers),
    remoteClusters: listOf(remoteClusters).map(textOf),
  };
}

/** What a document of either origin tells. */
export function linksOf(source: ExactObject): DependencyLink[] {
  return listOf(source['dependencies'])
    .map(objectOf)
    .map(({ parent, child, callCount }) => ({
      parent: textOf(parent),
      child: textOf(child),
      callCount: Number(callCount ?? 0),
    }));
}

/** The peer's documents have no tenant. */
export function tenantOf({ tenant }: ExactObject): string {
  return typeof tenant === 'string' ? tenant : DEFAULT_TENANT;
}

/** Whether the count is of the same layouts and clusters. */
export function covers({ documents, remoteClusters }: CountedDay, wanted: Coverage): boolean {
  const layouts = LAYOUT_NAMES.filter((name) => documents[name] !== undefined);
  return isSameSet(layouts, wanted.layouts) && isSameSet(remoteClusters, wanted.remoteClusters);
}

/** Whether nothing was added since it was counted. Fewer are no doubt: retention took them, and the count remains. */
export function isUpToDate({ documents }: CountedDay, present: SpanDocuments): boolean {
  return LAYOUT_NAMES.every((name) => (present[name] ?? 0) <= (documents[name] ?? 0));
}

function isSameSet(some: readonly string[], others: readonly string[]): boolean {
  return new Set(some).size === new Set(others).size && some.every((one) => others.includes(one));
}
