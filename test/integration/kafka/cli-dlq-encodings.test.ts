import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SPAN_CODECS } from '@spoor/encodings';
import { decodeTraces } from '@spoor/otlp';
import { KAFKA_ENCODINGS, type RecordCodecs } from '@spoor/span-log';
import { afterAll, describe, expect, test } from 'vitest';
import { createTraceRequests } from '../../fixtures/requests.ts';
import { runSpoor } from '../../harness/cli.ts';
import { type Kafka, startKafka } from '../../harness/kafka.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { repositoryRoot } from '../../harness/spoor-process.ts';

const outside = await startKafka();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Kafka with dead letters of other encodings', (context) => {
  foundOrSkipped<Kafka>(outside, (note) => context.skip(note));
});

const { bytes, traceId } = createTraceRequests(11, 2)();
const [first] = decodeTraces(bytes);
const codecs: RecordCodecs = SPAN_CODECS;
const WRITTEN = KAFKA_ENCODINGS.filter((name) => name === 'otlp_proto' || codecs[name]?.encode !== undefined);
const recordOf = (encoding: string) => codecs[encoding]?.encode?.(bytes)[0]?.value ?? bytes;

describe.skipIf('missing' in outside)('spoor dlq show, of records in any encoding', () => {
  const kafka = 'found' in outside ? outside.found : undefined;

  /** Sets records aside as an ingester does; answers with what `show` says of each. */
  async function shown(
    values: readonly Uint8Array[],
    { headers = {}, encoding }: { headers?: Record<string, string>; encoding?: string },
  ) {
    const topic = `spans-${randomUUID()}`;
    await kafka!.createTopic(`${topic}-dlq`, { partitions: 1 });
    const origin = { 'spoor-dlq-topic': topic, 'spoor-dlq-partition': '0', 'spoor-dlq-offset': '0' };
    const letter = { ...headers, 'spoor-dlq-reason': 'too_deep', 'spoor-dlq-message': 'for the test', ...origin };
    await kafka!.write(
      `${topic}-dlq`,
      values.map((value) => ({ partition: 0, value, headers: letter })),
    );
    const env = {
      SPOOR_KAFKA_BROKERS: kafka!.brokers.join(','),
      SPOOR_KAFKA_TOPIC: topic,
      ...(encoding === undefined ? {} : { SPOOR_KAFKA_ENCODING: encoding }),
    };
    const answers = [];
    for (const at of values.keys()) {
      const { stdout } = await runSpoor(['dlq', 'show', `0/${at}`, '--json'], env);
      const { stdout: text } = await runSpoor(['dlq', 'show', `0/${at}`], env);
      answers.push({ ...JSON.parse(stdout), text });
    }
    return answers;
  }

  const holdsTheSpan = { spans: expect.arrayContaining([expect.objectContaining({ traceId, spanId: first?.spanId })]) };

  test.each(WRITTEN)('%s: as the record tells, and as kafka.encoding says where it does not', async (encoding) => {
    const [told] = await shown([recordOf(encoding)], { headers: { 'spoor-encoding': encoding } });
    const [set] = await shown([recordOf(encoding)], { encoding });
    for (const one of [told, set]) {
      expect(one).toMatchObject({ encoding, ...holdsTheSpan });
      expect(one.text).toContain(first?.spanId);
    }
    expect(told.text).toContain(`${encoding}, as the record tells`);
    expect(set.text).toContain(`${encoding}, as kafka.encoding says`);
  });

  test('auto recognises each record', async () => {
    for (const one of await shown(WRITTEN.map(recordOf), { encoding: 'auto' }))
      expect(one).toMatchObject({ encoding: 'auto', ...holdsTheSpan });
  });

  test('zipkin_thrift, which only others write', async () => {
    const path = join(repositoryRoot, 'libs/zipkin/golden/list.zipkin_thrift.hex');
    const record = Buffer.from(readFileSync(path, 'utf8').replace(/\s/g, ''), 'hex');
    for (const encoding of ['zipkin_thrift', 'auto']) {
      const [one] = await shown([record], { encoding });
      expect(one.spans).toHaveLength(3);
    }
  });

  test('what cannot be read as its encoding says, or is of an unknown one, is told and shown as bytes', async () => {
    const [wrong] = await shown([recordOf('zipkin_json')], { encoding: 'jaeger_proto' });
    expect(wrong.spans).toBeUndefined();
    expect(wrong.text).toMatch(/cannot be decoded: .+\n00000000 {2}5b 7b/);
    const [unknown] = await shown([recordOf('otlp_proto')], { headers: { 'spoor-encoding': 'constructor' } });
    expect(unknown.fault).toBe('the encoding constructor is not known');
  });

  test('spans that OTLP cannot say are told beside those that it can', async () => {
    const traces = JSON.parse(Buffer.from(recordOf('otlp_json')).toString());
    traces.resourceSpans.at(-1).scopeSpans.at(-1).spans.at(-1).startTimeUnixNano = 'soon';
    const [one] = await shown([Buffer.from(JSON.stringify(traces))], { encoding: 'otlp_json' });
    expect(one.spans).toHaveLength(1);
    expect(one.rejected).toMatchObject([{ spanCount: 1 }]);
    expect(one.text).toContain('Not shown: 1 of its spans, ');
  });
});
