import { expect, test } from 'vitest';
import { doomedIndices } from '../care/retention.ts';
import { metricsNames } from './slice-names.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 21, 12);
const names = metricsNames(
  { indexPrefix: 'prod', rotation: { dateSeparator: '-' }, remoteClusters: ['west'] },
  { nowMs: () => NOW },
);

test('a minute has the index of its day, however long ago', () => {
  expect(names.forWriting(Date.UTC(2026, 10, 20, 23, 59))).toBe('prod-spoor-metrics-2026-11-20');
  expect(names.forWriting(Date.UTC(2001, 0, 1))).toBe('prod-spoor-metrics-2001-01-01');
});

test('a time has the indices of its days, of remote clusters too', () => {
  expect(names.forReading({ startMs: NOW - DAY_MS, endMs: NOW })).toEqual([
    'prod-spoor-metrics-2026-11-20*',
    'prod-spoor-metrics-2026-11-21*',
    'west:prod-spoor-metrics-2026-11-20*',
    'west:prod-spoor-metrics-2026-11-21*',
  ]);
});

test('retention deletes those of days gone by', () => {
  const indices = [12, 11, 10].map((day) => ({
    name: `prod-spoor-metrics-2026-11-${day}`,
    createdMs: Date.UTC(2026, 10, day),
    health: 'green',
    shards: 1,
    replicas: 0,
    documents: 1,
    bytes: 1_000,
    writeAlias: undefined,
    aliases: [],
  }));
  const doomed = doomedIndices(indices, [names], { maxAgeMs: 10 * DAY_MS, maxBytes: 0 }, NOW);
  expect(doomed).toEqual([{ name: 'prod-spoor-metrics-2026-11-10', reason: 'age' }]);
});
