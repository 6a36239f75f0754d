import type { BreakableServer } from './breakable-server.ts';
import { dockerImage } from './docker.ts';
import type { Outside } from './outside.ts';
import { ELASTICSEARCH, type Flavour, OPENSEARCH, type SearchFlavour } from './search-flavours.ts';
import { startSearchContainer } from './search-server-container.ts';
import { startInJava } from './search-server-java.ts';
import { type Shareable, sharedServer } from './shared-servers.ts';

export type { SearchFlavour } from './search-flavours.ts';

/**
 * A real Elasticsearch or OpenSearch. Other suites may use it at the same time: take an index prefix of your own. In local Java it is
 * the server's core; of a container it has everything that the vendor adds.
 */
export interface SearchServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly flavour: SearchFlavour;
  /** Such as `8.19.21`. */
  readonly version: string;
  stop(): Promise<void>;
}

/** A server of the test's own, which may be broken. */
export interface OwnSearchServer extends SearchServer, Omit<BreakableServer, 'revive'> {
  /** Starts it again with the same data on the same port. Waits until all shards are there, unless some may be missing. */
  revive(options?: { readonly shardsMayMiss?: boolean }): Promise<void>;
  /** Renames a file or a folder of its data directory, while it is killed. */
  renameData(from: string, to: string): Promise<void>;
}

export interface OwnSearchServerOptions {
  /** Settings of the node, such as `thread_pool.write.queue_size`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Real Elasticsearch: the one whose address SPOOR_TEST_ELASTICSEARCH holds, else one that all suites of a test run share, started
 * for the first of them.
 */
export function startElasticsearch(): Promise<Outside<SearchServer>> {
  return startShared(ELASTICSEARCH);
}

/** Real OpenSearch, by SPOOR_TEST_OPENSEARCH or shared, as `startElasticsearch`. */
export function startOpenSearch(): Promise<Outside<SearchServer>> {
  return startShared(OPENSEARCH);
}

/** A single node on a free port of the loopback address: in a container where Docker has the image, else in local Java. */
export function startOwnElasticsearch(options: OwnSearchServerOptions = {}): Promise<Outside<OwnSearchServer>> {
  return startOwn(ELASTICSEARCH, options);
}

/** A single node on a free port of the loopback address: in a container where Docker has the image, else in local Java. */
export function startOwnOpenSearch(options: OwnSearchServerOptions = {}): Promise<Outside<OwnSearchServer>> {
  return startOwn(OPENSEARCH, options);
}

/** What the keeper of shared servers starts by name. */
export const SHAREABLE_SEARCH_SERVERS: Readonly<Record<SearchFlavour, () => Promise<Outside<Shareable>>>> = {
  elasticsearch: () => shareable(ELASTICSEARCH),
  opensearch: () => shareable(OPENSEARCH),
};

async function shareable(flavour: Flavour): Promise<Outside<Shareable>> {
  const own = await startOwn(flavour, {});
  return 'missing' in own ? own : { found: { address: own.found.url, stop: own.found.stop } };
}

async function startShared(flavour: Flavour): Promise<Outside<SearchServer>> {
  const named = process.env[flavour.variable]?.replace(/\/$/, '');
  const shared = named ? { found: named } : await sharedServer(flavour.flavour);
  if (shared === undefined) return startOwn(flavour, {});
  if ('missing' in shared) return shared;
  const version = await versionOf(shared.found);
  return { found: { url: shared.found, flavour: flavour.flavour, version, stop: async () => {} } };
}

/** By what each node says of itself: `GET /` is not there in Elasticsearch's core. */
async function versionOf(url: string): Promise<string> {
  const response = await fetch(`${url}/_nodes?filter_path=nodes.*.version`);
  if (!response.ok) throw new Error(`${url} answered ${response.status} when asked for its version`);
  const { nodes } = (await response.json()) as { nodes: Record<string, { version: string }> };
  return Object.values(nodes)[0]?.version ?? '';
}

async function startOwn(flavour: Flavour, options: OwnSearchServerOptions): Promise<Outside<OwnSearchServer>> {
  const image = await dockerImage(flavour.flavour);
  if (image === undefined) return startInJava(flavour, options);
  if ('missing' in image) return image;
  const server = await startSearchContainer(flavour, image.found, options);
  return { found: { ...server, version: await versionOf(server.url) } };
}
