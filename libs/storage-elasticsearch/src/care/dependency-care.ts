import { randomUUID } from 'node:crypto';
import { counterOf } from '@spoor/metrics';
import { classify } from '@spoor/model';
import { type Day, daysUpTo, endMsOf } from '@spoor/storage';
import type { Logger } from 'pino';
import type { Counter, Registry } from 'prom-client';
import { computeDayOf } from '../dependencies/compute.ts';
import { covers, isUpToDate } from '../dependencies/counted-day.ts';
import type { DependencySources } from '../dependencies/read.ts';
import { spanDocuments } from '../dependencies/span-documents.ts';
import { tenantsOf } from '../dependencies/tenants.ts';
import { prefixed } from '../index-names.ts';
import type { ElasticsearchConfig } from '../settings.ts';
import type { SearchServer } from '../transport/search-server.ts';
import { underLease } from './held-lease.ts';
import type { LeaseOptions } from './lease.ts';

/** Days further back are left to `spoor dependencies compute`. */
const DAYS = 7;
const DAY_MS = 86_400_000;
/** It is taken again while days are counted; a process that dies loses it after this. */
const LEASE_MS = 2 * 60_000;

export interface DependencyCareOptions {
  /** How long a day must be over before it is counted. */
  readonly delayMs: number;
  readonly intervalMs: number;
  readonly lease: LeaseOptions;
}

export interface DependencyCareDependencies {
  readonly server: SearchServer;
  readonly sources: DependencySources;
  readonly logger: Logger;
  readonly counted: Counter;
}

/** Of the settings. The servers are asked only once it is started. */
export function createDependencyCare(
  { indexPrefix, dependencies, careInterval }: ElasticsearchConfig,
  sources: DependencySources,
  { server, logger, metrics }: { readonly server: SearchServer; readonly logger: Logger; readonly metrics: Registry },
): DependencyCare {
  const lease: LeaseOptions = {
    resource: 'dependencies',
    index: prefixed(indexPrefix, 'spoor-care'),
    holder: randomUUID(),
    ttlMs: LEASE_MS,
    nowMs: () => sources.clock.nowMs(),
  };
  const counted = counterOf(metrics, 'spoor_elasticsearch_dependency_days_total');
  const options = { delayMs: dependencies.delay, intervalMs: careInterval, lease };
  return new DependencyCare(options, { server, sources, logger, counted });
}

/**
 * Counts days that are over, for as long as the process lives, by one process at a time. A day is counted once; when spans of it
 * came since, again a day later, because a count reads them all.
 */
export class DependencyCare {
  private readonly options: DependencyCareOptions;
  private readonly deps: DependencyCareDependencies;
  private readonly aborter = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private trouble: string | undefined;

  constructor(options: DependencyCareOptions, deps: DependencyCareDependencies) {
    this.options = options;
    this.deps = deps;
  }

  /** Does not wait for the servers. */
  start(): void {
    this.running = this.turn().finally(() => {
      if (this.aborter.signal.aborted) return;
      this.timer = setTimeout(() => this.start(), this.options.intervalMs);
      this.timer.unref();
    });
  }

  /** A count that is under way is given up; the next process begins it again. */
  async stop(): Promise<void> {
    this.aborter.abort();
    clearTimeout(this.timer);
    await this.running;
  }

  /** One round, now. For tests. Never throws. */
  async turn(): Promise<void> {
    const { server, logger } = this.deps;
    try {
      await underLease(server, this.options.lease, this.aborter.signal, (signal) => this.countDue(signal));
      this.trouble = undefined;
    } catch (thrown) {
      if (this.aborter.signal.aborted) return;
      const error = classify(thrown);
      if (this.trouble !== error.message)
        logger.warn({ code: error.code }, `calls between services cannot be counted: ${error.message}`);
      this.trouble = error.message;
    }
  }

  private async countDue(signal: AbortSignal): Promise<void> {
    const { sources, logger, counted } = this.deps;
    const nowMs = sources.clock.nowMs();
    const over = daysUpTo(nowMs, DAYS).filter((day) => endMsOf(day) + this.options.delayMs < nowMs);
    if (over.length === 0) return;
    for (const tenant of await tenantsOf(sources.reading, over, signal)) {
      for (const day of await this.daysDue(over, tenant, signal)) {
        const done = await computeDayOf(sources, day, tenant, signal);
        if (done === undefined) continue;
        counted.inc();
        logger.info({ day, tenant, links: done.links.length }, 'counted the calls between services of a day');
      }
    }
  }

  /** Those that have spans and were not counted, or counted long ago and have more spans since. */
  private async daysDue(days: readonly Day[], tenant: string, signal: AbortSignal): Promise<Day[]> {
    const { reading, documents, coverage, clock } = this.deps.sources;
    const present = await spanDocuments(reading, days, { tenant, signal });
    const known = await documents.find(days, tenant, signal);
    return days.filter((day) => {
      const documentsOfDay = present.get(day) ?? {};
      if (Object.values(documentsOfDay).every((count) => count === 0)) return false;
      return known
        .filter((one) => one.day === day)
        .every((one) => {
          const holds = covers(one, coverage) && isUpToDate(one, documentsOfDay);
          return !holds && clock.nowMs() - one.countedMs >= DAY_MS;
        });
    });
  }
}
