import { SpanCursor } from '@spoor/otlp';
import { createLayout, JsonBuffer } from '@spoor/storage-elasticsearch/layouts';
import { elasticsearchConfig } from '@spoor/storage-elasticsearch/settings';
import { createSpanGenerator } from '../fixtures/spans.ts';
import type { Bench } from './bench.ts';
import { cpuSecondsOf, rounded, spreadOf } from './bench.ts';

const SPANS_PER_REQUEST = 100;
const REQUESTS = 100;
const ROUNDS_PER_RUN = 10;
const RUNS = 7;

/**
 * What the ingester pays to make documents for Elasticsearch out of the bytes, in both layouts: requests of 100 spans with 11
 * attributes, 12 of the resource. Each run takes every request several times; the first run warms up and is not counted.
 */
export const benchDocuments: Bench = ({ wants, report, note }) => {
  const generator = createSpanGenerator({ seed: 11 });
  const requests = Array.from({ length: REQUESTS }, () => generator.request(SPANS_PER_REQUEST));
  const action = new TextEncoder().encode('{"create":{"_index":"spoor-span-2026-01-01","_id":"');
  for (const name of ['spoor', 'jaeger'] as const) {
    if (!wants(name)) continue;
    note(`documents: ${name}, ${RUNS} runs`);
    const encoder = createLayout(name, elasticsearchConfig({})).spanEncoder();
    const out = new JsonBuffer(2 ** 20);
    const run = () => {
      for (let round = 0; round < ROUNDS_PER_RUN; round += 1) {
        for (const request of requests) {
          const cursor = new SpanCursor(request);
          out.clear();
          while (cursor.next()) encoder.append(cursor, 'default', action, out);
        }
      }
    };
    run();
    const spansPerRun = SPANS_PER_REQUEST * REQUESTS * ROUNDS_PER_RUN;
    const { median, min, max } = spreadOf(Array.from({ length: RUNS }, () => (cpuSecondsOf(run) / spansPerRun) * 1e6));
    report({
      case: name,
      spans: spansPerRun * RUNS,
      bytesPerSpan: Math.round(out.length / SPANS_PER_REQUEST),
      cpuSecondsPerMillionSpans: rounded(median),
      minCpuSecondsPerMillionSpans: rounded(min),
      maxCpuSecondsPerMillionSpans: rounded(max),
      runs: RUNS,
    });
  }
};
