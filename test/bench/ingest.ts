import { setTimeout as sleep } from 'node:timers/promises';
import { startAllInOne } from '../harness/index.ts';
import type { Bench } from './bench.ts';
import { rounded } from './bench.ts';
import { startLoad } from './load.ts';

const CASES = { 'otlp-http': 'otlpHttp', 'otlp-grpc': 'otlpGrpc' } as const;
const DEFAULT_SPANS = 1_000_000;
const CONCURRENCY = 16;
/** What the process still does for the spans after the last acknowledgement counts as well. */
const SETTLE_MS = 3_000;

/**
 * What taking spans costs the all-in-one, from the socket to the durable store: an empty data directory, requests of 100 spans of
 * about 500 bytes from another process, each acknowledged when it is durable. CPU and memory are the all-in-one's own, all its
 * threads, from after the start to a while after the last acknowledgement. `--spans=200000` makes it shorter,
 * `--cpu-prof=<directory>` leaves a profile.
 */
export const benchIngest: Bench = async ({ wants, option, report, note }) => {
  const spans = Number(option('spans') ?? DEFAULT_SPANS);
  const profileDirectory = option('cpu-prof');
  for (const [name, listener] of Object.entries(CASES)) {
    if (!wants(name)) continue;
    await using spoor = await startAllInOne({
      nodeArgs: profileDirectory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`],
    });
    note(`ingest: ${name}, ${spans} spans`);
    const load = await startLoad(name, spoor.addresses[listener], spans, CONCURRENCY);
    const before = spoor.cpuSeconds();
    const result = await load.run();
    await sleep(SETTLE_MS);
    const cpuSeconds = spoor.cpuSeconds() - before;
    const stored = (await spoor.metrics()).sum('spoor_spans_stored_total');
    if (stored !== spans) throw new Error(`${spans} spans were acknowledged, ${stored} stored`);
    report({
      case: name,
      spans,
      cpuSecondsPerMillionSpans: rounded((cpuSeconds / spans) * 1e6),
      spansPerSecond: Math.round(spans / result.seconds),
      peakRssMiB: Math.round(spoor.peakRssBytes() / 2 ** 20),
      resentRequests: result.resent,
      concurrency: CONCURRENCY,
    });
  }
};
