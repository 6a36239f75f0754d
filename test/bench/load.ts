import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LoadResult } from './ingest-load.ts';

/** Senders in a process of their own, ready to go. */
export interface Load {
  /** Resolves when every span is acknowledged. */
  run(): Promise<LoadResult>;
}

/** `transport` is `otlp-http` or `otlp-grpc`, with `-gzip` behind it or not. */
export async function startLoad(transport: string, address: string, spans: number, concurrency: number): Promise<Load> {
  const args = [transport, address, String(spans), String(concurrency)];
  const load = fork(join(import.meta.dirname, 'ingest-load.ts'), args);
  const failed = once(load, 'exit').then(([code]): never => {
    throw new Error(`the load ended with ${code} before it told its result`);
  });
  failed.catch(() => undefined);
  await Promise.race([once(load, 'message'), failed]);
  return {
    async run() {
      load.send('go');
      const [result] = (await Promise.race([once(load, 'message'), failed])) as [LoadResult];
      return result;
    },
  };
}
