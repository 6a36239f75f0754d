import { expect, test } from 'vitest';
import { formatTick } from './tick-text.ts';

const plain = (micros: number, step: number) => formatTick(micros, step).replaceAll('\u00a0', ' ');

test('ticks have the digits that tell them apart', () => {
  expect(plain(0, 10)).toBe('0');
  expect(plain(200, 100)).toBe('200 µs');
  expect(plain(1_500, 500)).toBe('1.5 ms');
  expect(plain(1_234_560, 20)).toBe('1.23456 s');
  expect(plain(0.25, 0.05)).toBe('250 ns');
  expect(plain(90e6, 30e6)).toBe('1m 30s');
  expect(plain(7_200e6, 3_600e6)).toBe('2h 00m');
});
