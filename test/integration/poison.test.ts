import { randomBytes } from 'node:crypto';
import type { KafkaDeadLetter } from '@spoor/span-log';
import { expect, test } from 'vitest';
import { runSpoor } from '../harness/cli.ts';
import { describePipeline, type PipelineWorld } from '../harness/describe-pipeline.ts';
import { type Kafka, onElasticsearch, startKafka, waitFor } from '../harness/index.ts';
import { protoRequest, type RawSpan } from '../harness/otlp-bytes.ts';
import { nowUnixNano } from '../harness/otlp-json.ts';

/** All poison goes into one partition, so that each record stands in the way of the next. */
const PARTITION = 5;
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** Ingesters start again, and those that stopped are missed. */
const RESTART_DEADLINE_MS = 240_000;
const THREE_DAYS_NANOS = 3n * 86_400_000_000_000n;

interface Poison {
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of its dead letter. */
  readonly reason: string;
}

function span(startTimeUnixNano = nowUnixNano(), traceId: Uint8Array = randomBytes(16)): RawSpan {
  return { traceId, spanId: randomBytes(8), name: 'by another producer', startTimeUnixNano };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const requestOf = (...spans: RawSpan[]): Buffer => protoRequest('foreign', spans);

const valid = requestOf(span());
const neighbour = span();
/** Three days ahead: a store may take it when it is told to. */
const future = span(nowUnixNano() + THREE_DAYS_NANOS);

const POISON: Readonly<Record<string, Poison>> = {
  // Random bytes may be any message at all, these never are.
  'random bytes': { value: Buffer.concat([Buffer.of(0x0f), randomBytes(299)]), reason: 'malformed' },
  'bytes that are a message of something else': { value: Buffer.of(0x12, 3, 1, 2, 3), reason: 'malformed' },
  'a record that is cut off': { value: valid.subarray(0, valid.length - 3), reason: 'malformed' },
  'no value at all': { value: null, reason: 'malformed' },
  'an encoding that is unheard of': { value: valid, headers: { 'spoor-encoding': 'morse' }, reason: 'malformed' },
  'an encoding that it is not in': { value: valid, headers: { 'spoor-encoding': 'jaeger_json' }, reason: 'malformed' },
  'far more random bytes than a record of ours has': {
    value: Buffer.concat([Buffer.of(0x0f), randomBytes(2_500_000)]),
    reason: 'malformed',
  },
  'a wrong id beside a good one': {
    value: requestOf(neighbour, span(nowUnixNano(), randomBytes(3))),
    reason: 'invalid_trace_id',
  },
  'a span that the store refuses': { value: requestOf(future), reason: 'invalid_time' },
};

await describePipeline(
  'a partition that others write to as well',
  {
    startKafka,
    openStore: onElasticsearch,
    collectors: 1,
    kafkaEnv: { SPOOR_KAFKA_SESSION_TIMEOUT: '6s' },
    topicSettings: { 'max.message.bytes': String(MAX_MESSAGE_BYTES) },
  },
  (world) => {
    /** Resolves when the span is stored; throws when it is there twice. */
    async function expectStoredOnce({ store }: PipelineWorld<Kafka>, { traceId, spanId }: RawSpan): Promise<void> {
      const stored = await waitFor(async () => (await store.storedSpans()).get(hex(traceId)), {
        describe: `the trace ${hex(traceId)}`,
      });
      expect(stored).toEqual([hex(spanId)]);
    }

    const spoor = (...args: string[]) => {
      const { kafka, pipeline } = world();
      return runSpoor(args, { SPOOR_KAFKA_BROKERS: kafka.brokers.join(','), SPOOR_KAFKA_TOPIC: pipeline.topic });
    };

    const lettersOf = (count: number): Promise<readonly KafkaDeadLetter[]> =>
      waitFor(
        async () => {
          const letters = await world().pipeline.deadLetters();
          return letters.length >= count && letters;
        },
        { describe: `${count} dead letters` },
      );

    test.each(Object.entries(POISON))(
      '%s is set aside with its reason and origin, and what follows is stored',
      async (_, poison) => {
        const { kafka, pipeline } = world();
        const before = (await pipeline.deadLetters()).length;
        const after = span();
        const record = { partition: PARTITION, value: poison.value, headers: poison.headers ?? {} };
        await kafka.write(pipeline.topic, [record]);
        await kafka.write(pipeline.topic, [{ partition: PARTITION, value: requestOf(after), headers: {} }]);
        await expectStoredOnce(world(), after);

        const letters = await lettersOf(before + 1);
        expect(letters).toHaveLength(before + 1);
        const letter = letters.find(({ origin }) => origin.offset === BigInt(2 * before));
        expect(letter?.reason).toBe(poison.reason);
        expect(letter?.origin).toEqual({ topic: pipeline.topic, partition: PARTITION, offset: BigInt(2 * before) });
        expect(letter?.message).not.toBe('');
        expect(letter?.value === null ? null : Buffer.from(letter?.value ?? [])).toEqual(
          poison.value === null ? null : Buffer.from(poison.value),
        );
        expect(
          Object.fromEntries([...(letter?.headers ?? [])].map(([name, text]) => [name, Buffer.from(text).toString()])),
        ).toEqual(poison.headers ?? {});
      },
    );

    test('what was beside the wrong id is stored', async () => {
      await expectStoredOnce(world(), neighbour);
    });

    test('the counters agree with the topic', async () => {
      const { pipeline } = world();
      const records = (reason: string) => pipeline.ingested('spoor_records_dead_lettered_total', { reason });
      const expected = (wanted: string) => Object.values(POISON).filter(({ reason }) => reason === wanted).length;
      for (const reason of ['malformed', 'invalid_trace_id', 'invalid_time'])
        await expect.poll(() => records(reason), { message: reason }).toBe(expected(reason));
      await expect.poll(() => pipeline.ingested('spoor_ingester_lag_records')).toBe(0);
    });

    test(
      'once the store takes such times, a replay stores what it refused, once',
      async () => {
        const { pipeline } = world();
        const letters = (await pipeline.deadLetters()).length;
        await Promise.all(
          pipeline.ingesters.map((ingester) =>
            ingester.restart({ env: { SPOOR_STORAGE_ELASTICSEARCH_MAX_FUTURE: '10d' } }),
          ),
        );
        expect(await spoor('dlq', 'replay', '--reason=invalid_time')).toMatchObject({ code: 0 });
        await expectStoredOnce(world(), future);
        // Running it again goes on where it stopped, and starting over stores nothing twice.
        expect(await spoor('dlq', 'replay', '--reason=invalid_time', '--again')).toMatchObject({ code: 0 });
        await expect.poll(() => pipeline.ingested('spoor_ingester_lag_records')).toBe(0);
        await expectStoredOnce(world(), future);
        expect(await pipeline.deadLetters()).toHaveLength(letters);
      },
      RESTART_DEADLINE_MS,
    );

    test('a replay before anything was mended sets the same aside again, and the partition goes on', async () => {
      const { kafka, pipeline } = world();
      const before = await pipeline.deadLetters();
      const malformed = before.filter(({ reason }) => reason === 'malformed');
      expect(await spoor('dlq', 'replay', '--reason=malformed')).toMatchObject({ code: 0 });
      const letters = await lettersOf(before.length + malformed.length);
      expect(letters).toHaveLength(before.length + malformed.length);
      const last = span();
      await kafka.write(pipeline.topic, [{ partition: PARTITION, value: requestOf(last), headers: {} }]);
      await expectStoredOnce(world(), last);
    });
  },
);
