import { SpoorError } from '@spoor/model';
import { revealed } from '@spoor/service';
import type { ElasticsearchConfig } from '../settings.ts';
import { addressesOf } from './addresses.ts';
import { adviceOnFailure } from './advice.ts';
import { createCredentials } from './credentials.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import { NodePool } from './node-pool.ts';
import { askVersion, type ServerVersion, versionOfSetting } from './server-version.ts';
import { Sniffer } from './sniffer.ts';

export interface SearchRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  /** Begins with a slash; its parts are encoded by the caller (`encodeURIComponent`; commas and stars may stay). */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** Text, or bytes that must not change until the answer is there. */
  readonly body?: string | Uint8Array;
  /** Default `application/json`. */
  readonly contentType?: 'application/json' | 'application/x-ndjson';
  readonly signal: AbortSignal;
  /** Instead of the setting's. */
  readonly timeoutMs?: number;
}

export interface SearchResponse {
  readonly status: number;
  readonly body: string;
  /** What the header `Retry-After` asks for. */
  readonly retryAfterMs: number | undefined;
}

/** The servers, as one. */
export interface SearchServer {
  /**
   * Resolves with whatever status a node answered. A node that cannot be reached, or answers 502 to 504, is left alone for a
   * while and the next one is asked, so a request may reach several nodes: it must be safe to repeat. Throws
   * `SPOOR_STORAGE_UNAVAILABLE` when none answered, `SPOOR_DEADLINE_EXCEEDED` when `signal` aborted.
   */
  request(request: SearchRequest): Promise<SearchResponse>;
  /** As the servers say it, or as the setting does. Asked for once; throws as `request` does. */
  version(signal: AbortSignal): Promise<ServerVersion>;
  close(): void;
}

const DEFAULT_TYPE = 'application/json';

export interface SearchServerDependencies {
  readonly nowMs?: () => number;
}

/** Throws `SPOOR_INVALID_CONFIGURATION` for settings that contradict one another and files that cannot be read. */
export function createSearchServer(config: ElasticsearchConfig, deps: SearchServerDependencies = {}): SearchServer {
  const nowMs = deps.nowMs ?? Date.now;
  const credentials = createCredentials(config, nowMs);
  const client: HttpClient = createHttpClient(config);
  const addresses = addressesOf(config);
  const pool = new NodePool(addresses, nowMs);
  const sniffer = config.sniff.enabled
    ? new Sniffer(pool, addresses, { request, intervalMs: config.sniff.interval, nowMs })
    : undefined;
  let version: Promise<ServerVersion> | undefined;

  async function request(wanted: SearchRequest): Promise<SearchResponse> {
    const path = `${wanted.path}${queryText(wanted.query)}`;
    const headers: Record<string, string> = { accept: 'application/json', ...revealed(config.headers) };
    if (wanted.body !== undefined) headers['content-type'] = wanted.contentType ?? DEFAULT_TYPE;
    const tried = new Set<string>();
    sniffer?.look();
    for (;;) {
      const node = pool.next(tried);
      tried.add(node);
      const authorization = await credentials.header();
      if (authorization !== undefined) headers['authorization'] = authorization;
      try {
        const response = await client.send(node, {
          ...wanted,
          path,
          headers,
          timeoutMs: wanted.timeoutMs ?? config.timeout,
        });
        if (response.status === 401) credentials.readAgain();
        const isAway = response.status >= 502 && response.status <= 504;
        if (isAway) pool.failed(node);
        else pool.answered(node);
        if (!isAway || pool.isExhausted(tried)) return response;
      } catch (cause) {
        if (wanted.signal.aborted) {
          throw new SpoorError('SPOOR_DEADLINE_EXCEEDED', 'the caller gave up before the search server answered', {
            cause,
          });
        }
        pool.failed(node);
        sniffer?.doubt();
        const reason = cause instanceof Error ? cause.message.trim() : String(cause);
        if (pool.isExhausted(tried))
          throw new SpoorError(
            'SPOOR_STORAGE_UNAVAILABLE',
            `${node} does not answer: ${reason}${adviceOnFailure(cause)}`,
            { cause },
          );
      }
    }
  }

  const server: SearchServer = {
    request,
    version(signal) {
      const known = versionOfSetting(config.version);
      if (known !== undefined) return Promise.resolve(known);
      version ??= askVersion(server, signal).catch((error) => {
        version = undefined;
        throw error;
      });
      return version;
    },
    close: () => client.close(),
  };
  return server;
}

function queryText(query: SearchRequest['query']): string {
  if (query === undefined) return '';
  const parts = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}
