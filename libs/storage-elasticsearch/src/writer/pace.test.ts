import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

const MIB = 2 ** 20;

function pace() {
  return new Pace({ maxBytes: 5 * MIB, maxConcurrency: 4 });
}

test('requests grow while full ones are answered quickly, up to the limit', () => {
  const one = pace();
  const began = one.targetBytes;
  one.answered(one.targetBytes, 50);
  expect(one.targetBytes).toBeGreaterThan(began);
  for (let i = 0; i < 100; i += 1) one.answered(one.targetBytes, 50);
  expect(one.targetBytes).toBe(5 * MIB);
});

test('requests that are not full say nothing about full ones', () => {
  const one = pace();
  const began = one.targetBytes;
  for (let i = 0; i < 100; i += 1) one.answered(1_000, 5);
  expect(one.targetBytes).toBe(began);
});

test('slow answers ask for smaller requests, but not for fewer', () => {
  const one = pace();
  const began = one.targetBytes;
  one.answered(one.targetBytes, 10_000);
  expect([one.targetBytes, one.concurrency]).toEqual([began / 2, 4]);
});

test('refusals ask for both, never for none, and what works is found again', () => {
  const one = pace();
  for (let i = 0; i < 50; i += 1) one.refused();
  expect(one.concurrency).toBe(1);
  expect(one.targetBytes).toBeGreaterThan(10_000);
  for (let i = 0; i < 100; i += 1) one.answered(one.targetBytes, 50);
  expect([one.targetBytes, one.concurrency]).toEqual([5 * MIB, 4]);
});

test('what was too large is not tried again', () => {
  const one = pace();
  one.tooLarge(800_000);
  for (let i = 0; i < 100; i += 1) one.answered(one.targetBytes, 50);
  expect(one.targetBytes).toBe(400_000);
});
