import type { Span } from '@spoor/model';
import { serviceNameOf } from '@spoor/model';
import type { DependencyCounts } from './dependency-counts.ts';

/** What a call is told from. */
export interface CallNode {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly service: string;
  readonly isServer: boolean;
}

export function nodeOf(span: Span): CallNode {
  return {
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    service: serviceNameOf(span.resource),
    isServer: span.kind === 'server',
  };
}

/** Counts the calls whose parent is among `known`, and gives those that have none there. */
export function countCalls(
  children: readonly CallNode[],
  known: readonly CallNode[],
  counts: DependencyCounts,
): CallNode[] {
  const parents = new Map<string, CallNode>();
  for (const node of known) {
    // A client and a server may share their id: what the server calls is the server's (CONTRACT §8.2).
    if (!parents.has(node.spanId) || node.isServer) parents.set(node.spanId, node);
  }
  const orphans: CallNode[] = [];
  for (const child of children) {
    if (child.parentSpanId === '') continue;
    const parent = parents.get(child.parentSpanId);
    if (parent === undefined) orphans.push(child);
    else counts.add(parent.service, child.service);
  }
  return orphans;
}
