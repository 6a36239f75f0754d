import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSpanGenerator } from '../../fixtures/spans.ts';
import { runSpoor } from '../../harness/cli.ts';
import { type Kafka, startKafka, type TopicRecord } from '../../harness/kafka.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { type OpenedLog, openLog } from './open-log.ts';

const NEVER = new AbortController().signal;

const outside = await startKafka();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Kafka with dead letters', (context) => {
  foundOrSkipped<Kafka>(outside, (note) => context.skip(note));
});

const spans = createSpanGenerator().request(3);
const HEADERS = { 'spoor-tenant': 'acme', 'spoor-encoding': 'otlp_proto', 'spoor-span-count': '3', 'x-own': 'kept' };
const REFUSED: TopicRecord = { partition: 1, value: spans, headers: HEADERS };
const GARBAGE: TopicRecord = {
  partition: 2,
  key: Buffer.from([0, 255]),
  value: Buffer.from('\u001b[31mgarbage'),
  headers: {},
};
const EMPTY: TopicRecord = { partition: 0, value: null, headers: { 'x-own': 'empty' } };

/** What a record is, to compare it wherever it lies. */
const essence = ({ partition, key = null, value, headers }: TopicRecord) => ({
  partition,
  key: key === null ? null : Buffer.from(key).toString('hex'),
  value: value === null ? null : Buffer.from(value).toString('hex'),
  headers,
});

describe.skipIf('missing' in outside)('spoor dlq', () => {
  const kafka = 'found' in outside ? outside.found : undefined;
  let opened: OpenedLog;

  const spoor = (...args: string[]) =>
    runSpoor(['dlq', ...args], {
      SPOOR_KAFKA_BROKERS: kafka!.brokers.join(','),
      SPOOR_KAFKA_TOPIC: opened.topic,
      SPOOR_COLLECTOR_OTLP_HTTP_ENDPOINT: 'of another process',
    });
  const answer = async (...args: string[]) => {
    const { code, stdout, stderr } = await spoor(...args, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout);
  };
  const placeOf = async (reason: string, fromPartition: number): Promise<string> => {
    const { listed } = await answer('list', `--reason=${reason}`);
    const letter = listed.find(({ origin }: { origin: { partition: number } }) => origin.partition === fromPartition);
    return `${letter.partition}/${letter.offset}`;
  };

  beforeAll(async () => {
    opened = await openLog(kafka!, { topicOptions: { partitions: 3 } });
    const { log, topic } = opened;
    await kafka!.write(topic, [REFUSED, GARBAGE, EMPTY]);
    await log.start();
    let refused = 0;
    const consumer = log.consumer('ingester', async (records) =>
      records.map((record) => {
        refused += 1;
        const reason = record.partition === 1 ? ('too_deep' as const) : ('malformed' as const);
        return { record, reason, message: `refused for the test, ${reason}`, spanCount: record.spanCount };
      }),
    );
    await consumer.start();
    await waitFor(() => refused === 2 && consumer.lag().records === 0, { describe: 'three dead letters' });
    await kafka!.read(`${topic}-dlq`, 3);
    await consumer.stop(NEVER);
    await log.stop(NEVER);
  });

  test('list counts by partition and by reason, and filters', async () => {
    const all = await answer('list');
    expect(all).toMatchObject({ topic: `${opened.topic}-dlq`, letters: 3, strangers: 0 });
    expect(all.partitions).toMatchObject([{ partition: 0, letters: 3, spans: 3 }]);
    const counts = all.reasons.map(({ reason, letters }: { reason: string; letters: number }) => [reason, letters]);
    expect(new Map(counts)).toEqual(
      new Map([
        ['malformed', 2],
        ['too_deep', 1],
      ]),
    );
    expect(await answer('list', '--reason=too_deep', '--limit=0')).toMatchObject({ letters: 1, listed: [] });
    expect(await answer('list', '--since=1h')).toMatchObject({ letters: 3 });
    expect(await answer('list', '--since=2100-01-01')).toMatchObject({ letters: 0 });
    expect((await spoor('list')).stdout).toMatch(/^PARTITION +LETTERS +SPANS/m);
  });

  test('show tells the spans of a letter, and the bytes of one that holds none', async () => {
    const place = await placeOf('too_deep', 1);
    const shown = await answer('show', place);
    expect(shown).toMatchObject({
      reason: 'too_deep',
      message: 'refused for the test, too_deep',
      spanCount: 3,
      origin: { topic: opened.topic, partition: 1, offset: '0' },
      headers: HEADERS,
      value: Buffer.from(spans).toString('base64'),
    });
    expect(shown.spans).toHaveLength(3);
    expect((await spoor('show', place)).stdout).toContain(shown.spans[0].traceId);
    const { stdout } = await spoor('show', await placeOf('malformed', 2));
    expect(stdout).toContain('1b 5b 33 31 6d 67');
    expect(stdout).not.toContain('\u001b');
    expect(await answer('show', await placeOf('malformed', 0))).toMatchObject({ value: null, bytes: null });
  });

  test('replay puts the original records back, each once unless it is asked for again', async () => {
    const back = async (count: number) => (await kafka!.read(opened.topic, 3 + count)).map(essence);
    expect(await answer('replay', '--dry-run')).toEqual({
      dryRun: true,
      replayed: 3,
      spans: 3,
      replayedBefore: 0,
      strangers: 0,
    });
    expect(await answer('replay', '--reason=too_deep')).toMatchObject({ replayed: 1, spans: 3 });
    expect((await back(1)).filter(({ partition }) => partition === 1)).toEqual([essence(REFUSED), essence(REFUSED)]);
    expect(await answer('replay', '--limit=1')).toMatchObject({ replayed: 1 });
    expect(await answer('replay')).toMatchObject({ replayed: 1 });
    expect(await answer('replay')).toMatchObject({ replayed: 0 });
    expect(await answer('replay', '--reason=malformed')).toMatchObject({ replayed: 0 });
    const twice = [EMPTY, EMPTY, REFUSED, REFUSED, GARBAGE, GARBAGE].map(essence);
    const sorted = (await back(3)).sort((a, b) => a.partition - b.partition);
    expect(sorted).toEqual(twice);
    expect(await answer('replay', '--again', '--dry-run')).toMatchObject({ replayed: 3 });
    expect(await answer('replay', await placeOf('malformed', 2))).toMatchObject({ replayed: 1 });
    expect((await back(4)).filter(({ partition }) => partition === 2)).toHaveLength(3);
  });

  test('a dead-letter topic that is not there is told', async () => {
    const { code, stderr } = await spoor('list', '--kafka.deadLetterTopic=absent');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('SPOOR_NOT_FOUND') });
    expect(await kafka!.topics()).not.toContain('absent');
  });

  test('purge removes nothing without --yes, then up to a letter, then all', async () => {
    const asked = await spoor('purge', '--all');
    expect(asked).toMatchObject({ code: 2, stdout: expect.stringContaining('--yes') });
    expect(await answer('list')).toMatchObject({ letters: 3 });
    expect(await spoor('purge', '0/2', '0/0', '--yes')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('0/2 and 0/0 are of one partition'),
    });
    expect(await answer('list')).toMatchObject({ letters: 3 });
    await answer('purge', '0/0', '--yes');
    expect(await answer('list')).toMatchObject({ letters: 2 });
    expect(await answer('purge', '--before=1d', '--yes')).toMatchObject({ removed: [] });
    await answer('purge', '--all', '--yes');
    expect(await answer('list')).toMatchObject({ letters: 0 });
    expect((await spoor('show', '0/0')).code).toBe(2);
    expect((await spoor('purge', '0/99', '--yes')).stderr).toContain('ends before');
  });
});

test('wrong usage is told with exit code 2, a fault with 1', async () => {
  expect(await runSpoor(['dlq', 'lst'])).toMatchObject({ code: 2, stderr: expect.stringContaining('list') });
  expect(await runSpoor(['dlq', 'list', '--limt=3'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean --limit?'),
  });
  expect(await runSpoor(['dlq', 'show', 'x'])).toMatchObject({ code: 2 });
  expect(await runSpoor(['dlq', 'list', '--help'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('--reason'),
  });
  expect(await runSpoor(['dlq', 'list', '--kafka.brokers=127.0.0.1:1'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('SPOOR_SPAN_LOG_UNAVAILABLE'),
  });
});
