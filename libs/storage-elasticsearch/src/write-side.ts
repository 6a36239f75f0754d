import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { counterOf } from '@spoor/metrics';
import type { Clock } from '@spoor/model';
import type { SpanWriter } from '@spoor/storage';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { IndexCare } from './care/index-care.ts';
import { TemplateKeeper, templatePriorityOf, wantedTemplates, withPolicy } from './care/template-keeper.ts';
import { type IndexNames, prefixed } from './index-names.ts';
import type { RolloverConditions } from './indices/aliases.ts';
import { INDEX_KINDS, type Layout } from './layouts/layout.ts';
import { indexNamesOf, keptNames } from './layouts/layouts.ts';
import { metricsNames } from './metrics/slice-names.ts';
import { metricsTemplate } from './metrics/slice-template.ts';
import { SliceWriter } from './metrics/slice-writer.ts';
import type { ElasticsearchConfig } from './settings.ts';
import type { SearchServer } from './transport/search-server.ts';
import type { ServerVersion } from './transport/server-version.ts';
import { BulkQueue } from './writer/bulk-queue.ts';
import { BulkSender } from './writer/bulk-sender.ts';
import { ByteBudget } from './writer/byte-budget.ts';
import { Pace } from './writer/pace.ts';
import { ServiceCache } from './writer/service-cache.ts';
import { createSpanWriter, rememberService } from './writer/span-writer.ts';
import { writerMetrics } from './writer/writer-metrics.ts';

/** What the span writer writes; other kinds have writers that put their templates. */
const WRITTEN_KINDS = ['span', 'service'] as const;
type WrittenKind = (typeof WRITTEN_KINDS)[number];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Longer than a round of care takes; shorter than an operator waits for the next holder. */
const LEASE_MS = 10 * 60_000;

export interface WriteSideDependencies {
  readonly server: SearchServer;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly clock: Clock;
  /** Nothing is made, changed or deleted, for a process that only reads and whose login can do no more. Default false. */
  readonly readOnly?: boolean;
  /** Resolves after the time, or as soon as the signal aborts. */
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** What writes, and looks after what is written to. */
export interface WriteSide {
  readonly writer: SpanWriter;
  readonly slices: SliceWriter;
  readonly care: IndexCare;
  /** Sends what is left, until `signal` aborts. */
  drain(signal: AbortSignal): Promise<void>;
}

/** `readLayouts` are looked after by retention as well as what is written. */
export function createWriteSide(
  config: ElasticsearchConfig,
  layout: Layout,
  readLayouts: readonly Layout[],
  { server, logger, metrics, clock, readOnly = false, wait = waitFor }: WriteSideDependencies,
): WriteSide {
  const nowMs = () => clock.nowMs();
  const namesOf = (one: Layout, kind: WrittenKind) => indexNamesOf(one, kind, config, clock);
  const isRotated = config.rotation.type === 'alias';
  const spanNames = namesOf(layout, 'span');
  const serviceNames = namesOf(layout, 'service');
  const sliceNames = metricsNames(config, clock);
  const care = new IndexCare(
    {
      readOnly,
      names: [...namesToKeep(config, layout, readLayouts, clock), sliceNames],
      rotated: isRotated ? [spanNames, serviceNames] : [],
      streams: [spanNames, serviceNames].filter(({ isStream }) => isStream),
      rollover: config.rotation.policy === undefined ? rolloverConditions(config.rotation) : undefined,
      policy: config.rotation.policy,
      retention: { maxAgeMs: config.retention.maxAge, maxBytes: config.retention.maxBytes },
      intervalMs: config.careInterval,
      lease: { index: prefixed(config.indexPrefix, 'spoor-care'), holder: randomUUID(), ttlMs: LEASE_MS, nowMs },
    },
    {
      server,
      templates: config.createTemplates ? templatesOf(config, layout, namesOf, { server, logger, metrics }) : undefined,
      logger,
      nowMs,
      deleted: counterOf(metrics, 'spoor_elasticsearch_indices_deleted_total'),
      rollovers: counterOf(metrics, 'spoor_elasticsearch_rollovers_total'),
    },
  );
  const budget = new ByteBudget(config.bulk.maxHeldBytes);
  const pace = new Pace({ maxBytes: config.bulk.maxBytes, maxConcurrency: config.bulk.concurrency });
  const services = new ServiceCache(config.serviceCacheTtl, nowMs);
  const ready = () => care.ready();
  const sender = new BulkSender(
    {
      refresh: config.bulk.refresh,
      retryForMs: config.bulk.retryFor,
      requireAlias: isRotated,
      shardWaitMs: Math.ceil(config.timeout / 2),
    },
    {
      server,
      pace,
      metrics: writerMetrics(metrics, budget, pace),
      logger,
      nowMs: () => performance.now(),
      random: Math.random,
      wait,
      ready,
      onSilence: (reason) => care.doubt(reason),
      onService: (entry) => rememberService(services, entry),
    },
  );
  const queue = new BulkQueue(sender, pace, budget);
  const writer = createSpanWriter({
    layout,
    spanNames,
    serviceNames,
    queue,
    budget,
    services,
    clock,
    maxFutureMs: config.maxFuture,
    periodMs: [config.rotation.frequency, config.rotation.serviceFrequency].includes('hour') ? HOUR_MS : DAY_MS,
    ready,
  });
  const slices = new SliceWriter(
    { refresh: config.bulk.refresh, retryForMs: config.bulk.retryFor },
    {
      server,
      names: sliceNames,
      ready,
      onSilence: (reason) => care.doubt(reason),
      wait,
      logger,
      refused: counterOf(metrics, 'spoor_metrics_slices_refused_total'),
    },
  );
  return { writer, slices, care, drain: (signal) => queue.drain(signal) };
}

async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
}

/** With a bound of its own each; an index of that age, size or count makes way. */
function rolloverConditions({ maxAge, maxBytes, maxDocuments }: ElasticsearchConfig['rotation']): RolloverConditions {
  return {
    ...(maxAge === 0 ? {} : { max_age: `${maxAge}ms` }),
    ...(maxBytes === 0 ? {} : { max_size: `${maxBytes}b` }),
    ...(maxDocuments === 0 ? {} : { max_docs: maxDocuments }),
  };
}

function namesToKeep(
  config: ElasticsearchConfig,
  layout: Layout,
  readLayouts: readonly Layout[],
  clock: Clock,
): IndexNames[] {
  // The same layout may be there twice, once to write and once to read.
  const layouts = new Map([...readLayouts, layout].map((one) => [one.name, one]));
  return INDEX_KINDS.flatMap((kind) => [...layouts.values()].flatMap((one) => keptNames(one, kind, config, clock)));
}

function templatesOf(
  config: ElasticsearchConfig,
  layout: Layout,
  namesOf: (layout: Layout, kind: WrittenKind) => IndexNames,
  { server, logger, metrics }: Pick<WriteSideDependencies, 'server' | 'logger' | 'metrics'>,
): TemplateKeeper {
  const settings = { shards: config.shards, replicas: config.replicas, refreshIntervalMs: config.refreshInterval };
  const { policy } = config.rotation;
  const isRotated = config.rotation.type === 'alias';
  const wanted = ({ flavour }: ServerVersion) => {
    const templates = WRITTEN_KINDS.flatMap((kind) => {
      const priority = templatePriorityOf(kind, config);
      return wantedTemplates(layout, settings, () => namesOf(layout, kind), [kind]).map((one) => ({
        ...one,
        priority,
      }));
    });
    if (policy === undefined) return templates;
    return templates.map((one) => (isRotated || one.isStream === true ? withPolicy(one, policy, flavour) : one));
  };
  const puts = counterOf(metrics, 'spoor_elasticsearch_templates_put_total');
  const withMetrics = (version: ServerVersion) => [...wanted(version), metricsTemplate(config)];
  return new TemplateKeeper(withMetrics, config.templatePriority, { server, logger, puts });
}
