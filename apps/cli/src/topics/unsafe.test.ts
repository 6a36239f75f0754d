import type { TopicDescription } from '@spoor/span-log';
import { expect, test } from 'vitest';
import { driftOf } from './drift.ts';
import { planTopics } from './plan.ts';
import { unsafeSettings } from './unsafe.ts';

const HOUR_MS = 3_600_000;
const { spans: plan } = planTopics({
  spansPerSecond: 1_000,
  bytesPerSpan: 500,
  retentionMs: 24 * HOUR_MS,
  outageMs: HOUR_MS,
  ingesterSpansPerSecond: 10_000,
  brokers: 3,
  maxRequestBytes: 900_000,
});

function topic(settings: Record<string, string> = {}, replicas: readonly number[] = [1, 2, 3]): TopicDescription {
  return {
    name: 'spans',
    partitions: Array.from({ length: plan.partitions }, (_, partition) => ({
      partition,
      leader: replicas[0] ?? -1,
      replicas,
      inSyncReplicas: replicas,
    })),
    settings: new Map(Object.entries({ ...plan.settings, ...settings })),
  };
}

const messagesOf = (found: TopicDescription | undefined, lagMs = 0, lagBytes = 0) =>
  unsafeSettings({ found, name: 'spans', minMessageBytes: 900_000, lagMs, lagBytes }).map(({ message }) => message);

test('a topic as planned has no findings and no drift', () => {
  expect(messagesOf(topic(), HOUR_MS)).toEqual([]);
  expect(driftOf('spans', topic(), plan)).toEqual([]);
});

test.each<[string, TopicDescription | undefined, RegExp]>([
  ['there is no topic', undefined, /does not exist/],
  ['one copy', topic({ 'min.insync.replicas': '1' }, [1]), /replication factor is 1/],
  ['one copy in sync', topic({ 'min.insync.replicas': '1' }), /min\.insync\.replicas is 1/],
  ['more copies in sync than there are', topic({ 'min.insync.replicas': '4' }), /nothing can be written$/],
  ['all copies in sync', topic({ 'min.insync.replicas': '3' }), /while a broker is away/],
  ['unclean elections', topic({ 'unclean.leader.election.enable': 'true' }), /unclean/],
  ['compaction', topic({ 'cleanup.policy': 'compact' }), /compaction/],
  ['small messages', topic({ 'max.message.bytes': '1000' }), /max\.message\.bytes is 1000/],
])('%s is found', (_, found, message) => {
  const messages = messagesOf(found);
  expect(messages.some((one) => message.test(one))).toBe(true);
});

test('a lag of more than half the retention is found, but never where retention has no end', () => {
  expect(messagesOf(topic(), 13 * HOUR_MS)).toEqual([expect.stringContaining('13h')]);
  expect(messagesOf(topic({ 'retention.ms': '-1' }), 1000 * HOUR_MS)).toEqual([]);
});

test('a lag of more than half the bytes that a partition keeps is found, but never where it keeps any', () => {
  const small = topic({ 'retention.bytes': '1048576' });
  expect(messagesOf(small, 0, 600_000)).toEqual([expect.stringMatching(/^retention\.bytes is 1048576 \(1\.0 MiB/)]);
  expect(messagesOf(small, 0, 500_000)).toEqual([]);
  expect(messagesOf(topic({ 'retention.bytes': '-1' }), 0, 1e15)).toEqual([]);
});

test('copies that are not in sync and partitions without a leader are found', () => {
  const found = topic();
  const [first, second, ...others] = found.partitions;
  const partitions = [{ ...first!, inSyncReplicas: [1] }, { ...second!, leader: -1 }, ...others];
  expect(messagesOf({ ...found, partitions })).toEqual([
    'partitions without a leader: 1',
    expect.stringMatching(/: 0$/),
  ]);
});

test('drift tells settings, partitions that lack, and copies that only a reassignment brings', () => {
  const few = topic({ 'retention.ms': '1' }, [1, 2]);
  const drift = driftOf('spans', { ...few, partitions: few.partitions.slice(1) }, plan);
  expect(drift).toMatchObject([
    { what: 'partitions', is: String(plan.partitions - 1) },
    { what: 'replication factor', is: '2', planned: '3', obstacle: expect.any(String) },
    { what: 'retention.ms', is: '1', planned: String(24 * HOUR_MS) },
  ]);
  const many = topic();
  expect(driftOf('spans', { ...many, partitions: [...many.partitions, ...many.partitions] }, plan)).toEqual([]);
});
