import { attributeValueAt, SpanCursor } from '@spoor/otlp';
import type { OperationThroughput } from '@spoor/storage';

/** Distinct probabilities that are kept of an operation. */
const MAX_PROBABILITIES = 10;
/** Names come from senders: beyond this many operations in an interval, new ones are not counted. */
const MAX_OPERATIONS = 10_000;

const SAMPLER_TYPES: ReadonlySet<unknown> = new Set(['probabilistic', 'lowerbound', 'ratelimiting', 'const']);

interface Counted {
  readonly service: string;
  readonly operation: string;
  count: number;
  readonly probabilities: Set<string>;
}

/** A probability as the collectors compare it. */
export function probabilityText(probability: number): string {
  return probability.toFixed(6);
}

/** One name for a service and its operation. */
export function keyOf(service: string, operation: string): string {
  return `${service}\0${operation}`;
}

/** Counts the root spans that were sampled, by service and operation (CONTRACT §3.4). */
export class ThroughputCounter {
  private operations = new Map<string, Counted>();

  /** Counts the root spans of an OTLP `TracesData` that was scanned: those that say how they were sampled. */
  countSpans(bytes: Uint8Array): void {
    const cursor = new SpanCursor(bytes);
    while (cursor.next()) {
      if (cursor.parentSpanIdAt >= 0) continue;
      const type = attributeOf(cursor, 'sampler.type');
      if (!SAMPLER_TYPES.has(type)) continue;
      const probability = numberOf(attributeOf(cursor, 'sampler.param'));
      if (probability === undefined) continue;
      this.record(cursor.serviceName(), cursor.operationName(), String(type), probability);
    }
  }

  /** Only what was sampled by chance counts; of the rest it is known that the operation is there. */
  record(service: string, operation: string, samplerType: string, probability: number): void {
    const counted = this.find(service, operation);
    if (counted === undefined) return;
    if (counted.probabilities.size < MAX_PROBABILITIES) counted.probabilities.add(probabilityText(probability));
    if (samplerType === 'probabilistic') counted.count += 1;
  }

  /** What was counted since the last time. */
  drain(): readonly OperationThroughput[] {
    const drained = [...this.operations.values()].map((counted) => ({
      ...counted,
      probabilities: [...counted.probabilities],
    }));
    this.operations = new Map();
    return drained;
  }

  /** Takes back what was drained and could not be told. */
  restore(throughput: readonly OperationThroughput[]): void {
    for (const { service, operation, count, probabilities } of throughput) {
      const counted = this.find(service, operation);
      if (counted === undefined) continue;
      counted.count += count;
      for (const text of probabilities)
        if (counted.probabilities.size < MAX_PROBABILITIES) counted.probabilities.add(text);
    }
  }

  private find(service: string, operation: string): Counted | undefined {
    const key = keyOf(service, operation);
    let counted = this.operations.get(key);
    if (counted === undefined && this.operations.size < MAX_OPERATIONS) {
      counted = { service, operation, count: 0, probabilities: new Set() };
      this.operations.set(key, counted);
    }
    return counted;
  }
}

function attributeOf(cursor: SpanCursor, key: string): unknown {
  const row = cursor.spanAttributes.find(cursor.bytes, key);
  return row < 0 ? undefined : attributeValueAt(cursor.bytes, cursor.spanAttributes, row);
}

function numberOf(value: unknown): number | undefined {
  const number =
    typeof value === 'bigint' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
