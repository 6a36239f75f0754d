import { setTimeout as after } from 'node:timers/promises';
import { expect } from 'vitest';
import { createTraceRequests, type TraceRequest } from '../fixtures/requests.ts';
import { grpcSender, httpSender, type Sender } from '../fixtures/senders.ts';
import type { AllInOne } from '../harness/index.ts';
import { storedSpanIds } from '../harness/query-api.ts';
import { scenario } from '../harness/scenario.ts';

const ROUNDS = 20;
const LANES = 8;
const SPANS_PER_REQUEST = 10;
/** A kill comes within this after the round's last counted acknowledgement. */
const MAX_KILL_DELAY_MS = 60;
const MAX_ACKNOWLEDGED_PER_ROUND = 120;

/** Mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Senders over both transports until the process is killed, at a moment of the random numbers' choosing. What was not
 * acknowledged is in `unacknowledged` then: it may be stored or not.
 */
async function loadUntilKilled(
  spoor: AllInOne,
  next: () => TraceRequest,
  random: () => number,
  acknowledged: TraceRequest[],
  unacknowledged: TraceRequest[],
): Promise<void> {
  const senders: Sender[] = [httpSender(spoor.addresses.otlpHttp), grpcSender(spoor.addresses.otlpGrpc)];
  const killAt = acknowledged.length + Math.floor(random() * MAX_ACKNOWLEDGED_PER_ROUND);
  let killed: Promise<void> | undefined;
  const lane = async (index: number) => {
    const sender = senders[index % senders.length]!;
    while (!spoor.exited()) {
      const request = unacknowledged.pop() ?? next();
      const { outcome, message } = await sender.send(request.bytes);
      if (outcome === 'refused') throw new Error(`a good request was refused: ${message}`);
      (outcome === 'taken' ? acknowledged : unacknowledged).push(request);
      if (acknowledged.length >= killAt) killed ??= after(random() * MAX_KILL_DELAY_MS).then(() => spoor.kill9());
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, index) => lane(index)));
  for (const sender of senders) sender.close();
  await killed;
}

scenario(
  'killed at any moment, no acknowledged span is missing and none is there twice',
  async ({ spoor }) => {
    const random = randomNumbers(20);
    const next = createTraceRequests(20, SPANS_PER_REQUEST);
    const acknowledged: TraceRequest[] = [];
    const unacknowledged: TraceRequest[] = [];

    for (let round = 0; round < ROUNDS; round += 1) {
      await loadUntilKilled(spoor, next, random, acknowledged, unacknowledged);
      expect(spoor.exited()).toBe(true);
      await spoor.restart();
    }
    // Whoever got no answer sends again, as the protocol says.
    const sender = httpSender(spoor.addresses.otlpHttp);
    for (const request of unacknowledged.splice(0)) {
      expect(await sender.send(request.bytes)).toMatchObject({ outcome: 'taken' });
      acknowledged.push(request);
    }
    sender.close();

    expect(acknowledged.length).toBeGreaterThan(ROUNDS);
    const wrong: string[] = [];
    for (const { traceId, spanIds } of acknowledged) {
      const stored = await storedSpanIds(spoor.addresses.queryHttp, traceId);
      if (stored.join() !== spanIds.join()) wrong.push(`${traceId}: ${stored.length} of ${spanIds.length} spans`);
    }
    expect(wrong).toEqual([]);
  },
  180_000,
);
