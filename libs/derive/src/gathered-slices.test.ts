import { getEventListeners } from 'node:events';
import { type MetricsSlice, type MetricsSliceStore, ServiceCounts } from '@spoor/storage';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GatheredSlices } from './gathered-slices.ts';

const NEVER = new AbortController().signal;
const LINGER_MS = 200;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function slice(source: string): MetricsSlice {
  const operations = new ServiceCounts().operations();
  return { tenant: 'default', source, service: 'shop', minute: 1, through: 1n, operations };
}

function storeThat(fails: () => boolean = () => false) {
  const puts: string[][] = [];
  const signals: AbortSignal[] = [];
  const store: MetricsSliceStore = {
    getSlices: async () => [],
    async putSlices(slices, signal) {
      puts.push(slices.map(({ source }) => source));
      signals.push(signal);
      if (fails()) throw new Error('the store is away');
    },
  };
  return { store, puts, signals };
}

test('small deliveries wait for one another, no longer than they may', async () => {
  const { store, puts } = storeThat();
  const gathered = new GatheredSlices(store, LINGER_MS);
  const first = gathered.put([slice('a')], 10, NEVER);
  await vi.advanceTimersByTimeAsync(LINGER_MS - 1);
  const second = gathered.put([slice('b'), slice('c')], 10, NEVER);
  expect(puts).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await Promise.all([first, second]);
  expect(puts).toEqual([['a', 'b', 'c']]);
  const third = gathered.put([slice('a')], 10, NEVER);
  await vi.advanceTimersByTimeAsync(LINGER_MS);
  await third;
  expect(puts).toHaveLength(2);
});

test('many spans do not wait, and take along who does', async () => {
  const { store, puts } = storeThat();
  const gathered = new GatheredSlices(store, LINGER_MS);
  const small = gathered.put([slice('a')], 10, NEVER);
  await Promise.all([gathered.put([slice('b')], 5_000, NEVER), small]);
  expect(puts).toEqual([['a', 'b']]);
});

test('who waits together fails together, and may come again', async () => {
  let isAway = true;
  const { store, puts } = storeThat(() => isAway);
  const gathered = new GatheredSlices(store, LINGER_MS);
  const calls = Promise.allSettled([gathered.put([slice('a')], 1, NEVER), gathered.put([slice('b')], 1, NEVER)]);
  await vi.advanceTimersByTimeAsync(LINGER_MS);
  expect((await calls).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  isAway = false;
  const again = gathered.put([slice('a')], 1, NEVER);
  await vi.advanceTimersByTimeAsync(LINGER_MS);
  await again;
  expect(puts).toEqual([['a', 'b'], ['a']]);
});

test('who gives up is not put, and the request ends when all who share it have given up', async () => {
  const { store, puts, signals } = storeThat();
  const gathered = new GatheredSlices(store, LINGER_MS);
  const [early, late, last] = [new AbortController(), new AbortController(), new AbortController()];
  const givenUp = expect(gathered.put([slice('a')], 1, early.signal)).rejects.toMatchObject({
    code: 'SPOOR_DEADLINE_EXCEEDED',
  });
  const put = [gathered.put([slice('b')], 1, late.signal), gathered.put([slice('c')], 1, last.signal)];
  early.abort();
  await givenUp;
  const [signal] = await new Promise<AbortSignal[]>((resolve) => {
    const original = store.putSlices;
    store.putSlices = async (...call) => {
      await original(...call);
      late.abort();
      expect(call[1].aborted).toBe(false);
      last.abort();
      resolve(signals);
    };
    vi.advanceTimersByTime(LINGER_MS);
  });
  await Promise.all(put);
  expect(signal?.aborted).toBe(true);
  expect(puts).toEqual([['b', 'c']]);
});

test('without a time to wait each goes by itself', async () => {
  const { store, puts } = storeThat();
  const gathered = new GatheredSlices(store, 0);
  await Promise.all([gathered.put([slice('a')], 1, NEVER), gathered.put([slice('b')], 1, NEVER)]);
  expect(puts).toEqual([['a'], ['b']]);
});

test('nothing stays with the signal of a partition, which lives longer than a delivery', async () => {
  const { store } = storeThat();
  const gathered = new GatheredSlices(store, LINGER_MS);
  const { signal } = new AbortController();
  const calls = [gathered.put([slice('a')], 1, signal), gathered.put([slice('b')], 1, signal)];
  expect(getEventListeners(signal, 'abort')).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(LINGER_MS);
  await Promise.all(calls);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
