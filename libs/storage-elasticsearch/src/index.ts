export { dayOf, parseDay } from '@spoor/storage';
export type { CountedDay } from './dependencies/counted-day.ts';
export { createDependencyJob, type DependencyJob } from './dependencies/job.ts';
export {
  createElasticsearchStorage,
  type ElasticsearchStorage,
  type ElasticsearchStorageDependencies,
} from './elasticsearch-storage.ts';
export { prefixed } from './index-names.ts';
export {
  createFirstIndex,
  lookBack,
  type Rollover,
  type RolloverConditions,
  type Rotated,
  rollOver,
} from './indices/aliases.ts';
export { deleteIndices } from './indices/delete.ts';
export { expiredIndices, type IndexFamily, indexPatterns } from './indices/expired.ts';
export { initialiseAliases, printedTemplate, type RotatedKind, rotatedNames } from './indices/initialise.ts';
export { type IndexDescription, listIndices } from './indices/list.ts';
export {
  type ElasticsearchConfig,
  elasticsearchConfig,
  elasticsearchSettings,
  LAYOUT_NAMES,
  type LayoutName,
} from './settings.ts';
export {
  createSearchServer,
  type SearchRequest,
  type SearchResponse,
  type SearchServer,
} from './transport/search-server.ts';
export type { ServerVersion } from './transport/server-version.ts';
