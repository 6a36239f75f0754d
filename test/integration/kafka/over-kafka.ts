import type { KafkaClientName, PartitionedBatch, SpanLogConsumer, SpanLogHandler } from '@spoor/span-log';
import { KAFKA_COMPRESSIONS, openKafkaTopics } from '@spoor/span-log';
import { afterEach, describe, expect, test } from 'vitest';
import type { Kafka } from '../../harness/kafka.ts';
import { type OpenedLog, type OpenOptions, openLog } from './open-log.ts';

const NEVER = new AbortController().signal;
const SEEN = { timeout: 30_000, interval: 10 };
const CLIENTS: readonly KafkaClientName[] = ['platformatic', 'kafkajs'];

function batch(partition: number, content: string | Uint8Array, spanCount = 1): PartitionedBatch {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return { tenant: 'default', encoding: 'otlp_proto', partition, spanCount, bytes };
}

/** What the log over Kafka does beyond the contract of every log, by either client. */
export function describeOverKafka(client: KafkaClientName, kafka: () => Kafka): void {
  describe(`over Kafka: ${client}`, () => {
    const stops: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const stop of stops.splice(0).reverse()) await stop();
    });

    async function open(options: OpenOptions = {}): Promise<OpenedLog> {
      const opened = await openLog(kafka(), { client, ...options });
      await opened.log.start();
      stops.push(() => opened.log.stop(AbortSignal.timeout(5_000)));
      return opened;
    }

    async function consume({ log }: OpenedLog, handler: SpanLogHandler): Promise<SpanLogConsumer> {
      const consumer = log.consumer('test', handler);
      await consumer.start();
      stops.push(() => consumer.stop(NEVER));
      return consumer;
    }

    function collector(): { seen: string[]; handler: SpanLogHandler } {
      const seen: string[] = [];
      return {
        seen,
        handler: async (records) => {
          seen.push(...records.map((record) => Buffer.from(record.bytes).toString()));
          return [];
        },
      };
    }

    test('dead letters keep their key, bytes and headers, say why and from where, and are committed', async () => {
      const opened = await open();
      const { topic } = opened;
      const handled: string[] = [];
      const handler: SpanLogHandler = async (records) => {
        handled.push(...records.map((record) => Buffer.from(record.bytes).toString()));
        return records
          .filter((record) => record.bytes.length === 6)
          .map((record) => ({ record, reason: 'invalid_utf8' as const, message: 'name is not UTF-8', spanCount: 3 }));
      };
      await kafka().write(topic, [
        { partition: 1, key: Buffer.from('theirs'), value: null, headers: { by: 'another' } },
        { partition: 1, value: Buffer.from('x'), headers: { 'spoor-encoding': 'morse', 'spoor-span-count': '7' } },
      ]);
      await opened.log
        .producer()
        .append([batch(1, 'good'), batch(1, 'poison', 5), batch(1, 'after')], { signal: NEVER });
      const consumer = await consume(opened, handler);
      const letters = await kafka().read(`${topic}-dlq`, 3);
      const [empty, unknown, poison] = letters;
      expect(empty).toMatchObject({
        value: null,
        headers: {
          by: 'another',
          'spoor-dlq-reason': 'malformed',
          'spoor-dlq-offset': '0',
          'spoor-dlq-span-count': '0',
        },
      });
      expect(unknown?.headers).toMatchObject({
        'spoor-dlq-message': 'the encoding morse is not known',
        'spoor-dlq-span-count': '7',
      });
      expect(Buffer.from(empty?.key ?? []).toString()).toBe('theirs');
      expect(unknown?.key).toBeNull();
      expect(Buffer.from(poison?.value ?? []).toString()).toBe('poison');
      expect(poison?.headers).toMatchObject({
        'spoor-tenant': 'default',
        'spoor-encoding': 'otlp_proto',
        'spoor-span-count': '5',
        'spoor-dlq-reason': 'invalid_utf8',
        'spoor-dlq-message': 'name is not UTF-8',
        'spoor-dlq-span-count': '3',
        'spoor-dlq-topic': topic,
        'spoor-dlq-partition': '1',
        'spoor-dlq-offset': '3',
      });
      expect(Date.parse(poison?.headers['spoor-dlq-time'] ?? '')).toBeGreaterThan(0);
      await expect.poll(() => handled, SEEN).toEqual(['good', 'poison', 'after']);
      await consumer.stop(NEVER);
      await consume(opened, handler);
      await opened.log.producer().append([batch(1, 'last')], { signal: NEVER });
      await expect.poll(() => handled, SEEN).toEqual(['good', 'poison', 'after', 'last']);
    });

    test('a letter of what others wrote compressed is placed although it is larger than the topic takes, and put back', async () => {
      const opened = await open();
      const value = Buffer.from('not a span '.repeat(300_000));
      await kafka().write(opened.topic, [{ partition: 0, value, headers: { 'spoor-encoding': 'morse' } }], 'zstd');
      const { seen, handler } = collector();
      await consume(opened, handler);
      const [letter] = await kafka().read(`${opened.topic}-dlq`, 1);
      expect(letter?.headers['spoor-dlq-reason']).toBe('malformed');
      expect(value.equals(letter?.value ?? Buffer.of())).toBe(true);
      await opened.log.producer().append([batch(0, 'after')], { signal: NEVER });
      await expect.poll(() => seen, SEEN).toEqual(['after']);
      const { records, close } = await openKafkaTopics({ brokers: kafka().brokers, topic: opened.topic });
      await records.write(opened.topic, [{ partition: 1, key: null, value, headers: new Map() }]);
      await close();
      await expect.poll(() => seen, SEEN).toEqual(['after', value.toString()]);
    });

    test('a partition waits while its dead letters cannot be placed', async () => {
      const opened = await open({ deadLetterTopic: 'there-is-no-such-topic' });
      let deliveries = 0;
      const seen: string[] = [];
      const consumer = await consume(opened, async (records) => {
        deliveries += 1;
        seen.push(...records.map((record) => Buffer.from(record.bytes).toString()));
        return records.map((record) => ({ record, reason: 'malformed' as const, message: 'none', spanCount: 1 }));
      });
      await opened.log.producer().append([batch(0, 'poison')], { signal: NEVER });
      await expect.poll(() => deliveries, SEEN).toBe(1);
      await consumer.stop(AbortSignal.abort());
      // Not committed: the next member gets it again.
      const next = collector();
      await consume(opened, next.handler);
      await expect.poll(() => next.seen, SEEN).toEqual(['poison']);
      expect(await kafka().topics()).not.toContain('there-is-no-such-topic');
    });

    test.each(KAFKA_COMPRESSIONS)('%s written by this client is read by both', async (compression) => {
      const opened = await open({ compression });
      const contents = Array.from({ length: 20 }, (_, i) => `${i} ${'span '.repeat(200)}`);
      await opened.log.producer().append(
        contents.map((content) => batch(0, content)),
        { signal: NEVER },
      );
      for (const reader of CLIENTS) {
        const other = await open({ client: reader, topic: opened.topic });
        const { seen, handler } = collector();
        const consumer = other.log.consumer(`by-${reader}`, handler);
        await consumer.start();
        stops.push(() => consumer.stop(NEVER));
        await expect.poll(() => seen, SEEN).toEqual(contents);
      }
    });

    test('many batches are spread over requests that the topic takes, in order', async () => {
      const opened = await open({
        maxRequestBytesPerPartition: 9_000,
        topicOptions: { settings: { 'max.message.bytes': '10000' } },
      });
      const contents = Array.from({ length: 40 }, (_, i) => `${i} `.padEnd(4_000, '.'));
      await opened.log.producer().append(
        contents.map((content) => batch(0, content)),
        { signal: NEVER },
      );
      const { seen, handler } = collector();
      await consume(opened, handler);
      await expect.poll(() => seen, SEEN).toEqual(contents);
    });

    test('a topic that takes less than is set gets less, also when it is told so later', async () => {
      const halves = (whole: { bytes: Uint8Array }, maxBytes: number) =>
        Array.from({ length: Math.ceil(whole.bytes.length / maxBytes) }, (_, i) => ({
          ...batch(0, whole.bytes.subarray(i * maxBytes, (i + 1) * maxBytes)),
          tenant: 'default',
        }));
      const opened = await open({ split: halves, topicOptions: { settings: { 'max.message.bytes': '10000' } } });
      const contents = Array.from({ length: 40 }, (_, i) => `${i} `.padEnd(4_000, '.'));
      const append = (batches: readonly PartitionedBatch[]) =>
        opened.log.producer().append(batches, { signal: AbortSignal.timeout(5_000) });
      expect(await append(contents.map((content) => batch(0, content)))).toEqual([]);
      expect(await append([batch(0, 'x'.repeat(30_000))])).toEqual([]);
      await kafka().alterTopic(opened.topic, { 'max.message.bytes': '3000' });
      await expect.poll(() => append([batch(0, 'y'.repeat(9_000))]).catch(String), SEEN).toEqual([]);
      const { seen, handler } = collector();
      await consume(opened, handler);
      await expect.poll(() => seen.join('').match(/y/g)?.length, SEEN).toBe(9_000);
      expect(seen.join('').match(/x/g)).toHaveLength(30_000);
      expect(seen.slice(0, 40)).toEqual(contents);
      expect(Math.max(...seen.slice(-3).map((content) => content.length))).toBeLessThan(3_000);
    });

    test('a batch that is too large is split; what cannot be split is rejected, the rest is taken', async () => {
      const split = (whole: { bytes: Uint8Array }) =>
        Buffer.from(whole.bytes)
          .toString()
          .split('|')
          .map((part) => ({ ...batch(0, part), tenant: 'default' }));
      const opened = await open({ maxRequestBytesPerPartition: 1_000, split });
      const content = ['a'.repeat(500), 'b'.repeat(500), 'c'.repeat(2_000)].join('|');
      const outcome = await opened.log.producer().append([batch(0, content, 3)], { signal: NEVER });
      expect(outcome).toMatchObject([{ reason: 'too_large', spanCount: 1 }]);
      const { seen, handler } = collector();
      await consume(opened, handler);
      await expect.poll(() => seen, SEEN).toEqual(['a'.repeat(500), 'b'.repeat(500)]);
    });

    test('a topic that does not exist is not made, and senders are told to come back', async () => {
      const { log } = await open({ topic: `absent-${client}` });
      const append = log.producer().append([batch(0, 'x')], { signal: AbortSignal.timeout(1_000) });
      await expect(append).rejects.toMatchObject({ code: 'SPOOR_SPAN_LOG_UNAVAILABLE', retryAfterMs: 1000 });
      expect(log.readiness()).toMatchObject({ ready: false });
      expect(await kafka().topics()).not.toContain(`absent-${client}`);
    });

    test('a member that the group does not take is not ready and says why; one that got no partitions is ready', async () => {
      const refused = await consume(await open({ sessionTimeoutMs: 500 }), async () => []);
      await expect.poll(() => refused.readiness().reason ?? '', SEEN).toMatch(/session ?timeout/i);
      expect(refused.readiness().ready).toBe(false);
      const opened = await open({ topicOptions: { partitions: 1 } });
      const members = [await consume(opened, async () => []), await consume(opened, async () => [])];
      await expect.poll(() => members.map((member) => member.readiness().ready), SEEN).toEqual([true, true]);
    });

    test('new partitions are written to and read', async () => {
      const opened = await open();
      const { seen, handler } = collector();
      await consume(opened, handler);
      await opened.log.producer().append([batch(1, 'before')], { signal: NEVER });
      await expect.poll(() => seen, SEEN).toEqual(['before']);
      await kafka().growTopic(opened.topic, 4);
      await expect.poll(() => opened.log.producer().partitionCount(), SEEN).toBe(4);
      // A client may hear of the partition later than we do; until then it must refuse.
      await expect
        .poll(
          () =>
            opened.log
              .producer()
              .append([batch(3, 'after')], { signal: NEVER })
              .catch(String),
          SEEN,
        )
        .toEqual([]);
      await expect.poll(() => seen, SEEN).toEqual(['before', 'after']);
    });

    test('fetching stops while the bound of unfinished bytes is reached, and goes on after it', async () => {
      const opened = await open({ maxFetchedBytes: 20_000, maxDeliveryBytes: 10_000 });
      const { promise: storing, resolve: stored } = Promise.withResolvers<void>();
      let delivered = 0;
      let total = 0;
      const consumer = await consume(opened, async (records) => {
        delivered += records.length;
        await storing;
        total += records.length;
        return [];
      });
      const contents = Array.from({ length: 200 }, (_, i) => `${i} `.padEnd(2_000, '.'));
      await opened.log.producer().append(
        contents.map((content) => batch(0, content)),
        { signal: NEVER },
      );
      await expect.poll(() => delivered, SEEN).toBeGreaterThan(0);
      // Not known before the brokers have told where the partition ends.
      await expect.poll(() => consumer.lag().records, SEEN).toBeGreaterThan(0);
      stored();
      await expect.poll(() => total, SEEN).toBe(200);
      await expect.poll(() => consumer.lag().records, SEEN).toBe(0);
    });
  });
}
