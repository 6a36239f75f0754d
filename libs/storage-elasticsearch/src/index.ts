export { type ElasticsearchConfig, elasticsearchConfig, elasticsearchSettings, type LayoutName } from './settings.ts';
export {
  createSearchServer,
  type SearchRequest,
  type SearchResponse,
  type SearchServer,
} from './transport/search-server.ts';
export type { ServerVersion } from './transport/server-version.ts';
