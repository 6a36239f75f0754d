import { SpoorError } from '@spoor/model';
import type { ElasticsearchConfig } from '../settings.ts';
import type { SearchServer } from './search-server.ts';

export interface ServerVersion {
  readonly flavour: 'elasticsearch' | 'opensearch';
  readonly major: number;
  /** As the server says it, such as `8.19.2`; only the major number where it was set. */
  readonly text: string;
}

/** CONTRACT §5: 7 to 9 are Elasticsearch, 101 to 103 OpenSearch 1 to 3; 0 is to be asked for. */
export function versionOfSetting(setting: ElasticsearchConfig['version']): ServerVersion | undefined {
  const number = Number(setting);
  if (number === 0) return undefined;
  if (number > 100) return { flavour: 'opensearch', major: number - 100, text: String(number - 100) };
  return { flavour: 'elasticsearch', major: number, text: String(number) };
}

/** Asks `GET /`, and where that is closed to us, `GET /_nodes`. Throws `SPOOR_STORAGE_UNAVAILABLE`. */
export async function askVersion(server: SearchServer, signal: AbortSignal): Promise<ServerVersion> {
  const root = await server.request({ method: 'GET', path: '/', signal });
  if (root.status === 200) {
    const { version } = parsed(root.body) as { version?: { number?: unknown; distribution?: unknown } };
    const found = versionOf(version?.number, version?.distribution === 'opensearch');
    if (found !== undefined) return found;
  }
  const nodes = await server.request({
    method: 'GET',
    path: '/_nodes',
    query: { filter_path: 'nodes.*.version' },
    signal,
  });
  if (nodes.status === 200) {
    const all = (parsed(nodes.body) as { nodes?: Record<string, { version?: unknown }> }).nodes ?? {};
    // During a rolling upgrade the oldest node decides what can be asked for.
    const versions = Object.values(all).flatMap(({ version }) => versionOf(version, false) ?? []);
    const oldest = versions.sort((a, b) => a.major - b.major)[0];
    if (oldest !== undefined) return oldest;
  }
  throw new SpoorError(
    'SPOOR_STORAGE_UNAVAILABLE',
    `the servers do not tell their version: GET / was answered with ${root.status}, GET /_nodes with ${nodes.status}; check the login, or set storage.elasticsearch.version`,
  );
}

function versionOf(number: unknown, isOpenSearch: boolean): ServerVersion | undefined {
  const text = typeof number === 'string' ? number : '';
  const major = Number(/^(\d+)\./.exec(text)?.[1] ?? Number.NaN);
  if (!Number.isInteger(major)) return undefined;
  // Elasticsearch 1 to 3 are long gone, so such a number is OpenSearch's.
  return { flavour: isOpenSearch || major <= 3 ? 'opensearch' : 'elasticsearch', major, text };
}

function parsed(body: string): object {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
