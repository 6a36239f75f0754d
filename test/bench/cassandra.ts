import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Bench, BenchResult } from './bench.ts';
import { startMeasuredCassandra } from './cassandra-server.ts';

/**
 * Searches and look-ups in a Cassandra of this machine that holds a million spans of about 500 bytes, or as many as `--spans=` says,
 * and what storing them cost. 20 traces a search; `-summarised` is what a list of traces shows of them.
 */
export const benchCassandra: Bench = async ({ wants, option, report, note }) => {
  const server = await startMeasuredCassandra();
  try {
    const spans = option('spans') ?? '1000000';
    note(`cassandra: storing ${spans} spans`);
    const program = join(import.meta.dirname, 'cassandra-process.ts');
    const args = [program, server.host, String(server.port), String(server.pid), spans];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    for await (const line of createInterface({ input: child.stdout })) {
      const result = { ...(JSON.parse(line) as BenchResult), stored: Number(spans) };
      if (wants(result.case)) report(result);
    }
    const [code] = await ended;
    if (code !== 0) throw new Error(`the measured process ended with ${code}`);
  } finally {
    await server.stop();
  }
};
