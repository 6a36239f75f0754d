import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { smallVirtualMachine, startJava } from './java-process.ts';
import type { Outside } from './outside.ts';
import {
  ELASTICSEARCH_VERSION,
  elasticsearchNode,
  type Launchable,
  OPENSEARCH_VERSION,
  openSearchNode,
} from './search-server-jars.ts';
import { type Shareable, sharedServer } from './shared-servers.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export type SearchFlavour = 'elasticsearch' | 'opensearch';

/** A real Elasticsearch or OpenSearch. Other suites may use it at the same time: take an index prefix of your own. */
export interface SearchServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly flavour: SearchFlavour;
  /** Such as `8.19.21`. */
  readonly version: string;
  stop(): Promise<void>;
}

/** A server of the test's own, which may be broken. */
export interface OwnSearchServer extends SearchServer {
  /** Of the server's process; another one after `revive`. */
  readonly pid: number;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Where its data lies. */
  readonly dataDirectory: string;
  /** Starts it again with the same data on the same port. Waits until all shards are there, unless some may be missing. */
  revive(options?: { readonly shardsMayMiss?: boolean }): Promise<void>;
}

export interface OwnSearchServerOptions {
  /** Settings of the node, such as `thread_pool.write.queue_size`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Of the virtual machine, in place of those that make it small. */
  readonly javaArgs?: readonly string[];
}

interface Flavour {
  readonly flavour: SearchFlavour;
  readonly version: string;
  /** The environment variable that names a running server. */
  readonly variable: string;
  readonly node: () => Promise<Outside<Launchable>>;
  /** What only this flavour is told. */
  readonly settings: (transportPort: number) => Readonly<Record<string, string>>;
}

const ELASTICSEARCH: Flavour = {
  flavour: 'elasticsearch',
  version: ELASTICSEARCH_VERSION,
  variable: 'SPOOR_TEST_ELASTICSEARCH',
  node: elasticsearchNode,
  settings: () => ({ 'cluster.name': 'spoor-test', 'discovery.type': 'single-node' }),
};

const OPENSEARCH: Flavour = {
  flavour: 'opensearch',
  version: OPENSEARCH_VERSION,
  variable: 'SPOOR_TEST_OPENSEARCH',
  node: openSearchNode,
  settings: (transportPort) => ({ 'discovery.seed_hosts': `127.0.0.1:${transportPort}` }),
};

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

/** A single node in a Java virtual machine of its own, on a free port of the loopback address. */
export function startOwnElasticsearch(options: OwnSearchServerOptions = {}): Promise<Outside<OwnSearchServer>> {
  return startOwn(ELASTICSEARCH, options);
}

/** A single node in a Java virtual machine of its own, on a free port of the loopback address. */
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
  const node = await flavour.node();
  if ('missing' in node) return node;
  const directory = temporaryDirectory(flavour.flavour);
  const [port = 0, transportPort = 0] = await freePorts(2);
  const url = `http://127.0.0.1:${port}`;
  const dataDirectory = join(directory.path, 'data');
  const settings = {
    'node.name': 'test',
    'network.host': '127.0.0.1',
    'http.port': String(port),
    'transport.port': String(transportPort),
    'path.data': dataDirectory,
    // A developer's nearly full disk is no reason to refuse what a test writes.
    'cluster.routing.allocation.disk.threshold_enabled': 'false',
    ...flavour.settings(transportPort),
    ...options.settings,
  };
  const launch = (status: 'yellow' | 'red') =>
    startJava({
      name: flavour.flavour,
      args: [
        ...(options.javaArgs ?? smallVirtualMachine('512m')),
        ...node.found.args,
        ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
      ],
      startedLine: node.found.startedLine,
      answers: () => answers(url, status),
    });
  let server = await launch('yellow');
  const kill = () => server.end('SIGKILL');
  return {
    found: {
      url,
      flavour: flavour.flavour,
      version: flavour.version,
      get pid() {
        return server.pid;
      },
      kill,
      dataDirectory,
      async revive({ shardsMayMiss = false } = {}) {
        server = await launch(shardsMayMiss ? 'red' : 'yellow');
      },
      async stop() {
        await kill();
        directory.remove();
      },
    },
  };
}

/** Yellow is a cluster that has recovered what it had; red one that answers. */
async function answers(url: string, status: 'yellow' | 'red'): Promise<true> {
  const response = await fetch(`${url}/_cluster/health?wait_for_status=${status}&timeout=10s`);
  if (!response.ok) throw new Error(`answered ${response.status}`);
  return true;
}
