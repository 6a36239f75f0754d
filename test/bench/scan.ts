import { decodeTraces, encodeTraces, scanTraces } from '@spoor/otlp';
import { createSpanGenerator } from '../fixtures/spans.ts';
import type { Bench } from './bench.ts';
import { cpuSecondsOf, rounded, spreadOf } from './bench.ts';

const SPANS_PER_REQUEST = 100;
const REQUESTS = 100;
const ROUNDS_PER_RUN = 20;
const RUNS = 7;
/** Of the generator's first traces, so that no span lies in the future. */
const NOW_MS = 1_800_000_000_000;

/**
 * What the bytes path costs: scanning for one partition and for twelve, and for comparison decoding and encoding. Requests of
 * 100 spans of about 500 bytes. Each run takes every request several times; the first run warms up and is not counted.
 */
export const benchScan: Bench = ({ wants, report, note }) => {
  const generator = createSpanGenerator({ seed: 11 });
  const requests = Array.from({ length: REQUESTS }, () => generator.request(SPANS_PER_REQUEST));
  const bytesPerSpan = requests.reduce((sum, request) => sum + request.length, 0) / (REQUESTS * SPANS_PER_REQUEST);
  // Each case prepares what it takes when its turn comes: objects lying about would cost the others garbage collections.
  const cases: Record<string, () => (request: number) => unknown> = {
    'scan-1-partition': () => (request) => scanTraces(requests[request]!, { partitionCount: 1, nowMs: NOW_MS }),
    'scan-12-partitions': () => (request) => scanTraces(requests[request]!, { partitionCount: 12, nowMs: NOW_MS }),
    decode: () => (request) => decodeTraces(requests[request]!),
    encode: () => {
      const decoded = requests.map((request) => decodeTraces(request));
      return (request) => encodeTraces(decoded[request]!);
    },
  };
  for (const [name, prepare] of Object.entries(cases)) {
    if (!wants(name)) continue;
    const take = prepare();
    note(`scan: ${name}, ${RUNS} runs`);
    const run = () => {
      for (let round = 0; round < ROUNDS_PER_RUN; round += 1) for (let i = 0; i < REQUESTS; i += 1) take(i);
    };
    run();
    const spansPerRun = SPANS_PER_REQUEST * REQUESTS * ROUNDS_PER_RUN;
    const costs = Array.from({ length: RUNS }, () => (cpuSecondsOf(run) / spansPerRun) * 1e6);
    const { median, min, max } = spreadOf(costs);
    report({
      case: name,
      spans: spansPerRun * RUNS,
      bytesPerSpan: Math.round(bytesPerSpan),
      cpuSecondsPerMillionSpans: rounded(median),
      minCpuSecondsPerMillionSpans: rounded(min),
      maxCpuSecondsPerMillionSpans: rounded(max),
      runs: RUNS,
    });
  }
};
