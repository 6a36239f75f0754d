import type { MetricsQuery, MetricsSlice, ServiceMinute } from './metrics.ts';
import { ServiceCounts } from './operation-metrics.ts';

/** Adds up what the query asks for of slices in any order. */
export class SliceSum {
  private readonly query: MetricsQuery;
  private readonly services = new Map<string, Map<number, ServiceCounts>>();

  constructor(query: MetricsQuery) {
    this.query = query;
  }

  add({ service, minute, operations }: Pick<MetricsSlice, 'service' | 'minute' | 'operations'>): void {
    const { services, spanKinds, firstMinute, lastMinute } = this.query;
    if (!services.includes(service) || minute < firstMinute || minute > lastMinute) return;
    const asked = spanKinds === undefined ? operations : operations.filter((one) => spanKinds.includes(one.spanKind));
    if (asked.length > 0) this.countsOf(service, minute).addMetrics(asked);
  }

  /** As `MetricsReader.readMetrics` gives them. */
  minutes(): ServiceMinute[] {
    return [...this.services]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([service, minutes]) =>
        [...minutes]
          .sort(([a], [b]) => a - b)
          .map(([minute, counts]) => ({ service, minute, operations: counts.operations() })),
      );
  }

  /** What is counted of a service and minute, for a store that counts spans themselves. */
  countsOf(service: string, minute: number): ServiceCounts {
    const minutes = this.services.get(service) ?? new Map<number, ServiceCounts>();
    this.services.set(service, minutes);
    const counts = minutes.get(minute) ?? new ServiceCounts(Number.POSITIVE_INFINITY);
    minutes.set(minute, counts);
    return counts;
  }
}
