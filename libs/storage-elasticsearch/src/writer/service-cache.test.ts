import { expect, test } from 'vitest';
import { ServiceCache } from './service-cache.ts';

test('tells groups, operations and kinds apart', () => {
  const cache = new ServiceCache(1_000, () => 0);
  cache.add('a', 'GET /', 2);
  expect(cache.has('a', 'GET /', 2)).toBe(true);
  expect([cache.has('b', 'GET /', 2), cache.has('a', 'GET', 2), cache.has('a', 'GET /', 3)]).toEqual([
    false,
    false,
    false,
  ]);
});

test('forgets an entry after its time, however often it is asked for', () => {
  let now = 0;
  const cache = new ServiceCache(1_000, () => now);
  cache.add('a', 'o', 0);
  for (now = 0; now <= 1_000; now += 100) {
    cache.forgetOld();
    if (now < 500) expect(cache.has('a', 'o', 0)).toBe(true);
  }
  expect(cache.has('a', 'o', 0)).toBe(false);
});

test('stays bounded when operations never end', () => {
  const cache = new ServiceCache(1_000, () => 0);
  for (let i = 0; i < 350_000; i += 1) cache.add('a', `GET /${i}`, 0);
  let known = 0;
  for (let i = 0; i < 350_000; i += 1) if (cache.has('a', `GET /${i}`, 0)) known += 1;
  expect(known).toBeLessThanOrEqual(200_000);
  expect(cache.has('a', 'GET /349999', 0)).toBe(true);
});
