import type { NodePool } from './node-pool.ts';
import type { SearchRequest, SearchResponse } from './search-server.ts';

/** After a node that did not answer; and after asking in vain. */
const SOON_MS = 1_000;
const TIMEOUT_MS = 5_000;
/** Nodes that have these roles only do not take requests of clients. */
const MANAGING_ROLES: ReadonlySet<string> = new Set(['master', 'cluster_manager', 'voting_only']);

export interface SnifferDependencies {
  readonly request: (request: SearchRequest) => Promise<SearchResponse>;
  readonly intervalMs: number;
  readonly nowMs: () => number;
}

/**
 * Asks the servers for the nodes of their cluster, while requests go on. The configured addresses stay in the pool, because what
 * nodes call themselves may be out of reach from here.
 */
export class Sniffer {
  private readonly pool: NodePool;
  private readonly seeds: readonly string[];
  private readonly deps: SnifferDependencies;
  private nextMs = Number.NEGATIVE_INFINITY;
  private isAsking = false;

  constructor(pool: NodePool, seeds: readonly string[], deps: SnifferDependencies) {
    this.pool = pool;
    this.seeds = seeds;
    this.deps = deps;
  }

  /** Before each request: asks if it is time to. Never waits, never throws. */
  look(): void {
    const { nowMs, intervalMs } = this.deps;
    if (this.isAsking || nowMs() < this.nextMs) return;
    this.isAsking = true;
    void this.ask().then((isDone) => {
      this.isAsking = false;
      this.nextMs = nowMs() + (isDone ? intervalMs : SOON_MS);
    });
  }

  /** A node did not answer: the cluster may have changed. */
  doubt(): void {
    this.nextMs = Math.min(this.nextMs, this.deps.nowMs() + SOON_MS);
  }

  private async ask(): Promise<boolean> {
    try {
      const { status, body } = await this.deps.request({
        method: 'GET',
        path: '/_nodes/http',
        query: { filter_path: 'nodes.*.http.publish_address,nodes.*.roles' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (status !== 200) return false;
      const { protocol } = new URL(this.seeds[0]!);
      const found = addressesIn(body).map((address) => `${protocol}//${address}`);
      this.pool.replace([...new Set([...this.seeds, ...found])]);
      return true;
    } catch {
      return false;
    }
  }
}

interface NodeInfo {
  readonly roles?: readonly string[];
  readonly http?: { readonly publish_address?: string };
}

/** `host:port` of each node that takes requests; a name stands before the number of its address where there is one. */
export function addressesIn(body: string): string[] {
  const { nodes = {} } = JSON.parse(body) as { nodes?: Readonly<Record<string, NodeInfo>> };
  return Object.values(nodes).flatMap(({ roles = [], http }) => {
    const isManager = roles.length > 0 && roles.every((role) => MANAGING_ROLES.has(role));
    const match = /^(?:([^/]+)\/)?(.+):(\d+)$/.exec(http?.publish_address ?? '');
    return match === null || isManager ? [] : [`${match[1] ?? match[2]}:${match[3]}`];
  });
}
