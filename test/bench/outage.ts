import { setTimeout as sleep } from 'node:timers/promises';
import { createPayloads } from '../fixtures/payloads.ts';
import { grpcSender, httpSender, type Sender } from '../fixtures/senders.ts';
import { type Collector, startCollector, startOwnKafka } from '../harness/index.ts';
import type { Bench } from './bench.ts';
import { rounded } from './bench.ts';

const PARTITIONS = 12;
const SPANS_PER_REQUEST = 100;
const HOUR_NANOS = 3_600_000_000_000n;
const WARM_UP_MS = 30_000;
const SAMPLE_EVERY_MS = 1_000;
/** A sender that got no answer at all, or none that says how long to wait. */
const RESEND_AFTER_MS = 1_000;
const TOPIC = 'outage';

/**
 * What a collector does while Kafka is away: its memory, and what senders are told. `--senders=100` (half of them over HTTP, half
 * over gRPC, each with a connection of its own) send one request of 100 spans after the other, at `--rate=20000` spans a second
 * together, and wait as long as they are told before they send the same again. The broker dies after 30 seconds, stays away for
 * `--minutes=10`, and comes back; the bench ends when every request is acknowledged.
 */
export const benchOutage: Bench = async ({ option, report, note, wants }) => {
  const name = 'otlp';
  if (!wants(name)) return;
  const minutes = Number(option('minutes') ?? 10);
  const senderCount = Number(option('senders') ?? 100);
  const rate = Number(option('rate') ?? 20_000);
  const outside = await startOwnKafka();
  if ('missing' in outside) throw new Error(`${outside.missing}. ${outside.remedy}`);
  const kafka = outside.found;
  try {
    await kafka.createTopic(TOPIC, { partitions: PARTITIONS });
    await using collector = await startCollector({ brokers: kafka.brokers, topic: TOPIC });
    const memory = watchMemory(collector);
    const load = startSenders(collector, senderCount, (senderCount * SPANS_PER_REQUEST * 1000) / rate);

    note(`outage: ${senderCount} senders, ${rate} spans/s, the broker is there`);
    await sleep(WARM_UP_MS);
    const before = { ...load.counts };
    const rssBefore = memory.peakSoFar();
    note(`outage: the broker is away for ${minutes} minutes`);
    await kafka.kill();
    await sleep(minutes * 60_000);
    const during = { ...load.counts };
    const rssDuring = memory.peakSoFar();
    const rssAtTheEnd = collector.rssBytes();

    note('outage: the broker comes back');
    await kafka.revive();
    const revivedMs = performance.now();
    await load.finish();
    const seconds = (performance.now() - revivedMs) / 1000;
    memory.stop();
    report({
      case: name,
      minutes,
      senders: senderCount,
      spansBefore: before.taken * SPANS_PER_REQUEST,
      rssBeforeMiB: mebibytes(rssBefore),
      rssPeakDuringMiB: mebibytes(rssDuring),
      rssAtItsEndMiB: mebibytes(rssAtTheEnd),
      peakRssMiB: mebibytes(collector.peakRssBytes()),
      toldToWait: during.toldToWait - before.toldToWait,
      toldHowLong: during.toldHowLong - before.toldHowLong,
      unanswered: during.unanswered - before.unanswered,
      takenDuring: during.taken - before.taken,
      secondsUntilAllTaken: rounded(seconds),
      spansTaken: load.counts.taken * SPANS_PER_REQUEST,
      spansNotTaken: (load.counts.begun - load.counts.taken) * SPANS_PER_REQUEST,
    });
  } finally {
    await kafka.stop();
  }
};

interface Counts {
  /** Different requests. */
  begun: number;
  /** Requests that were acknowledged. */
  taken: number;
  /** Answers 429, 503, RESOURCE_EXHAUSTED, UNAVAILABLE, and those of them with Retry-After or RetryInfo. */
  toldToWait: number;
  toldHowLong: number;
  /** Attempts that ended without an answer of the collector's. */
  unanswered: number;
}

interface Senders {
  readonly counts: Counts;
  /** Begins no more requests; resolves when those begun are acknowledged. */
  finish(): Promise<void>;
}

function startSenders(collector: Collector, count: number, pauseMs: number): Senders {
  const nextPayload = createPayloads({
    seed: 1,
    spansPerRequest: SPANS_PER_REQUEST,
    startTimeUnixNano: BigInt(Date.now()) * 1_000_000n - HOUR_NANOS,
  });
  const counts: Counts = { begun: 0, taken: 0, toldToWait: 0, toldHowLong: 0, unanswered: 0 };
  const { otlpHttp, otlpGrpc } = collector.addresses;
  let finishing = false;

  async function sendUntilTaken(sender: Sender): Promise<void> {
    const payload = nextPayload();
    counts.begun += 1;
    for (;;) {
      const { outcome, code, message, retryAfterMs } = await sender.send(payload);
      if (outcome === 'refused') throw new Error(`a good request was refused with ${code}: ${message}`);
      if (outcome === 'taken') break;
      if (code === 0) counts.unanswered += 1;
      else counts.toldToWait += 1;
      if (retryAfterMs !== undefined) counts.toldHowLong += 1;
      await sleep(retryAfterMs ?? RESEND_AFTER_MS);
    }
    counts.taken += 1;
  }

  async function lane(index: number): Promise<void> {
    const sender = index % 2 === 0 ? httpSender(otlpHttp, 1) : grpcSender(otlpGrpc);
    await sleep((index / count) * pauseMs);
    while (!finishing) {
      const begunMs = performance.now();
      await sendUntilTaken(sender);
      await sleep(Math.max(0, pauseMs - (performance.now() - begunMs)));
    }
    sender.close();
  }

  const lanes = Promise.all(Array.from({ length: count }, (_, index) => lane(index)));
  lanes.catch(() => undefined);
  return {
    counts,
    async finish() {
      finishing = true;
      await lanes;
    },
  };
}

/** The greatest resident set between two questions. */
function watchMemory(collector: Collector): { peakSoFar(): number; stop(): void } {
  let peak = 0;
  const timer = setInterval(() => {
    if (collector.exited()) {
      const last = collector.logs().slice(-5);
      throw new Error(`the collector ended; it logged: ${JSON.stringify(last)}`);
    }
    peak = Math.max(peak, collector.rssBytes());
  }, SAMPLE_EVERY_MS);
  return {
    peakSoFar() {
      const seen = peak;
      peak = 0;
      return seen;
    },
    stop: () => clearInterval(timer),
  };
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
