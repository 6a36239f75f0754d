import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SPAN_CODECS } from '@spoor/encodings';
import type { Span } from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
import { type KafkaClientName, type KafkaEncoding, partitionOfKey, type SpanLogRecord } from '@spoor/span-log';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type Kafka, startKafka } from '../../harness/kafka.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { repositoryRoot } from '../../harness/spoor-process.ts';
import { openLog } from './open-log.ts';

const outside = await startKafka();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

const NEVER = new AbortController().signal;
const SEEN = { timeout: 30_000, interval: 10 };

interface Golden {
  readonly key?: string;
  readonly spanCount: number;
  readonly value: Buffer;
}

/** The records of the golden spans in that encoding, as `npm run golden -w libs/encodings` wrote them. */
function golden(encoding: string): Golden[] {
  const path = join(repositoryRoot, 'libs/encodings/golden', `${encoding}.json`);
  const records = JSON.parse(readFileSync(path, 'utf8')) as (Golden & { text?: string; hex?: string })[];
  return records.map(({ text, hex, ...record }) => ({
    ...record,
    value: hex === undefined ? Buffer.from(text ?? '') : Buffer.from(hex, 'hex'),
  }));
}

const GOLDEN_BATCH = golden('otlp_proto')[0]!;
const GOLDEN_SPANS = decodeTraces(GOLDEN_BATCH.value);
const byId = (a: Span, b: Span) => (a.spanId < b.spanId ? -1 : 1);

test('there is a Kafka to test with', (context) => {
  foundOrSkipped<Kafka>(outside, (note) => context.skip(note));
});

describe.skipIf('missing' in outside).each(['platformatic', 'kafkajs'] as const)('encodings by %s', (client) => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });
  const kafka = () => ('found' in outside ? outside.found : undefined)!;

  async function open(name: KafkaClientName, encoding: KafkaEncoding, topic?: string) {
    const opened = await openLog(kafka(), {
      client: name,
      encoding,
      codecs: SPAN_CODECS,
      topicOptions: { partitions: 3 },
      ...(topic === undefined ? {} : { topic }),
    });
    await opened.log.start();
    stops.push(() => opened.log.stop(AbortSignal.timeout(5_000)));
    await expect.poll(() => opened.log.readiness().ready, SEEN).toBe(true);
    return opened;
  }

  async function consume({ log }: Awaited<ReturnType<typeof open>>) {
    const seen: SpanLogRecord[] = [];
    const consumer = log.consumer('test', async (records) => {
      seen.push(...records);
      return [];
    });
    await consumer.start();
    stops.push(() => consumer.stop(NEVER));
    return { seen, spans: () => seen.flatMap(({ bytes }) => decodeTraces(bytes)).sort(byId) };
  }

  test.each(['otlp_proto', 'otlp_json', 'jaeger_proto', 'jaeger_json', 'zipkin_proto', 'zipkin_json'] as const)(
    '%s: the records are the golden ones, and both ours and those of others are read',
    async (encoding) => {
      const opened = await open(client, encoding);
      const batch = {
        tenant: 'acme',
        encoding: 'otlp_proto',
        partition: 1,
        spanCount: 2,
        bytes: GOLDEN_BATCH.value,
      } as const;
      expect(await opened.log.producer().append([batch], { signal: NEVER })).toEqual([]);

      const wanted = golden(encoding);
      const written = await kafka().read(opened.topic, wanted.length);
      const keyOf = (key: Uint8Array | null | undefined) => (key == null ? undefined : Buffer.from(key).toString());
      expect(
        written
          .map(({ key, value, partition }) => ({
            key: keyOf(key),
            value: Buffer.from(value ?? []).toString('hex'),
            partition,
          }))
          .sort((a, b) => (a.value < b.value ? -1 : 1)),
      ).toEqual(
        wanted
          .map(({ key, value }) => ({
            key,
            value: value.toString('hex'),
            partition: key === undefined ? 1 : partitionOfKey(Buffer.from(key), 3),
          }))
          .sort((a, b) => (a.value < b.value ? -1 : 1)),
      );

      // As another producer writes them: the same bytes, no headers.
      await kafka().write(
        opened.topic,
        wanted.map(({ value }) => ({ partition: 0, value, headers: {} })),
      );
      const { seen, spans } = await consume(opened);
      await expect.poll(() => seen.length, SEEN).toBe(2 * wanted.length);
      expect(spans()).toEqual([...GOLDEN_SPANS, ...GOLDEN_SPANS].sort(byId));
      const counted = (tenant: string) =>
        seen.filter((record) => record.tenant === tenant).reduce((sum, { spanCount }) => sum + spanCount, 0);
      // Nobody counts what is stored as it came.
      expect([counted('acme'), counted('default')]).toEqual([2, encoding === 'otlp_proto' ? 0 : 2]);
    },
  );

  test('auto reads a topic in which all encodings lie', async () => {
    const opened = await open(client, 'auto');
    const encodings = ['otlp_proto', 'otlp_json', 'jaeger_proto', 'jaeger_json', 'zipkin_proto', 'zipkin_json'];
    const values = encodings.flatMap((encoding) => golden(encoding).map(({ value }) => value));
    await kafka().write(
      opened.topic,
      values.map((value) => ({ partition: 2, value, headers: {} })),
    );
    const { seen, spans } = await consume(opened);
    await expect.poll(() => seen.length, SEEN).toBe(values.length);
    expect(spans()).toEqual(encodings.flatMap(() => GOLDEN_SPANS).sort(byId));
  });

  test('records in zipkin_thrift are read; what is not becomes a dead letter with its reason, and holds up nothing', async () => {
    const opened = await open(client, 'zipkin_thrift');
    const path = join(repositoryRoot, 'libs/zipkin/golden/list.zipkin_thrift.hex');
    const value = Buffer.from(readFileSync(path, 'utf8').replace(/\s/g, ''), 'hex');
    await kafka().write(opened.topic, [
      { partition: 0, value: Buffer.from('0b00000001ff', 'hex'), headers: {} },
      { partition: 0, value: GOLDEN_BATCH.value, headers: { 'spoor-encoding': 'jaeger_json' } },
      { partition: 0, value, headers: {} },
    ]);
    const { spans } = await consume(opened);
    await expect.poll(() => spans().length, SEEN).toBe(3);
    const letters = await kafka().read(`${opened.topic}-dlq`, 2);
    expect(letters.map(({ headers }) => headers['spoor-dlq-message'])).toEqual([
      expect.stringContaining('not a Thrift list of Zipkin spans: at byte 0'),
      expect.stringContaining('not the JSON of a Jaeger Span'),
    ]);
    expect(letters.map(({ headers }) => headers['spoor-dlq-reason'])).toEqual(['malformed', 'malformed']);
    expect(Buffer.from(letters[1]?.value ?? []).toString('hex')).toBe(GOLDEN_BATCH.value.toString('hex'));
  });
});
