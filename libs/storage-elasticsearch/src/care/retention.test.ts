import { describe, expect, test } from 'vitest';
import { createIndexNames, type IndexNameSettings } from '../index-names.ts';
import type { IndexDescription } from '../indices/list.ts';
import { doomedIndices } from './retention.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 21, 12);
const settings: IndexNameSettings = {
  indexPrefix: '',
  oldestSpanAge: 30 * DAY,
  remoteClusters: [],
  rotation: { type: 'periodic', frequency: 'day', dateSeparator: '-' },
};
const NAMES = [createIndexNames('spoor-span', settings, { nowMs: () => NOW })];

function index(name: string, createdDaysAgo: number, bytes = 0, aliases: string[] = []): IndexDescription {
  const createdMs = NOW - createdDaysAgo * DAY;
  const rest = { writeAlias: undefined, shards: 1, replicas: 0, documents: 1, health: 'green' };
  return { name, createdMs, bytes, aliases, ...rest };
}

function doomed(indices: IndexDescription[], limits: { maxAgeMs?: number; maxBytes?: number }) {
  return doomedIndices(indices, NAMES, { maxAgeMs: 0, maxBytes: 0, ...limits }, NOW).map(({ name }) => name);
}

describe('retention by age', () => {
  const week = { maxAgeMs: 7 * DAY };

  test('takes an index when its day and its making are older', () => {
    expect(doomed([index('spoor-span-2026-11-12', 9), index('spoor-span-2026-11-20', 1)], week)).toEqual([
      'spoor-span-2026-11-12',
    ]);
  });

  test('leaves an index whose last moment is younger, though it was made before', () => {
    expect(doomed([index('spoor-span-2026-11-14', 7.5)], week)).toEqual([]);
  });

  test('leaves an old day that was written lately, such as of replayed spans', () => {
    expect(doomed([index('spoor-span-2026-10-01', 1)], week)).toEqual([]);
  });

  test('touches nothing that is not named by us', () => {
    const foreign = ['spoor-span-archive', 'spoor-spans-2026-01-01', 'spoor-span-2026-01-01-copy', 'other'];
    expect(
      doomed(
        foreign.map((name) => index(name, 300)),
        week,
      ),
    ).toEqual([]);
  });

  test('never takes what a write alias points at', () => {
    expect(doomed([index('spoor-span-000001', 90, 0, ['spoor-span-read', 'spoor-span-write'])], week)).toEqual([]);
    expect(doomed([index('spoor-span-2026-01-01', 300, 0, ['spoor-span-write'])], week)).toEqual([]);
  });

  test('counts the age of a rolled-over index from when the next one was made', () => {
    const rolled = [
      index('spoor-span-000001', 20),
      index('spoor-span-000002', 10),
      index('spoor-span-000003', 3, 0, ['spoor-span-write']),
    ];
    expect(doomed(rolled, week)).toEqual(['spoor-span-000001']);
  });
});

describe('retention by size', () => {
  const days = [1, 2, 3, 4].map((ago) => index(`spoor-span-2026-11-${21 - ago}`, ago, 100));

  test('takes the oldest until the rest fits', () => {
    expect(doomed(days, { maxBytes: 250 })).toEqual(['spoor-span-2026-11-17', 'spoor-span-2026-11-18']);
    expect(doomed(days, { maxBytes: 400 })).toEqual([]);
  });

  test('never takes the day that is being written, however large it is', () => {
    expect(doomed([index('spoor-span-2026-11-21', 0, 1_000)], { maxBytes: 10 })).toEqual([]);
  });

  test('counts what goes by age as gone', () => {
    const all = [index('spoor-span-2026-11-01', 20, 300), ...days];
    expect(doomed(all, { maxAgeMs: 7 * DAY, maxBytes: 400 })).toEqual(['spoor-span-2026-11-01']);
  });
});
