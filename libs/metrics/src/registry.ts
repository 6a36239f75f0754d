import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS, type MetricDefinition, type MetricName } from './table.ts';

/** A registry with the metrics of the process itself: CPU, memory, event loop, garbage collection. */
export function createMetricsRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** The counter of that name on the registry; made when it is not there yet, so that components of one process share it. */
export function counterOf(registry: Registry, name: MetricName): Counter {
  const existing = registry.getSingleMetric(name);
  return existing instanceof Counter ? existing : new Counter(definitionOf(registry, name, 'counter'));
}

/** As {@link counterOf}. */
export function gaugeOf(registry: Registry, name: MetricName): Gauge {
  const existing = registry.getSingleMetric(name);
  return existing instanceof Gauge ? existing : new Gauge(definitionOf(registry, name, 'gauge'));
}

/** As {@link counterOf}. */
export function histogramOf(registry: Registry, name: MetricName): Histogram {
  const existing = registry.getSingleMetric(name);
  if (existing instanceof Histogram) return existing;
  const buckets = (METRICS[name] as MetricDefinition).buckets;
  return new Histogram({
    ...definitionOf(registry, name, 'histogram'),
    ...(buckets === undefined ? {} : { buckets: [...buckets] }),
  });
}

/** A gauge, or a counter, whose value is asked for whenever metrics are collected. */
export function reportValue(registry: Registry, name: MetricName, valueNow: () => number): void {
  if (METRICS[name].type === 'gauge') {
    new Gauge({
      ...definitionOf(registry, name, 'gauge'),
      collect() {
        this.set(valueNow());
      },
    });
  } else {
    new Counter({
      ...definitionOf(registry, name, 'counter'),
      collect() {
        this.reset();
        this.inc(valueNow());
      },
    });
  }
}

function definitionOf(registry: Registry, name: MetricName, type: MetricDefinition['type']) {
  const definition: MetricDefinition = METRICS[name];
  if (definition.type !== type) throw new TypeError(`${name} is a ${definition.type}, not a ${type}`);
  return { name, help: definition.help, labelNames: [...definition.labels], registers: [registry] };
}
