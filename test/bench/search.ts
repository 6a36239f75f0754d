import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createSpanGenerator } from '../fixtures/spans.ts';
import type { Bench, BenchContext, BenchResult } from './bench.ts';

const SPANS = 1_000_000;
const REQUESTS = 1000;
const SPANS_PER_REQUEST = 100;

/** The write path of the embedded store alone: requests of 100 spans, eight at a time, with fsync and sealing. */
export const benchStore: Bench = (context) => measure(context, 'store');

/**
 * Searches and look-ups at one million stored spans: in the embedded store, or, when one of the cases `elasticsearch-spoor` and
 * `elasticsearch-jaeger` is named, in Elasticsearch, which takes minutes to fill. `--spans=` changes how many.
 */
export const benchSearch: Bench = async (context) => {
  const isNamed = !context.wants('');
  for (const layout of ['spoor', 'jaeger'] as const) {
    if (!isNamed || !context.wants(`elasticsearch-${layout}`)) continue;
    const { benchSearchElasticsearch } = await import('./search-elasticsearch.ts');
    return benchSearchElasticsearch(layout, Number(context.option('spans') ?? SPANS), context);
  }
  return measure(context, 'search');
};

async function measure({ wants, report, note, option }: BenchContext, mode: 'store' | 'search'): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'spoor-bench-input-'));
  const file = join(directory, 'requests');
  try {
    note(`${mode}: making ${REQUESTS} requests`);
    const generator = createSpanGenerator({ seed: 5 });
    for (let i = 0; i < REQUESTS; i += 1) {
      const request = generator.request(SPANS_PER_REQUEST);
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, request.length, true);
      appendFileSync(file, length);
      appendFileSync(file, request);
    }
    const spans = option('spans') ?? String(SPANS);
    note(`${mode}: storing ${spans} spans`);
    const program = join(import.meta.dirname, 'store-process.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [program, file, spans, mode]);
    for (const line of stdout.trim().split('\n')) {
      const result = JSON.parse(line) as BenchResult;
      if (wants(result.case)) report(result);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}
