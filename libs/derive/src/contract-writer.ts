import type { SpanWriter, Storage } from '@spoor/storage';
import { Registry } from 'prom-client';
import { derivingWriter } from './deriving-writer.ts';
import { createMetricsDeriver } from './metrics-deriver.ts';

const CENTURY_MS = 100 * 365 * 86_400_000;
let logs = 0;

/**
 * The store's writer with the metrics that an ingester would derive, for the contract suite of a store that keeps slices: each
 * batch is a record of a log of one partition, and spans may be of any age.
 */
export function contractWriter({ writer, metricsSlices }: Pick<Storage, 'writer' | 'metricsSlices'>): SpanWriter {
  if (metricsSlices === undefined) return writer;
  logs += 1;
  const log = `contract-${process.pid}-${logs}`;
  const deriver = createMetricsDeriver(
    { log, maxSpanAgeMs: CENTURY_MS, maxSlices: 100 },
    { slices: metricsSlices, metrics: new Registry() },
  );
  let partitions = 0;
  return {
    write(batches, context) {
      // A partition of its own, because calls may be concurrent.
      partitions += 1;
      const place = { partition: partitions, appendedAtMs: Date.now() };
      const records = batches.map((batch, offset) => ({ ...batch, ...place, offset: BigInt(offset) }));
      return derivingWriter(writer, deriver).write(records, context);
    },
  };
}
