import type { Clock } from '@spoor/model';
import { type Day, endMsOf, startMsOf } from '@spoor/storage';
import { asUnavailable } from '../as-unavailable.ts';
import { createIndexNames, type IndexNameSettings, type IndexNames } from '../index-names.ts';
import { ask } from '../indices/ask.ts';
import { onceBefore, prepareKind } from '../indices/prepare-kind.ts';
import { createLayout, readSettings } from '../layouts/layouts.ts';
import { askSearch } from '../reader/ask-search.ts';
import { refuse } from '../reader/trace-spans.ts';
import type { ElasticsearchConfig, LayoutName } from '../settings.ts';
import type { SearchServer } from '../transport/search-server.ts';
import { type CountedDay, countedDayDocument, countedDayId, countedDayOf } from './counted-day.ts';

export interface DependencyDocuments {
  /** What was counted of these days, of every layout that is read; of a day there may be several. Throws what a search throws. */
  find(days: readonly Day[], tenant: string, signal: AbortSignal): Promise<CountedDay[]>;
  /**
   * Stores what was counted in place of what was stored of that day and tenant before: of two that do it at once one remains. It
   * can be read when this resolves. Throws `SPOOR_STORAGE_UNAVAILABLE`.
   */
  put(counted: CountedDay, signal: AbortSignal): Promise<void>;
}

type NameSettings = Pick<IndexNameSettings, 'indexPrefix' | 'rotation' | 'remoteClusters'>;

/** Always one a day, however spans are kept, and none is too old for its own (CONTRACT §5.1). */
export function dependencyNames(stem: string, settings: NameSettings, clock: Clock): IndexNames {
  const { indexPrefix, rotation, remoteClusters } = settings;
  const daily = { ...rotation, frequency: 'day' } as const;
  const oldestSpanAge = Number.POSITIVE_INFINITY;
  return createIndexNames(stem, { indexPrefix, rotation: daily, remoteClusters, oldestSpanAge }, clock);
}

export interface DependencyDocumentsDependencies {
  readonly server: SearchServer;
  readonly clock: Clock;
}

/** The counted days, in the indices of CONTRACT §5.1 or those of the layout spoor. */
export function createDependencyDocuments(
  config: ElasticsearchConfig,
  readLayouts: readonly LayoutName[],
  { server, clock }: DependencyDocumentsDependencies,
): DependencyDocuments {
  // A remote cluster's own counts are of its own spans only.
  const here = { ...config, remoteClusters: [] };
  const namesOf = (name: LayoutName, settings: NameSettings) =>
    dependencyNames(createLayout(name, config).stems.dependencies, settings, clock);
  const readNames = readLayouts.map((name) => namesOf(name, readSettings(name, here)));
  const names = namesOf(config.layout, here);
  const isRotated = config.rotation.type === 'alias';
  const prepare = onceBefore((signal) => prepareKind(server, config, 'dependencies', signal));

  /** Behind an alias a document of the same id may lie in an index that is no longer written to: it is replaced there. */
  async function placeOf(day: Day, id: string, signal: AbortSignal): Promise<string> {
    if (!isRotated) return names.forWriting(startMsOf(day));
    const body = { query: { ids: { values: [id] } }, size: 1, _source: false };
    const found = await askSearch(server, { indices: [names.readAlias] }, body, signal);
    if (found.incomplete !== undefined) refuse(found.incomplete);
    return found.hits[0]?.index ?? names.writeAlias;
  }

  return {
    async find(days, tenant, signal) {
      if (days.length === 0) return [];
      const inOrder = days.toSorted();
      const range = { startMs: startMsOf(inOrder[0]!), endMs: endMsOf(inOrder.at(-1)!) };
      const indices = readNames.flatMap((one) => one.forReading(range));
      const query = { ids: { values: days.map((day) => countedDayId(day, tenant)) } };
      const body = { query, size: days.length * Math.max(1, readNames.length), _source: true };
      const found = await askSearch(server, { indices }, body, signal);
      if (found.incomplete !== undefined) refuse(found.incomplete);
      return found.hits.flatMap(({ source }) => countedDayOf(source) ?? []).filter((one) => one.tenant === tenant);
    },
    async put(counted, signal) {
      try {
        await prepare(signal);
        const id = countedDayId(counted.day, counted.tenant);
        const place = await placeOf(counted.day, id, signal);
        await ask(server, {
          method: 'PUT',
          path: `/${encodeURIComponent(place)}/_doc/${encodeURIComponent(id)}`,
          query: { refresh: true, ...(place === names.writeAlias ? { require_alias: true } : {}) },
          json: countedDayDocument(counted, config.layout),
          signal,
        });
      } catch (thrown) {
        throw asUnavailable(thrown);
      }
    },
  };
}
