import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { runSpoor } from '../../harness/cli.ts';
import { type OwnKafka, startOwnKafka } from '../../harness/kafka.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { repositoryRoot } from '../../harness/spoor-process.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { openLog } from './open-log.ts';

const NEVER = new AbortController().signal;

// Of its own, since a plan depends on the number of brokers.
const outside = await startOwnKafka();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Kafka for topics', (context) => {
  foundOrSkipped<OwnKafka>(outside, (note) => context.skip(note));
});

describe.skipIf('missing' in outside)('spoor topics', () => {
  const kafka = 'found' in outside ? outside.found : undefined;

  const answer = async (topic: string, ...args: string[]) => {
    const { code, stdout, stderr } = await runSpoor(['topics', ...args, '--json'], {
      SPOOR_KAFKA_BROKERS: kafka!.brokers.join(','),
      SPOOR_KAFKA_TOPIC: topic,
    });
    expect(stderr).toBe('');
    return { code, ...JSON.parse(stdout) };
  };

  test('apply creates nothing without --yes, then both topics, then nothing more; a larger load grows them', async () => {
    const topic = `spans-${randomUUID()}`;
    const load = '--spans-per-second=1000';
    expect(await answer(topic, 'apply', load)).toMatchObject({
      code: 2,
      done: false,
      differences: [
        { topic, what: 'topic', is: 'none' },
        { topic: `${topic}-dlq`, what: 'topic', is: 'none' },
      ],
    });
    expect(await kafka!.topics()).not.toContain(topic);
    expect(await answer(topic, 'apply', load, '--yes')).toMatchObject({ code: 0, done: true });
    expect(await answer(topic, 'apply', load)).toMatchObject({ code: 0, differences: [] });

    const larger = ['--spans-per-second=40000', '--retention=2d'];
    const found = await answer(topic, 'verify', ...larger);
    const drifting = found.drift.map(({ what }: { what: string }) => what);
    expect(drifting).toEqual(expect.arrayContaining(['partitions', 'retention.ms', 'retention.bytes']));
    expect(await answer(topic, 'apply', ...larger, '--yes')).toMatchObject({ code: 0 });
    expect((await answer(topic, 'describe')).partitions).toHaveLength(16);
    expect(await answer(topic, 'verify', ...larger)).toMatchObject({ code: 1, drift: [] });
  });

  test('verify finds what is unsafe', async () => {
    const topic = `spans-${randomUUID()}`;
    await kafka!.createTopic(topic, { settings: { 'max.message.bytes': '10000', 'cleanup.policy': 'compact' } });
    const { code, findings } = await answer(topic, 'verify');
    expect(code).toBe(1);
    const text = findings.map((finding: { topic: string; message: string }) => `${finding.topic} ${finding.message}`);
    for (const expected of [
      /replication factor is 1/,
      /min\.insync\.replicas is 1/,
      /max\.message\.bytes is 10000/,
      /cleanup\.policy is compact/,
      /-dlq does not exist/,
    ])
      expect(text).toContainEqual(expect.stringMatching(expected));
  });

  test('verify finds that the bytes that are kept are few for what is not stored yet', async () => {
    const topic = `spans-${randomUUID()}`;
    await kafka!.createTopic(topic, { settings: { 'retention.bytes': '15000' } });
    await kafka!.write(topic, [{ partition: 0, value: Buffer.alloc(10_000), headers: {} }]);
    const { findings } = await answer(topic, 'verify');
    expect(findings).toContainEqual({ topic, message: expect.stringContaining('retention.bytes is 15000') });
  });

  test('verify finds a dead-letter topic that takes less than the topic does', async () => {
    const topic = `spans-${randomUUID()}`;
    await kafka!.createTopic(topic, { settings: { 'max.message.bytes': '4000000' } });
    await kafka!.createTopic(`${topic}-dlq`, { partitions: 1, settings: { 'max.message.bytes': '3000000' } });
    const { findings } = await answer(topic, 'verify');
    const found = findings.filter(({ message }: { message: string }) => message.includes('max.message.bytes'));
    expect(found).toEqual([{ topic: `${topic}-dlq`, message: expect.stringMatching(/is 3000000: .* need 4065536$/) }]);
  });

  test('describe tells leaders, bytes and how far the ingesters are behind', async () => {
    const { log, topic } = await openLog(kafka!, {});
    await log.start();
    const batch = (bytes: number) => ({
      tenant: 'default',
      encoding: 'otlp_proto' as const,
      partition: 1,
      spanCount: 6,
      bytes: Buffer.alloc(bytes, 'x'),
    });
    await log.producer().append([batch(10_000)], { signal: NEVER });
    const consumer = log.consumer('spoor-ingester', async () => []);
    await consumer.start();
    const described = () => answer(topic, 'describe');
    await waitFor(async () => (await described()).partitions[1].committed === '1', { describe: 'the commit' });
    await consumer.stop(NEVER);
    await log.producer().append([batch(100)], { signal: NEVER });
    await log.stop(NEVER);
    const told = await described();
    expect(told).toMatchObject({
      topic,
      group: 'spoor-ingester',
      lagRecords: 1,
      lagSpans: 6,
      partitions: [
        { partition: 0, leader: 1, replicas: [1], inSyncReplicas: [1], end: '0', committed: null, lagRecords: 0 },
        { partition: 1, leader: 1, start: '0', end: '2', committed: '1', lagRecords: 1 },
      ],
    });
    expect(told.lagSeconds).toBeGreaterThan(0);
    expect(told.spansPerSecond).toBeCloseTo((2 * 6) / 60);
    expect(told.bytes).toBeGreaterThan(10_000);
    expect(told.skew).toBe(2);
  });
});

test('plan asks no broker and prints its reasons', async () => {
  const { code, stdout } = await runSpoor([
    'topics',
    'plan',
    '--spans-per-second=50000',
    '--kafka.brokers=127.0.0.1:1',
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^partitions +21 +3$/m);
  expect(stdout).toMatch(/^retention\.ms: 86400000/m);
  const documented = await runSpoor(['topics', 'plan', '--spans-per-second=20000', '--outage=6h']);
  expect(readFileSync(join(repositoryRoot, 'docs/cli.md'), 'utf8')).toContain(documented.stdout);
  expect(await runSpoor(['topics', 'plan'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('spans-per-second is missing'),
  });
});

test('npx finds the command in a checkout', async () => {
  const { stdout } = await promisify(execFile)('npm', ['exec', '--', 'spoor', '--version'], { cwd: repositoryRoot });
  expect(stdout).toMatch(/^spoor \d/);
});
