import { SpoorError } from '@spoor/model';
import { expect, test } from 'vitest';
import { ByteBudget } from '../byte-budget.ts';
import type { OutgoingRecord } from './driver.ts';
import { kafkaError } from './errors.ts';
import { Gatherer } from './gatherer.ts';
import { RECORD_OVERHEAD_BYTES } from './record-format.ts';

const NEVER = new AbortController().signal;
const BYTES = 100;

/** A gatherer whose sends end when the test says so; room for two records of `BYTES` a partition and request. */
function open() {
  const budget = new ByteBudget(1_000_000, 1_000);
  const sends: { ids: string[]; done: () => void; fail: (error: Error) => void }[] = [];
  const limits = { lingerMs: 0, limit: { bytes: 2 * (BYTES + RECORD_OVERHEAD_BYTES) } };
  const gatherer = new Gatherer(
    budget,
    limits,
    (records) =>
      new Promise((done, fail) => {
        sends.push({ ids: records.map(({ headers }) => String(headers.get('id'))), done, fail });
      }),
  );
  const append = (id: string, partition = 0, signal: AbortSignal = NEVER) => {
    const record: OutgoingRecord = {
      partition,
      key: null,
      value: new Uint8Array(BYTES),
      headers: new Map([['id', id]]),
    };
    budget.acquire(BYTES, 1);
    return gatherer.append(record, BYTES, signal);
  };
  const sent = async (count: number) => {
    await expect.poll(() => sends.length, { timeout: 10_000, interval: 2 }).toBe(count);
    return sends[count - 1]!;
  };
  return { budget, sends, gatherer, append, sent };
}

test('records of many requests share one send; a full partition waits and keeps its order', async () => {
  const { budget, append, sent } = open();
  const all = Promise.all([append('a0'), append('a1'), append('a2'), append('b0', 1), append('a3')]);
  const first = await sent(1);
  expect(first.ids).toEqual(['a0', 'a1', 'b0']);
  const late = append('b1', 1);
  first.done();
  const second = await sent(2);
  expect(second.ids).toEqual(['a2', 'a3', 'b1']);
  second.done();
  await Promise.all([all, late]);
  expect(budget.use()).toMatchObject({ bytes: 0, items: 0 });
});

test('one send is under way at a time', async () => {
  const { append, sends, sent, gatherer } = open();
  const appends = [append('a')];
  const first = await sent(1);
  appends.push(append('b'));
  const drained = gatherer.drain();
  await new Promise((resolve) => setImmediate(resolve));
  expect(sends).toHaveLength(1);
  first.done();
  (await sent(2)).done();
  await drained;
  await Promise.all(appends);
});

test('a failed send fails its own records only, and gives their room back', async () => {
  const { budget, append, sent } = open();
  const lost = append('a');
  const first = await sent(1);
  const kept = append('b');
  first.fail(kafkaError('writing', new Error('the broker is away')));
  await expect(lost).rejects.toMatchObject({ code: 'SPOOR_SPAN_LOG_UNAVAILABLE', retryAfterMs: 1000 });
  (await sent(2)).done();
  await kept;
  expect(budget.use()).toMatchObject({ bytes: 0, items: 0 });
});

test('a sender that gives up takes back what was not sent yet, and no more', async () => {
  const { budget, append, sent } = open();
  const first = append('a');
  const under = await sent(1);
  const impatient = new AbortController();
  const given = append('b', 0, impatient.signal);
  const patient = append('c');
  impatient.abort();
  await expect(given).rejects.toMatchObject({ code: 'SPOOR_DEADLINE_EXCEEDED' });
  under.done();
  const next = await sent(2);
  expect(next.ids).toEqual(['c']);
  next.done();
  await Promise.all([first, patient]);
  expect(budget.use()).toMatchObject({ bytes: 0, items: 0 });
});

test('what is abandoned is told so', async () => {
  const { gatherer, append, sent } = open();
  const under = append('a');
  const first = await sent(1);
  const waiting = expect(append('b')).rejects.toMatchObject({ code: 'SPOOR_SHUTTING_DOWN' });
  gatherer.abandon(new SpoorError('SPOOR_SHUTTING_DOWN', 'the process stops'));
  await waiting;
  first.done();
  await under;
});

test('errors are retryable, unless it is configuration that can never work; nested causes are told once', () => {
  const wrongPassword = Object.assign(new Error('SASL authentication failed'), { code: 'PLT_KFK_AUTHENTICATION' });
  const failed = new AggregateError([wrongPassword, wrongPassword], 'metadata failed 2 times');
  expect(kafkaError('connecting', failed)).toMatchObject({
    code: 'SPOOR_INVALID_CONFIGURATION',
    message: 'Kafka refused us while connecting: metadata failed 2 times: SASL authentication failed',
  });
  const tooLarge = kafkaError('writing', new Error('The message is too large'));
  expect(tooLarge.kind).toBe('retryable');
  expect(tooLarge.message).toContain('max.message.bytes');
});
