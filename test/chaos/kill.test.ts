import { setTimeout as after } from 'node:timers/promises';
import { decodeTraces } from '@spoor/otlp';
import { expect } from 'vitest';
import { grpcSender, httpSender, type Sender } from '../fixtures/senders.ts';
import { createSpanGenerator } from '../fixtures/spans.ts';
import type { AllInOne } from '../harness/index.ts';
import { scenario } from '../harness/scenario.ts';

const ROUNDS = 20;
const LANES = 8;
const SPANS_PER_REQUEST = 10;
/** A kill comes within this after the round's last counted acknowledgement. */
const MAX_KILL_DELAY_MS = 60;
const MAX_ACKNOWLEDGED_PER_ROUND = 120;

/** One trace, sent whole. */
interface Request {
  readonly traceId: string;
  readonly spanIds: readonly string[];
  readonly bytes: Buffer;
}

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

/** Traces that no other request has. */
function createRequests(seed: number): () => Request {
  const generator = createSpanGenerator({
    seed,
    spansPerTrace: SPANS_PER_REQUEST,
    startTimeUnixNano: BigInt(Date.now()) * 1_000_000n - 60_000_000_000n,
  });
  return () => {
    const bytes = Buffer.from(generator.request(SPANS_PER_REQUEST));
    const spans = decodeTraces(bytes);
    return { traceId: spans[0]?.traceId ?? '', spanIds: spans.map((span) => span.spanId).sort(), bytes };
  };
}

/**
 * Senders over both transports until the process is killed, at a moment of the random numbers' choosing. What was not
 * acknowledged is in `unacknowledged` then: it may be stored or not.
 */
async function loadUntilKilled(
  spoor: AllInOne,
  next: () => Request,
  random: () => number,
  acknowledged: Request[],
  unacknowledged: Request[],
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

/** The span ids of a trace as the query API tells them, duplicates and all. */
async function storedSpanIds(spoor: AllInOne, traceId: string): Promise<string[]> {
  const answer = await fetch(`http://${spoor.addresses.queryHttp}/api/v3/traces/${traceId}`, {
    headers: { accept: 'application/x-protobuf' },
  });
  if (answer.status === 404) return [];
  expect(answer.status).toBe(200);
  return decodeTraces(new Uint8Array(await answer.arrayBuffer()))
    .map((span) => span.spanId)
    .sort();
}

scenario(
  'killed at any moment, no acknowledged span is missing and none is there twice',
  async ({ spoor }) => {
    const random = randomNumbers(20);
    const next = createRequests(20);
    const acknowledged: Request[] = [];
    const unacknowledged: Request[] = [];

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
      const stored = await storedSpanIds(spoor, traceId);
      if (stored.join() !== spanIds.join()) wrong.push(`${traceId}: ${stored.length} of ${spanIds.length} spans`);
    }
    expect(wrong).toEqual([]);
  },
  180_000,
);
