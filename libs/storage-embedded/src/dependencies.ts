import type { DependencyLink, TimeRange } from '@spoor/storage';
import type { ReadEngine } from './read-engine.ts';
import type { Source } from './source.ts';
import { NO_PARENT, PARENT_ELSEWHERE } from './span-index.ts';
import { findSpans, joinWords } from './spans-of-trace.ts';

/** Calls between services: each span that starts within `time` and whose parent is stored, in whichever source. */
export function findDependencies(engine: ReadEngine, tenant: string, time: TimeRange): DependencyLink[] {
  return engine.reading(tenant, (sources) => {
    const counts = new Map<string, Map<string, number>>();
    const count = (parent: string, child: string) => {
      const children = counts.get(parent) ?? new Map<string, number>();
      counts.set(parent, children);
      children.set(child, (children.get(child) ?? 0) + 1);
    };
    for (const source of sources) countIn(engine, sources, source, time, count);
    const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
    return [...counts]
      .flatMap(([parent, children]) => [...children].map(([child, callCount]) => ({ parent, child, callCount })))
      .sort((a, b) => byName(a.parent, b.parent) || byName(a.child, b.child));
  });
}

function countIn(
  engine: ReadEngine,
  sources: readonly Source[],
  source: Source,
  time: TimeRange,
  count: (parent: string, child: string) => void,
): void {
  const first = joinWords(source.minStartHigh, source.minStartLow);
  const last = joinWords(source.maxStartHigh, source.maxStartLow);
  if (first > time.endUnixNano || last < time.startUnixNano) return;
  const isWithin = first >= time.startUnixNano && last <= time.endUnixNano;
  for (let stripe = 0; stripe * source.stripeSpans < source.count; stripe += 1) {
    const hot = source.hot(stripe);
    const spans = Math.min(source.stripeSpans, source.count - stripe * source.stripeSpans);
    for (let at = 0; at < spans; at += 1) {
      const parentOrigin = hot.parentOrigin[at]!;
      if (parentOrigin === NO_PARENT) continue;
      if (!isWithin) {
        const start = joinWords(hot.startHigh[at]!, hot.startLow[at]!);
        if (start < time.startUnixNano || start > time.endUnixNano) continue;
      }
      const child = source.origins[hot.origin[at]!]!.service;
      const parent =
        parentOrigin === PARENT_ELSEWHERE
          ? parentElsewhere(engine, sources, source, stripe, at)
          : source.origins[parentOrigin - 2]!.service;
      if (parent !== undefined) count(parent, child);
    }
  }
}

/** The service of a span's parent, looked for among all spans of its trace. */
function parentElsewhere(
  engine: ReadEngine,
  sources: readonly Source[],
  source: Source,
  stripe: number,
  at: number,
): string | undefined {
  const hot = source.hot(stripe);
  const cold = source.cold(stripe);
  const trace = [hot.trace0[at]!, hot.trace1[at]!, hot.trace2[at]!, hot.trace3[at]!] as const;
  for (const found of findSpans(engine, sources, trace)) {
    const number = Math.floor(found.ordinal / found.source.stripeSpans);
    const row = found.ordinal - number * found.source.stripeSpans;
    const ids = found.source.cold(number);
    if (ids.span0[row] !== cold.parent0[at] || ids.span1[row] !== cold.parent1[at]) continue;
    return found.source.origins[found.source.hot(number).origin[row]!]!.service;
  }
  return undefined;
}
