import { systemClock } from '@spoor/model';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { SpanLogHandler } from '../span-log.ts';
import { type KafkaSpanLogOptions, kafkaSpanLogConfig } from './config.ts';
import type { FetchedRecord, GroupMember, KafkaDriver, MemberEvents } from './driver.ts';
import { GroupConsumer } from './group-consumer.ts';

const NEVER = new AbortController().signal;
const SEEN = { timeout: 10_000, interval: 5 };

/** A member whose group is the test itself. */
function fakeGroup() {
  const commits: (readonly [number, bigint])[] = [];
  const paused = new Set<number>();
  let events: MemberEvents | undefined;
  let commitFailures = 0;
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
    close: async () => {},
  };
  const driver: KafkaDriver = {
    partitionCount: async () => 1,
    send: async () => {},
    member: () => member,
    close: async () => {},
  };
  return {
    driver,
    commits,
    paused,
    events: () => events!,
    failCommits: (count: number) => {
      commitFailures = count;
    },
  };
}

function records(partition: number, first: number, count: number, bytes = 10): FetchedRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    partition,
    offset: BigInt(first + i),
    timestampMs: 0,
    key: null,
    value: new Uint8Array(bytes),
    headers: new Map(),
  }));
}

async function open(handler: SpanLogHandler, options: Partial<KafkaSpanLogOptions> = {}) {
  const group = fakeGroup();
  const letters: unknown[] = [];
  const consumer = new GroupConsumer('test', handler, kafkaSpanLogConfig({ brokers: ['-'], ...options }), {
    driver: async () => group.driver,
    placeLetter: async (record) => void letters.push(record),
    logger: pino({ level: 'silent' }),
    clock: systemClock,
  });
  await consumer.start();
  return { ...group, consumer, letters };
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
  expect(consumer.lag()).toEqual({ records: 100, bytes: 1_000 });
  for (let n = 0; n < 5; n += 1) {
    await expect.poll(() => deliveries.length, SEEN).toBe(n + 1);
    deliveries[n]?.finish();
  }
  await expect.poll(() => [...paused], SEEN).toEqual([]);
  await expect.poll(() => consumer.lag().records, SEEN).toBe(50);
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
