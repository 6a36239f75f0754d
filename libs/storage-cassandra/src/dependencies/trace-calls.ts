import type { TraceId } from '@spoor/model';
import { type CallNode, countCalls, type DependencyCounts, nodeOf, type TimeRange } from '@spoor/storage';
import type { ReadBudget } from '../read-budget.ts';
import type { SpanTable } from '../span-table.ts';

/** Traces whose spans are read at once. */
const TRACES_AT_ONCE = 16;

/** Counts the calls of the traces whose child starts within the time, and gives how many spans start then. Throws `BudgetSpent`. */
export async function countTraces(
  table: SpanTable,
  traceIds: Iterable<TraceId>,
  {
    time,
    counts,
    budget,
  }: { readonly time: TimeRange; readonly counts: DependencyCounts; readonly budget?: ReadBudget },
): Promise<number> {
  const ids = [...traceIds];
  let spans = 0;
  for (let from = 0; from < ids.length; from += TRACES_AT_ONCE) {
    const some = ids.slice(from, from + TRACES_AT_ONCE).map((id) => nodesOf(table, id, time, budget));
    for (const { nodes, started } of await Promise.all(some)) {
      countCalls(started, nodes, counts);
      spans += started.length;
    }
  }
  return spans;
}

/** What calls are told from (CONTRACT §8.2), of all spans of a trace and of those that start within the time. */
async function nodesOf(
  table: SpanTable,
  traceId: TraceId,
  { startUnixNano, endUnixNano }: TimeRange,
  budget: ReadBudget | undefined,
): Promise<{ readonly nodes: readonly CallNode[]; readonly started: readonly CallNode[] }> {
  const nodes: CallNode[] = [];
  const started: CallNode[] = [];
  for await (const spans of table.outlines(traceId, budget)) {
    for (const span of spans) {
      const node = nodeOf(span);
      nodes.push(node);
      if (span.startTimeUnixNano >= startUnixNano && span.startTimeUnixNano <= endUnixNano) started.push(node);
    }
  }
  return { nodes, started };
}
