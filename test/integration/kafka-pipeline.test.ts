import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTraceRequests, type TraceRequest } from '../fixtures/requests.ts';
import { grpcSender, httpSender, type Sender } from '../fixtures/senders.ts';
import {
  type AllInOne,
  type Collector,
  foundOrSkipped,
  kafkaEnvironment,
  type OwnKafka,
  startAllInOne,
  startCollector,
  startOwnKafka,
  waitFor,
} from '../harness/index.ts';
import { protoRequest, type RawSpan } from '../harness/otlp-bytes.ts';
import { nowUnixNano } from '../harness/otlp-json.ts';
import { storedSpanIds } from '../harness/query-api.ts';

const PARTITIONS = 12;
const TOPIC = 'jaeger-spans';
const DEAD_LETTERS = 'jaeger-spans-dlq';
const SPANS_PER_REQUEST = 10;
const LANES = 6;
/** Short, so that what died is missed soon and nobody waits for long. */
const SETTINGS = { SPOOR_KAFKA_SESSION_TIMEOUT: '6s', SPOOR_KAFKA_MAX_WAIT: '2s', SPOOR_KAFKA_METADATA_REFRESH: '1s' };

const outside = await startOwnKafka();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Kafka to stand between the processes', (context) => {
  foundOrSkipped<OwnKafka>(outside, (note) => context.skip(note));
});

interface Pipeline {
  readonly kafka: OwnKafka;
  readonly collectors: readonly [Collector, Collector];
  readonly store: AllInOne;
}

describe.skipIf('missing' in outside)('two collectors, Kafka, and an all-in-one that stores', () => {
  let running: Pipeline;
  const next = createTraceRequests(4, SPANS_PER_REQUEST);

  beforeAll(async () => {
    if (!('found' in outside)) throw new Error('no Kafka');
    const kafka = outside.found;
    await kafka.createTopic(TOPIC, { partitions: PARTITIONS });
    await kafka.createTopic(DEAD_LETTERS);
    const where = { brokers: kafka.brokers, topic: TOPIC };
    const env = { ...SETTINGS, ...kafkaEnvironment(where), SPOOR_SPAN_LOG_TYPE: 'kafka' };
    const collector = () => startCollector({ ...where, env: SETTINGS });
    const [first, second, store] = await Promise.all([collector(), collector(), startAllInOne({ env })]);
    running = { kafka, collectors: [first, second], store };
  });

  afterAll(async () => {
    if (running === undefined) return;
    const { collectors, store } = running;
    await Promise.all([...collectors, store].map((part) => part[Symbol.asyncDispose]()));
  });

  function openSenders(): Sender[] {
    return running.collectors.flatMap(({ addresses: { otlpHttp, otlpGrpc } }) => [
      httpSender(otlpHttp),
      grpcSender(otlpGrpc),
    ]);
  }

  /** Until each trace has at least its spans; then none may have one twice, or one of another. */
  async function expectStoredOnce(requests: readonly TraceRequest[]): Promise<void> {
    const stored = (traceId: string) => storedSpanIds(running.store.addresses.queryHttp, traceId);
    for (const { traceId, spanIds } of requests)
      await waitFor(async () => (await stored(traceId)).length >= spanIds.length, {
        describe: `the ${spanIds.length} spans of the trace ${traceId}`,
      });
    const wrong: string[] = [];
    for (const { traceId, spanIds } of requests)
      if ((await stored(traceId)).join() !== spanIds.join()) wrong.push(traceId);
    expect(wrong).toEqual([]);
  }

  test('spans sent to each collector, over HTTP and gRPC, are found once each, and the counters agree', async () => {
    const senders = openSenders();
    const requests = Array.from({ length: 80 }, next);
    const answers = await Promise.all(requests.map(({ bytes }, i) => senders[i % senders.length]!.send(bytes)));
    for (const sender of senders) sender.close();
    expect(answers.filter(({ outcome }) => outcome !== 'taken')).toEqual([]);
    await expectStoredOnce(requests);
    const received = await Promise.all(
      running.collectors.map(async (collector) => (await collector.metrics()).sum('spoor_spans_received_total')),
    );
    expect(received).toEqual([400, 400]);
    await expect.poll(async () => (await running.store.metrics()).sum('spoor_spans_stored_total')).toBe(800);
    const ofStore = async (name: string) => (await running.store.metrics()).sum(name);
    for (const what of ['records', 'spans', 'bytes', 'seconds'])
      await expect.poll(() => ofStore(`spoor_ingester_lag_${what}`)).toBe(0);
    const produced = await Promise.all(
      running.collectors.map(async (collector) =>
        (await collector.metrics()).sum('spoor_span_log_produced_spans_total'),
      ),
    );
    expect(produced).toEqual([400, 400]);
    expect(await ofStore('spoor_span_log_consumed_spans_total')).toBe(800);
    expect(await ofStore('spoor_span_log_stalls_total')).toBe(0);
  });

  test('a request that is larger than a record may be is split by whole spans', async () => {
    const large = createTraceRequests(5, 6_000)();
    expect(large.bytes.length).toBeGreaterThan(2_000_000);
    const sender = httpSender(running.collectors[0].addresses.otlpHttp);
    expect(await sender.send(large.bytes)).toMatchObject({ outcome: 'taken' });
    sender.close();
    await expectStoredOnce([large]);
  });

  test('a span that fits into no record is refused and counted, and the one beside it is stored', async () => {
    const [collector] = running.collectors;
    const traceId = randomBytes(16);
    const [small, large] = [randomBytes(8), randomBytes(8)];
    const startTimeUnixNano = nowUnixNano();
    const body = protoRequest('large', [
      { traceId, spanId: small, name: 'small', startTimeUnixNano },
      { traceId, spanId: large, name: 'x'.repeat(950_000), startTimeUnixNano },
    ]);
    const before = await collector.metrics();
    const answer = await fetch(`http://${collector.addresses.otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(body),
    });
    expect(answer.status).toBe(200);
    // ExportTraceServiceResponse { partial_success { rejected_spans: 1, … } }
    expect([...(await answer.bytes())].slice(2, 4)).toEqual([8, 1]);
    const after = await collector.metrics();
    const refused = { reason: 'too_large', stage: 'span-log' };
    const grown = (name: string, labels = {}) => after.sum(name, labels) - before.sum(name, labels);
    expect(grown('spoor_spans_discarded_total', refused)).toBe(1);
    expect(grown('spoor_spans_received_total')).toBe(2);
    const stored = { traceId: traceId.toString('hex'), spanIds: [small.toString('hex')], bytes: body };
    await expectStoredOnce([stored]);
  });

  test('garbage in the topic becomes dead letters, and the partition goes on', async () => {
    const { kafka } = running;
    const span = (traceId = randomBytes(16)): RawSpan => ({
      traceId,
      spanId: randomBytes(8),
      name: 'by another producer',
      startTimeUnixNano: nowUnixNano(),
    });
    const [good, besideBad, last] = [span(), span(), span()];
    const valid = protoRequest('foreign', [good]);
    const mixed = protoRequest('foreign', [besideBad, span(randomBytes(3))]);
    const record = (value: Uint8Array | null, headers: Record<string, string> = {}) => ({
      partition: 7,
      value,
      headers,
    });
    await kafka.write(TOPIC, [
      record(Buffer.from('not spans at all')),
      record(null),
      record(valid.subarray(0, valid.length - 3), { 'spoor-encoding': 'otlp_proto', 'spoor-span-count': '1' }),
      record(valid, { 'spoor-encoding': 'unheard of' }),
      record(mixed, { 'spoor-span-count': '2' }),
      record(valid),
      record(protoRequest('foreign', [last])),
    ]);
    const stored = ({ traceId, spanId }: RawSpan): TraceRequest => ({
      traceId: Buffer.from(traceId).toString('hex'),
      spanIds: [Buffer.from(spanId).toString('hex')],
      bytes: Buffer.alloc(0),
    });
    await expectStoredOnce([stored(good), stored(besideBad), stored(last)]);
    const letters = await kafka.read(DEAD_LETTERS, 5);
    const told = letters
      .map(({ headers }) => `${headers['spoor-dlq-offset']} ${headers['spoor-dlq-reason']}`)
      .map(
        (line, _, lines) => `${Number(line.split(' ')[0]) - Math.min(...lines.map(parseFloat))} ${line.split(' ')[1]}`,
      )
      .sort();
    expect(told).toEqual(['0 malformed', '1 malformed', '2 malformed', '3 malformed', '4 invalid_trace_id']);
    expect(letters.every(({ headers }) => headers['spoor-dlq-partition'] === '7')).toBe(true);
    expect(letters.some(({ value }) => Buffer.from(value ?? []).toString() === 'not spans at all')).toBe(true);
    const counted = async (what: string) => (await running.store.metrics()).sum(`spoor_${what}_dead_lettered_total`);
    await expect.poll(() => counted('records')).toBe(5);
    // Of the others nobody can say how many spans they have.
    expect(await counted('spans')).toBe(2);
  });

  test('killed collector, killed store, killed broker: every acknowledged span is stored once', async () => {
    const { kafka, collectors, store } = running;
    const senders = openSenders();
    const acknowledged: TraceRequest[] = [];
    const unacknowledged: TraceRequest[] = [];
    let retries = 0;

    /** Sends until so many more are acknowledged. Half-way the fault happens, which goes on beside the load. */
    async function load(count: number, fault: () => Promise<void>): Promise<void> {
      const goal = acknowledged.length + count;
      let happening: Promise<void> | undefined;
      const lane = async (index: number) => {
        for (let turn = index; acknowledged.length < goal; turn += 1) {
          const request = unacknowledged.pop() ?? next();
          const { outcome, message } = await senders[turn % senders.length]!.send(request.bytes);
          if (outcome === 'refused') throw new Error(`a good request was refused: ${message}`);
          if (outcome === 'retry') retries += 1;
          (outcome === 'taken' ? acknowledged : unacknowledged).push(request);
          if (acknowledged.length >= goal - count / 2) happening ??= fault();
        }
      };
      await Promise.all(Array.from({ length: LANES }, (_, index) => lane(index)));
      await happening;
    }

    await load(200, () => collectors[0].kill9());
    await load(200, () => collectors[0].restart({ samePorts: true }));
    await load(200, () => store.kill9());
    // The collectors do not need the store to take spans.
    await load(100, async () => {});
    await load(200, () => store.restart());
    await load(200, async () => {
      await kafka.kill();
      const before = retries;
      await waitFor(() => retries > before + LANES, { describe: 'senders that are told to come back' });
      await kafka.revive();
    });
    while (unacknowledged.length > 0) await load(unacknowledged.length, async () => {});
    for (const sender of senders) sender.close();
    expect(acknowledged.length).toBeGreaterThan(1_000);
    await expectStoredOnce(acknowledged);
  }, 90_000);

  test('told to stop, each of them ends well', async () => {
    const { collectors, store } = running;
    expect(await Promise.all([...collectors, store].map((part) => part.stop()))).toEqual([0, 0, 0]);
  });
});
