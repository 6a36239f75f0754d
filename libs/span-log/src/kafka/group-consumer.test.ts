import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createLogMetrics } from '../log-metrics.ts';
import type { SpanLogConsumerOptions, SpanLogHandler } from '../span-log.ts';
import { type KafkaSpanLogOptions, kafkaSpanLogConfig } from './config.ts';
import type { FetchedRecord, GroupMember, KafkaDriver, MemberEvents, OutgoingRecord } from './driver.ts';
import { GroupConsumer } from './group-consumer.ts';
import type { PartitionOffsets } from './group-progress.ts';

const NEVER = new AbortController().signal;
const SEEN = { timeout: 10_000, interval: 5 };

/** A member whose group is the test itself. */
function fakeGroup() {
  const commits: (readonly [number, bigint])[] = [];
  const paused = new Set<number>();
  let events: MemberEvents | undefined;
  let commitFailures = 0;
  let restarts = 0;
  let questions = 0;
  const offsets = new Map<number, PartitionOffsets>();
  const member: GroupMember = {
    start: (given) => {
      events = given;
    },
    pause: (partition) => paused.add(partition),
    resume: (partition) => paused.delete(partition),
    async commit(partition, offset) {
      if (commitFailures > 0) {
        commitFailures -= 1;
        throw new Error('the group is rebalancing');
      }
      commits.push([partition, offset]);
    },
    restart() {
      restarts += 1;
    },
    close: async () => {},
  };
  const driver: KafkaDriver = {
    partitions: async () => ({ count: 1, leaderless: new Set() }),
    maxMessageBytes: async () => 1_048_588,
    async offsets() {
      questions += 1;
      if (offsets.size === 0) throw new Error('no broker answers');
      return new Map(offsets);
    },
    send: async () => {},
    member: () => member,
    close: async () => {},
  };
  return {
    driver,
    commits,
    paused,
    events: () => events!,
    offsets,
    restarts: () => restarts,
    questions: () => questions,
    failCommits: (count: number) => {
      commitFailures = count;
    },
  };
}

interface RecordOptions {
  readonly bytes?: number;
  readonly timestampMs?: number;
  readonly spanCount?: number;
}

function records(
  partition: number,
  first: number,
  count: number,
  { bytes = 10, timestampMs = 0, spanCount }: RecordOptions = {},
): FetchedRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    partition,
    offset: BigInt(first + i),
    timestampMs,
    key: null,
    value: new Uint8Array(bytes),
    headers: new Map(spanCount === undefined ? [] : [['spoor-span-count', Buffer.from(String(spanCount))]]),
  }));
}

async function open(
  handler: SpanLogHandler,
  options: Partial<KafkaSpanLogOptions> = {},
  consumerOptions: SpanLogConsumerOptions = {},
) {
  const group = fakeGroup();
  const letters: unknown[] = [];
  const metrics = new Registry();
  let letterFailures = 0;
  const dependencies = {
    driver: async () => group.driver,
    async placeLetter(record: OutgoingRecord) {
      letterFailures -= 1;
      if (letterFailures >= 0) throw new Error('the topic is away');
      letters.push(record);
    },
    logger: pino({ level: 'silent' }),
    metrics: createLogMetrics(metrics),
    clock: { nowMs: () => now },
  };
  let now = 1_000_000;
  const config = kafkaSpanLogConfig({ brokers: ['-'], ...options });
  const consumer = new GroupConsumer('test', handler, config, dependencies, consumerOptions);
  await consumer.start();
  return {
    ...group,
    consumer,
    letters,
    async count(name: string, labels: Readonly<Record<string, string>> = {}) {
      const metric = await metrics.getSingleMetric(name)?.get();
      const matching = metric?.values.filter((value) =>
        Object.entries(labels).every(([k, v]) => value.labels[k] === v),
      );
      return matching?.reduce((sum, { value }) => sum + value, 0) ?? 0;
    },
    failLetters(count: number) {
      letterFailures = count;
    },
    pass(milliseconds: number) {
      now += milliseconds;
    },
  };
}

/** A handler that waits to be told, delivery by delivery. */
function heldHandler() {
  const deliveries: { offsets: number[]; signal: AbortSignal; finish: () => void }[] = [];
  const handler: SpanLogHandler = (given, signal) =>
    new Promise((resolve) => {
      deliveries.push({
        offsets: given.map(({ offset }) => Number(offset)),
        signal,
        finish: () => resolve([]),
      });
    });
  return { deliveries, handler };
}

test('what was not finished when the partition was taken away is not committed', async () => {
  const { deliveries, handler } = heldHandler();
  const { events, commits, consumer } = await open(handler);
  events().assigned([0]);
  events().records(0, records(0, 0, 2), 2n);
  await expect.poll(() => deliveries.length, SEEN).toBe(1);
  events().revoked();
  expect(deliveries[0]?.signal.aborted).toBe(true);
  deliveries[0]?.finish();
  await consumer.stop(NEVER);
  expect(commits).toEqual([]);
});

test('a partition that comes back waits for the end of its interrupted delivery', async () => {
  const { deliveries, handler } = heldHandler();
  const { events, commits, consumer } = await open(handler);
  events().assigned([0]);
  events().records(0, records(0, 0, 2), 2n);
  await expect.poll(() => deliveries.length, SEEN).toBe(1);
  events().revoked();
  events().assigned([0, 1]);
  events().records(0, records(0, 0, 2), 2n);
  events().records(1, records(1, 7, 1), 8n);
  // The other partition is not held up.
  await expect.poll(() => deliveries.map(({ offsets }) => offsets), SEEN).toEqual([[0, 1], [7]]);
  deliveries[0]?.finish();
  await expect.poll(() => deliveries.map(({ offsets }) => offsets), SEEN).toEqual([[0, 1], [7], [0, 1]]);
  deliveries[1]?.finish();
  deliveries[2]?.finish();
  await expect.poll(() => commits.length, SEEN).toBe(2);
  expect(commits).toEqual(
    expect.arrayContaining([
      [0, 2n],
      [1, 8n],
    ]),
  );
  await consumer.stop(NEVER);
});

test('a partition is paused while a delivery waits, all of them while the bound is reached', async () => {
  const { deliveries, handler } = heldHandler();
  const { events, paused, consumer } = await open(handler, { maxDeliveryBytes: 100, maxFetchedBytes: 500 });
  events().assigned([0, 1]);
  events().records(0, records(0, 0, 10), 100n);
  await expect.poll(() => deliveries.length, SEEN).toBe(1);
  expect([...paused]).toEqual([]);
  events().records(0, records(0, 10, 10), 100n);
  expect([...paused]).toEqual([0]);
  events().records(0, records(0, 20, 30), 100n);
  expect([...paused]).toEqual([0, 1]);
  for (let n = 0; n < 5; n += 1) {
    await expect.poll(() => deliveries.length, SEEN).toBe(n + 1);
    deliveries[n]?.finish();
  }
  await expect.poll(() => [...paused], SEEN).toEqual([]);
  await consumer.stop(NEVER);
});

test('a commit that fails is tried again and stops nothing', async () => {
  const { events, commits, consumer, failCommits } = await open(async () => []);
  failCommits(2);
  events().assigned([0]);
  events().records(0, records(0, 0, 3), 3n);
  await expect.poll(() => commits, SEEN).toEqual([[0, 3n]]);
  await consumer.stop(NEVER);
});

test('stop() lets the delivery that is under way end, and takes no other', async () => {
  const { deliveries, handler } = heldHandler();
  const { events, commits, consumer } = await open(handler, { maxDeliveryBytes: 20 });
  events().assigned([0]);
  events().records(0, records(0, 0, 4), 4n);
  await expect.poll(() => deliveries.length, SEEN).toBe(1);
  const stopped = consumer.stop(NEVER);
  deliveries[0]?.finish();
  await stopped;
  expect(deliveries.map(({ offsets }) => offsets)).toEqual([[0, 1]]);
  expect(commits).toEqual([[0, 2n]]);
});

test('letters count once they are placed, those that were placed are not placed again, and nothing is skipped', async () => {
  const poison: SpanLogHandler = async (given) =>
    given.map((record) => ({ record, reason: 'too_deep' as const, message: 'as told', spanCount: 2 }));
  const { events, commits, consumer, count, failLetters, letters } = await open(poison);
  failLetters(1);
  events().assigned([0]);
  const empty = records(0, 1, 1).map((record) => ({ ...record, value: null }));
  events().records(0, [...records(0, 0, 1), ...empty, ...records(0, 2, 1)], 3n);
  await expect.poll(() => letters.length, SEEN).toBe(2);
  expect(commits).toEqual([]);
  expect(await count('spoor_records_dead_lettered_total')).toBe(2);
  await expect.poll(() => commits, SEEN).toEqual([[0, 3n]]);
  expect(letters).toHaveLength(3);
  // The one without a value is of nobody knows how many spans.
  expect(await count('spoor_records_dead_lettered_total', { reason: 'malformed' })).toBe(1);
  expect(await count('spoor_records_dead_lettered_total', { reason: 'too_deep' })).toBe(2);
  expect(await count('spoor_spans_dead_lettered_total')).toBe(4);
  expect(await count('spoor_span_log_consumed_records_total')).toBe(3);
  await consumer.stop(NEVER);
});

test('readiness tells that dead letters cannot be placed, until they can', async () => {
  const poison: SpanLogHandler = async (given) =>
    given.map((record) => ({ record, reason: 'malformed' as const, message: 'as told', spanCount: 1 }));
  const { events, commits, consumer, failLetters } = await open(poison);
  failLetters(Number.POSITIVE_INFINITY);
  events().assigned([0]);
  events().records(0, records(0, 0, 1), 1n);
  await expect.poll(() => consumer.readiness().reason ?? '', SEEN).toContain('dead letters cannot be written');
  failLetters(0);
  await expect.poll(() => commits, SEEN).toEqual([[0, 1n]]);
  await expect.poll(() => consumer.readiness(), SEEN).toEqual({ ready: true });
  await consumer.stop(NEVER);
});

test('lag: unknown before the brokers answered, then exact for what is fetched and estimated for the rest', async () => {
  const { deliveries, handler } = heldHandler();
  const { events, consumer, offsets, pass } = await open(handler, { stallTimeoutMs: 40, maxDeliveryBytes: 20 });
  expect(consumer.lag().seconds).toBeNaN();
  events().assigned([0, 1]);
  expect(consumer.lag().records).toBeNaN();
  offsets.set(0, { committed: 10n, start: 0n, end: 20n });
  offsets.set(1, { committed: -1n, start: 5n, end: 5n });
  // Before any record was seen each counts as one span.
  await expect.poll(() => consumer.lag(), SEEN).toEqual({ records: 10, spans: 10, bytes: 0, seconds: 0 });
  pass(1_000);
  expect(consumer.lag().seconds).toBe(1);
  const old = records(0, 10, 4, { spanCount: 7, timestampMs: 991_000 });
  events().records(0, old, 20n);
  // 4 records of 7 spans and 10 bytes are here, 6 more lie in the log.
  expect(consumer.lag()).toEqual({ records: 10, spans: 70, bytes: 100, seconds: 10 });
  events().records(0, records(0, 14, 2, { timestampMs: 1_001_000 }), 30n);
  expect(consumer.lag()).toEqual({ records: 20, spans: 140, bytes: 200, seconds: 10 });
  await expect.poll(() => deliveries.length, SEEN).toBe(1);
  deliveries[0]?.finish();
  await expect.poll(() => deliveries.length, SEEN).toBe(2);
  expect(consumer.lag()).toMatchObject({ records: 18, seconds: 10 });
  deliveries[1]?.finish();
  await expect.poll(() => consumer.lag(), SEEN).toMatchObject({ records: 16, seconds: 0 });
  deliveries[2]?.finish();
  await consumer.stop(NEVER);
});

test('lag through a rebalance: what stays counts on, what goes is gone, what comes waits for the brokers', async () => {
  const { events, consumer, offsets } = await open(async () => [], { stallTimeoutMs: 40 });
  offsets.set(0, { committed: 0n, start: 0n, end: 30n });
  offsets.set(1, { committed: 2n, start: 0n, end: 9n });
  events().assigned([0, 1]);
  await expect.poll(() => consumer.lag().records, SEEN).toBe(37);
  events().revoked();
  expect(consumer.lag().records).toBe(37);
  // The brokers do not know yet what the other member did.
  offsets.clear();
  events().assigned([0, 2]);
  expect(consumer.lag().records).toBe(37);
  offsets.set(0, { committed: 20n, start: 0n, end: 30n });
  offsets.set(2, { committed: 1n, start: 0n, end: 2n });
  await expect.poll(() => consumer.lag().records, SEEN).toBe(11);
  events().assigned([]);
  expect(consumer.lag().records).toBe(0);
  await consumer.stop(NEVER);
});

test('marks of transactions at the end of a partition are no lag', async () => {
  const { events, commits, consumer, offsets } = await open(async () => [], { stallTimeoutMs: 40 });
  offsets.set(0, { committed: -1n, start: 0n, end: 3n });
  events().assigned([0]);
  events().records(0, records(0, 0, 2), 3n);
  events().skipped(0, 3n);
  await expect.poll(() => commits.at(-1), SEEN).toEqual([0, 3n]);
  await expect.poll(() => consumer.lag().records, SEEN).toBe(0);
  offsets.set(0, { committed: 3n, start: 0n, end: 5n });
  events().skipped(0, 5n);
  await expect.poll(() => commits.at(-1), SEEN).toEqual([0, 5n]);
  await consumer.stop(NEVER);
});

test('a partition that has records which never come is fetched anew, and readiness names it until it moves', async () => {
  const { events, consumer, count, offsets, pass, restarts, questions } = await open(async () => [], {
    stallTimeoutMs: 40,
  });
  offsets.set(0, { committed: 4n, start: 0n, end: 9n });
  offsets.set(1, { committed: 7n, start: 0n, end: 7n });
  events().assigned([0, 1]);
  await expect.poll(() => consumer.lag().records, SEEN).toBe(5);
  expect(restarts()).toBe(0);
  pass(40);
  await expect.poll(restarts, SEEN).toBe(1);
  expect(consumer.readiness()).toEqual({
    ready: false,
    reason: 'no progress for 40 ms: partition 0 stands still at offset 4, 5 records behind',
  });
  expect(await count('spoor_span_log_stalls_total')).toBe(1);
  // Given the time to do something about it.
  const asked = questions();
  await expect.poll(questions, SEEN).toBeGreaterThan(asked + 2);
  expect(restarts()).toBe(1);
  events().revoked();
  expect(consumer.readiness().ready).toBe(false);
  events().assigned([0, 1]);
  events().records(0, records(0, 4, 5), 9n);
  await expect.poll(() => consumer.readiness(), SEEN).toEqual({ ready: true });
  await consumer.stop(NEVER);
});

test.each(['silence', 'storage trouble', 'brokers that do not answer', 'a full memory'])(
  '%s is no stall',
  async (cause) => {
    const { deliveries, handler } = heldHandler();
    const trouble = cause === 'storage trouble' ? 'the disk is full' : undefined;
    const { events, consumer, count, offsets, pass, restarts, questions } = await open(
      handler,
      { stallTimeoutMs: 40, maxFetchedBytes: 50 },
      { storageTrouble: () => trouble },
    );
    offsets.set(0, { committed: 4n, start: 0n, end: cause === 'silence' ? 4n : 9n });
    offsets.set(1, { committed: 0n, start: 0n, end: 10n });
    events().assigned(cause === 'a full memory' ? [0, 1] : [0]);
    if (cause === 'a full memory') events().records(1, records(1, 0, 10), 10n);
    await expect.poll(() => consumer.lag().records, SEEN).not.toBeNaN();
    if (cause === 'brokers that do not answer') offsets.clear();
    for (let n = 0; n < 5; n += 1) {
      const asked = questions();
      await expect.poll(questions, SEEN).toBeGreaterThan(asked + 1);
      pass(cause === 'a full memory' ? 15 : 100);
      // The memory is full, but what fills it moves on.
      if (cause === 'a full memory') events().records(1, records(1, 10 * (n + 1), 10), BigInt(10 * (n + 3)));
    }
    offsets.set(0, { committed: 4n, start: 0n, end: cause === 'silence' ? 4n : 9n });
    const asked = questions();
    await expect.poll(questions, SEEN).toBeGreaterThan(asked + 1);
    expect({ restarts: restarts(), stalls: await count('spoor_span_log_stalls_total') }).toEqual({
      restarts: 0,
      stalls: 0,
    });
    expect(consumer.readiness()).toEqual({ ready: true });
    for (const { finish } of deliveries) finish();
    await consumer.stop(AbortSignal.abort());
  },
);

test('a handler that never ends is told, and joining again is not tried, because it cannot help', async () => {
  const { deliveries, handler } = heldHandler();
  const { events, consumer, offsets, pass, restarts } = await open(handler, { stallTimeoutMs: 40 });
  offsets.set(0, { committed: 0n, start: 0n, end: 2n });
  events().assigned([0]);
  events().records(0, records(0, 0, 2), 2n);
  await expect.poll(() => deliveries.length, SEEN).toBe(1);
  await expect.poll(() => consumer.lag().records, SEEN).toBe(2);
  await expect
    .poll(() => {
      pass(40);
      return consumer.readiness().ready;
    }, SEEN)
    .toBe(false);
  expect(restarts()).toBe(0);
  deliveries[0]?.finish();
  await expect.poll(() => consumer.readiness(), SEEN).toEqual({ ready: true });
  await consumer.stop(NEVER);
});

test('it is ready once it is in its group, with partitions or without, and not when it stays outside', async () => {
  const { events, consumer, pass } = await open(async () => [], { sessionTimeoutMs: 6_000 });
  expect(consumer.readiness()).toEqual({ ready: false, reason: 'not in the consumer group test: joining it' });
  events().trouble('joining the group', new Error('who are you?'));
  expect(consumer.readiness().reason).toContain('Kafka failed while joining the group: who are you?');
  events().assigned([]);
  expect(consumer.readiness()).toEqual({ ready: true });
  events().revoked();
  events().revoked();
  pass(6_000);
  expect(consumer.readiness()).toEqual({ ready: true });
  events().trouble('joining the group', new Error('not you again'));
  pass(1);
  expect(consumer.readiness()).toMatchObject({ ready: false, reason: expect.stringContaining('not you again') });
  events().assigned([0]);
  expect(consumer.readiness()).toEqual({ ready: true });
  await consumer.stop(NEVER);
});
