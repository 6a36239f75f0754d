import { expect, test } from 'vitest';
import { formatTick } from './tick-text.ts';

test('ticks have the digits that tell them apart', () => {
  expect(formatTick(0, 10)).toBe('0');
  expect(formatTick(200, 100)).toBe('200 µs');
  expect(formatTick(1_500, 500)).toBe('1.5 ms');
  expect(formatTick(1_234_560, 20)).toBe('1.23456 s');
  expect(formatTick(0.25, 0.05)).toBe('250 ns');
  expect(formatTick(90e6, 30e6)).toBe('1m 30s');
  expect(formatTick(7_200e6, 3_600e6)).toBe('2h 00m');
});
