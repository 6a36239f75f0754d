import { createMetricsDeriver, derivingWriter, type RecordWriter } from '@spoor/derive';
import type { SpanWriter, Storage } from '@spoor/storage';
import type { Registry } from 'prom-client';
import type { IngesterConfig } from './config.ts';

/** Of each partition: what a few hundred services do in a few minutes. */
const MAX_SLICES = 2_000;

export interface StoreWriterDependencies {
  /** The storage's, or what is wrapped around it. */
  readonly writer: SpanWriter;
  readonly slices: Storage['metricsSlices'];
  /** Names the log that the records are of, among all whose spans come into the storage. */
  readonly log: string;
  readonly metrics: Registry;
}

/** Writes spans, and what is derived of them where the storage keeps that. */
export function createStoreWriter(
  { enabled, maxSpanAge, linger }: IngesterConfig['metrics'],
  { writer, slices, log, metrics }: StoreWriterDependencies,
): RecordWriter {
  if (slices === undefined || !enabled) return writer;
  const options = { log, maxSpanAgeMs: maxSpanAge, maxSlices: MAX_SLICES, lingerMs: linger };
  return derivingWriter(writer, createMetricsDeriver(options, { slices, metrics }));
}
