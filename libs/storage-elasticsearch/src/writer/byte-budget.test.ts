import { expect, test } from 'vitest';
import { ByteBudget } from './byte-budget.ts';

const { signal } = new AbortController();

test('lets those who wait go one by one, in the order in which they came', async () => {
  const budget = new ByteBudget(10);
  budget.add(10);
  const order: string[] = [];
  const waiting = ['a', 'b', 'c'].map(async (name) => {
    await budget.turn(signal);
    order.push(name);
    budget.add(10);
  });
  for (let i = 1; i <= 3; i += 1) {
    budget.release(10);
    await waiting[i - 1];
    expect(order).toEqual(['a', 'b', 'c'].slice(0, i));
  }
});

test('nobody overtakes', async () => {
  const budget = new ByteBudget(10);
  budget.add(10);
  const order: string[] = [];
  const first = budget.turn(signal).then(() => order.push('first'));
  const second = budget.turn(signal).then(() => order.push('second'));
  budget.release(10);
  await first;
  budget.passOn();
  await second;
  expect(order).toEqual(['first', 'second']);
});

test('who gives up leaves the line', async () => {
  const budget = new ByteBudget(10);
  budget.add(10);
  const impatient = new AbortController();
  const leaving = budget.turn(impatient.signal);
  const staying = budget.turn(signal);
  impatient.abort();
  await expect(leaving).rejects.toMatchObject({ code: 'SPOOR_DEADLINE_EXCEEDED' });
  budget.release(10);
  await staying;
});

test('remembers the most it held', () => {
  const budget = new ByteBudget(10);
  budget.add(7);
  budget.add(5);
  budget.release(12);
  expect([budget.bytes, budget.highWaterBytes]).toEqual([0, 12]);
});
