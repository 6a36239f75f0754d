import { expect, test } from 'vitest';
import { type PlanInput, planTopics } from './plan.ts';

const HOUR_MS = 3_600_000;
const MIB = 2 ** 20;
const INPUT: PlanInput = {
  spansPerSecond: 50_000,
  bytesPerSpan: 500,
  retentionMs: 24 * HOUR_MS,
  outageMs: 4 * HOUR_MS,
  ingesterSpansPerSecond: 10_000,
  brokers: 3,
  maxRequestBytes: 900_000,
};
const settingOf = (input: PlanInput, name: string) => Number(planTopics(input).spans.settings[name]);

test('ingesters take twice the load, and each has two partitions, in a number that brokers share evenly', () => {
  const plan = planTopics(INPUT);
  expect(plan.ingesters).toBe(10);
  expect(plan.spans.partitions).toBe(21);
  expect(planTopics({ ...INPUT, spansPerSecond: 1 }).spans.partitions).toBe(6);
  expect(planTopics({ ...INPUT, spansPerSecond: 1, brokers: 5 }).spans.partitions).toBe(10);
});

test('no partition takes more than 5 MiB a second', () => {
  const heavy = { ...INPUT, bytesPerSpan: 10_000, ingesterSpansPerSecond: 1_000_000 };
  const { partitions } = planTopics(heavy).spans;
  expect(partitions).toBe(96);
  expect((50_000 * 10_000) / partitions).toBeLessThanOrEqual(5 * MIB);
});

test.each([
  [1, 1, 1],
  [2, 2, 2],
  [3, 3, 2],
  [9, 3, 2],
])('%i brokers hold %i copies, of which %i must be in sync', (brokers, replicationFactor, minInSync) => {
  const plan = planTopics({ ...INPUT, brokers });
  for (const topic of [plan.spans, plan.deadLetters]) {
    expect(topic.replicationFactor).toBe(replicationFactor);
    expect(topic.settings['min.insync.replicas']).toBe(String(minInSync));
  }
  expect(plan.warnings.length).toBe(brokers < 3 ? 1 : 0);
});

test('retention is what was asked for, or twice the outage and the catching up where that is longer', () => {
  expect(settingOf(INPUT, 'retention.ms')).toBe(24 * HOUR_MS);
  // Ten ingesters do 100,000 spans/s: 4 h away, 4 h to catch up.
  expect(settingOf({ ...INPUT, retentionMs: HOUR_MS }, 'retention.ms')).toBe(16 * HOUR_MS);
});

test('a partition may hold what the load makes in its retention, and the disk holds all copies of it', () => {
  const plan = planTopics(INPUT);
  const retentionBytes = settingOf(INPUT, 'retention.bytes');
  const segmentBytes = settingOf(INPUT, 'segment.bytes');
  expect(retentionBytes * plan.spans.partitions).toBeGreaterThan(50_000 * 500 * 24 * 3600);
  expect(plan.diskBytes).toBe((retentionBytes + segmentBytes) * 21 * 3);
  expect(plan.diskBytesPerBroker * 3).toBe(plan.diskBytes);
});

test('segments are a tenth of a partition, between 16 MiB and 1 GiB', () => {
  expect(settingOf(INPUT, 'segment.bytes')).toBe(1024 * MIB);
  expect(settingOf({ ...INPUT, spansPerSecond: 1 }, 'segment.bytes')).toBe(16 * MIB);
  const middle = settingOf({ ...INPUT, spansPerSecond: 500 }, 'segment.bytes');
  expect(middle).toBe(344 * MIB);
});

test('a message may be larger than our largest batch, and a dead letter larger than that', () => {
  expect(settingOf(INPUT, 'max.message.bytes')).toBe(1_048_588);
  const large = { ...INPUT, maxRequestBytes: 5 * MIB };
  expect(settingOf(large, 'max.message.bytes')).toBeGreaterThan(5 * MIB);
  const plan = planTopics(large);
  expect(Number(plan.deadLetters.settings['max.message.bytes'])).toBeGreaterThan(
    Number(plan.spans.settings['max.message.bytes']),
  );
});

test('each setting that is planned has its reason', () => {
  const text = planTopics(INPUT).reasons.join('\n');
  for (const name of ['min.insync.replicas', 'retention.ms', 'retention.bytes', 'segment.bytes', 'max.message.bytes'])
    expect(text).toContain(`${name}: ${planTopics(INPUT).spans.settings[name]}`);
});
