import { SPAN_KINDS } from '@spoor/model';
import { encodeOperations, type MetricsQuery, minuteOf, nanosBetween, SliceSum } from '@spoor/storage';
import type { ReadEngine } from './read-engine.ts';
import type { Source } from './source.ts';
import { KIND_BITS, STATUS_ERROR } from './span-index.ts';

/** A `ServiceMinute` as it crosses threads: its operations as `encodeOperations` writes them. */
export interface PackedMinute {
  readonly service: string;
  readonly minute: number;
  readonly operations: string;
}

/** Counts the spans of the minutes that are asked for, in all sources. */
export function findMetrics(engine: ReadEngine, tenant: string, query: MetricsQuery): PackedMinute[] {
  return engine.reading(tenant, (sources) => {
    const sum = new SliceSum(query);
    for (const source of sources) countIn(source, query, sum);
    return sum
      .minutes()
      .map(({ service, minute, operations }) => ({ service, minute, operations: encodeOperations(operations) }));
  });
}

function countIn(source: Source, { services, spanKinds, firstMinute, lastMinute }: MetricsQuery, sum: SliceSum): void {
  if (minuteOf(source.minStartHigh, source.minStartLow) > lastMinute) return;
  if (minuteOf(source.maxStartHigh, source.maxStartLow) < firstMinute) return;
  const isAsked = source.origins.map(({ service }) => services.includes(service));
  if (!isAsked.includes(true)) return;
  const kinds = spanKinds?.map((kind) => SPAN_KINDS.indexOf(kind));
  for (let stripe = 0; stripe * source.stripeSpans < source.count; stripe += 1) {
    const hot = source.hot(stripe);
    const spans = Math.min(source.stripeSpans, source.count - stripe * source.stripeSpans);
    for (let at = 0; at < spans; at += 1) {
      const origin = hot.origin[at]!;
      if (isAsked[origin] !== true) continue;
      const minute = minuteOf(hot.startHigh[at]!, hot.startLow[at]!);
      if (minute < firstMinute || minute > lastMinute) continue;
      const facts = hot.facts[at]!;
      if (kinds !== undefined && !kinds.includes(facts & KIND_BITS)) continue;
      const nanos = nanosBetween(hot.startHigh[at]!, hot.startLow[at]!, hot.endHigh[at]!, hot.endLow[at]!);
      sum
        .countsOf(source.origins[origin]!.service, minute)
        .addSpan(source.operations[hot.operation[at]!]!, facts & KIND_BITS, (facts & STATUS_ERROR) !== 0, nanos);
    }
  }
}
