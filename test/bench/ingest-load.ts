/** The load of the benches of receivers, a process of its own: waits for `go`, sends, tells what it saw. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createPayloads } from '../fixtures/payloads.ts';
import { grpcSender, httpSender } from '../fixtures/senders.ts';

export interface LoadResult {
  readonly seconds: number;
  /** Requests that had to be sent again. */
  readonly resent: number;
}

const SPANS_PER_REQUEST = 100;
const HOUR_NANOS = 3_600_000_000_000n;
const RESEND_AFTER_MS = 50;

const [transport = '', address = '', spanCount = '0', concurrency = '1'] = process.argv.slice(2);
const connections = Number(concurrency);
const options = transport.endsWith('-gzip') ? ({ compression: 'gzip' } as const) : {};
const senders = transport.startsWith('otlp-grpc')
  ? Array.from({ length: Math.min(4, connections) }, () => grpcSender(address, options))
  : [httpSender(address, connections, options)];
const nextPayload = createPayloads({
  seed: 1,
  spansPerRequest: SPANS_PER_REQUEST,
  startTimeUnixNano: BigInt(Date.now()) * 1_000_000n - HOUR_NANOS,
});
let left = Number(spanCount) / SPANS_PER_REQUEST;
let resent = 0;

async function work(lane: number): Promise<void> {
  const sender = senders[lane % senders.length]!;
  while (left > 0) {
    left -= 1;
    const payload = nextPayload();
    for (;;) {
      const { outcome, code, message } = await sender.send(payload);
      if (outcome === 'taken') break;
      if (outcome === 'refused') throw new Error(`refused with ${code}: ${message}`);
      resent += 1;
      await sleep(RESEND_AFTER_MS);
    }
  }
}

process.once('message', async () => {
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: connections }, (_, lane) => work(lane)));
  const result: LoadResult = { seconds: (performance.now() - startedMs) / 1000, resent };
  for (const sender of senders) sender.close();
  process.send?.(result, () => process.disconnect());
});
process.send?.('ready');
