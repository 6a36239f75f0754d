import type { Outside } from './outside.ts';
import {
  ELASTICSEARCH_VERSION,
  elasticsearchNode,
  type Launchable,
  OPENSEARCH_VERSION,
  openSearchNode,
} from './search-server-jars.ts';

export type SearchFlavour = 'elasticsearch' | 'opensearch';

/** What tells the two flavours apart. */
export interface Flavour {
  readonly flavour: SearchFlavour;
  /** The environment variable that names a running server. */
  readonly variable: string;
  readonly java: {
    readonly version: string;
    readonly node: () => Promise<Outside<Launchable>>;
    readonly settings: (transportPort: number) => Readonly<Record<string, string>>;
  };
  readonly container: {
    readonly dataDirectory: string;
    /** Settings of the node, which the image takes as variables if there is a dot in them, and what its start script is told. */
    readonly environment: (javaOptions: string) => Readonly<Record<string, string>>;
  };
}

export const ELASTICSEARCH: Flavour = {
  flavour: 'elasticsearch',
  variable: 'SPOOR_TEST_ELASTICSEARCH',
  java: {
    version: ELASTICSEARCH_VERSION,
    node: elasticsearchNode,
    settings: () => ({ 'discovery.type': 'single-node' }),
  },
  container: {
    dataDirectory: '/usr/share/elasticsearch/data',
    environment: (javaOptions) => ({
      ES_JAVA_OPTS: javaOptions,
      'xpack.security.enabled': 'false',
      // What takes memory, and what asks others in the network.
      'xpack.ml.enabled': 'false',
      'ingest.geoip.downloader.enabled': 'false',
    }),
  },
};

export const OPENSEARCH: Flavour = {
  flavour: 'opensearch',
  variable: 'SPOOR_TEST_OPENSEARCH',
  java: {
    version: OPENSEARCH_VERSION,
    node: openSearchNode,
    settings: (transportPort) => ({
      'discovery.seed_hosts': `127.0.0.1:${transportPort}`,
      [`cluster.initial_${OPENSEARCH_VERSION.startsWith('1.') ? 'master' : 'cluster_manager'}_nodes`]: 'test',
    }),
  },
  container: {
    dataDirectory: '/usr/share/opensearch/data',
    environment: (javaOptions) => ({
      OPENSEARCH_JAVA_OPTS: javaOptions,
      DISABLE_INSTALL_DEMO_CONFIG: 'true',
      DISABLE_SECURITY_PLUGIN: 'true',
      DISABLE_PERFORMANCE_ANALYZER_AGENT_CLI: 'true',
    }),
  },
};

/** What every node is told that tests start. */
export function nodeSettings(port: number): Readonly<Record<string, string>> {
  return {
    'cluster.name': 'spoor-test',
    'node.name': 'test',
    'http.port': String(port),
    // A developer's nearly full disk is no reason to refuse what a test writes.
    'cluster.routing.allocation.disk.threshold_enabled': 'false',
  };
}

/** Yellow is a cluster that has recovered what it had; red one that answers. */
export async function answersHealth(url: string, status: 'yellow' | 'red'): Promise<void> {
  const response = await fetch(`${url}/_cluster/health?wait_for_status=${status}&timeout=10s`);
  if (!response.ok) throw new Error(`answered ${response.status}`);
}
