import { describe, expect, test } from 'vitest';
import { createIndexNames, type IndexNameSettings } from './index-names.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const DAY = 86_400_000;
const SETTINGS: IndexNameSettings = {
  indexPrefix: '',
  oldestSpanAge: 30 * DAY,
  remoteClusters: [],
  rotation: { type: 'periodic', frequency: 'day', dateSeparator: '-' },
};

function names(changes: Partial<IndexNameSettings> = {}, stem = 'spoor-span') {
  return createIndexNames(stem, { ...SETTINGS, ...changes }, { nowMs: () => NOW });
}

/** As the servers understand a name with a star behind it. */
function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

describe('names of periodic indices', () => {
  test('are of the UTC day in which the span starts', () => {
    expect(names().forWriting(Date.UTC(2026, 10, 20, 23, 59, 59, 999))).toBe('spoor-span-2026-11-20');
    expect(names({ indexPrefix: 'prod' }).forWriting(NOW)).toBe('prod-spoor-span-2026-11-21');
  });

  test('do not double a dash behind the prefix', () => {
    expect(names({ indexPrefix: 'prod-' }, 'jaeger-span').forWriting(NOW)).toBe('prod-jaeger-span-2026-11-21');
  });

  test.each([
    ['.', 'spoor-span-2026.11.21'],
    ['', 'spoor-span-20261121'],
  ] as const)('have the separator %j', (dateSeparator, name) => {
    const all = names({ rotation: { ...SETTINGS.rotation, dateSeparator } });
    expect(all.forWriting(NOW)).toBe(name);
    expect(all.periodOf(name)?.startMs).toBe(Date.UTC(2026, 10, 21));
  });

  test('are few, whatever the clocks of senders say', () => {
    const written = new Set(Array.from({ length: 20_000 }, (_, day) => names().forWriting(day * DAY)));
    // Today, the 30 days before, what is ahead of us, and the day for everything older.
    expect([...written].filter((name) => name < 'spoor-span-2026-10-22')).toEqual(['spoor-span-1970-01-01']);
  });

  test('hours follow the day', () => {
    const hourly = names({ rotation: { ...SETTINGS.rotation, frequency: 'hour' } });
    expect(hourly.forWriting(NOW)).toBe('spoor-span-2026-11-21-12');
    expect(hourly.forReading({ startMs: NOW - 3_600_000, endMs: NOW })).toEqual([
      'spoor-span-2026-11-21',
      'spoor-span-2026-11-21-11',
      'spoor-span-2026-11-21-12',
    ]);
    expect(hourly.periodOf('spoor-span-2026-11-21-12')).toEqual({ startMs: NOW, endMs: NOW + 3_599_999 });
  });
});

describe('names to be read', () => {
  test('are the days of the range', () => {
    expect(names().forReading({ startMs: NOW - DAY, endMs: NOW })).toEqual([
      'spoor-span-2026-11-20*',
      'spoor-span-2026-11-21*',
    ]);
  });

  test.each([
    ['day', 'hour'],
    ['hour', 'day'],
  ] as const)('a %s find what was written an %s before', (frequency, before) => {
    const read = names({ rotation: { ...SETTINGS.rotation, frequency } });
    const written = names({ rotation: { ...SETTINGS.rotation, frequency: before } });
    for (const ageDays of [0, 1, 29, 30, 31, 400]) {
      const startMs = NOW - ageDays * DAY;
      for (const widthMs of [1, 3_600_000, 23 * 3_600_000, 20 * DAY, 5_000 * DAY]) {
        const patterns = read.forReading({ startMs: startMs - widthMs, endMs: startMs });
        expect(patterns.some((pattern) => matches(pattern, written.forWriting(startMs)))).toBe(true);
      }
    }
  });

  test('include the index of old spans as soon as the range reaches back so far', () => {
    const read = names().forReading({ startMs: NOW - 30 * DAY, endMs: NOW - 29 * DAY });
    expect(read).toEqual(['spoor-span-1970-01-01*', 'spoor-span-2026-10-22*', 'spoor-span-2026-10-23*']);
  });

  test('collapse to months, then to everything', () => {
    const read = names().forReading({ startMs: Date.UTC(2026, 5, 15), endMs: NOW });
    expect(read).toEqual([
      'spoor-span-1970-01-01*',
      ...['06', '07', '08', '09', '10', '11'].map((month) => `spoor-span-2026-${month}*`),
    ]);
    // What lies further ahead than a year is not there.
    expect(names().forReading({ startMs: 0, endMs: NOW * 2 })).toEqual(['spoor-span-1*', 'spoor-span-2*']);
    expect(names().forReading()).toEqual(['spoor-span-1*', 'spoor-span-2*']);
  });

  test('hold what was written, for every time and range about it', () => {
    for (const ageDays of [0, 1, 29, 30, 31, 400]) {
      const startMs = NOW - ageDays * DAY;
      const written = names().forWriting(startMs);
      for (const widthDays of [0, 1, 50, 5_000]) {
        const read = names().forReading({ startMs: startMs - widthDays * DAY, endMs: startMs + widthDays * DAY });
        const isFound = read.some((name) => matches(name, written));
        expect([ageDays, widthDays, isFound]).toEqual([ageDays, widthDays, true]);
      }
    }
  });

  test('never match an archive', () => {
    for (const name of names({}, 'jaeger-span').forReading())
      expect('jaeger-span-archive'.startsWith(name.replace('*', ''))).toBe(false);
  });

  test('are short enough for the first line of a request', () => {
    const read = names({ indexPrefix: 'p'.repeat(100), remoteClusters: ['far', 'near'] }).forReading({
      startMs: NOW - 30 * DAY,
      endMs: NOW,
    });
    expect(read.join(',').length).toBeLessThan(3_000);
  });

  test('are those of remote clusters as well', () => {
    expect(names({ remoteClusters: ['eu'] }).forReading({ startMs: NOW, endMs: NOW })).toEqual([
      'spoor-span-2026-11-21*',
      'eu:spoor-span-2026-11-21*',
    ]);
  });
});

describe('names behind aliases', () => {
  const aliases = names({ rotation: { ...SETTINGS.rotation, type: 'alias' } }, 'jaeger-span');

  test('are the aliases, whatever the time', () => {
    expect(aliases.forWriting(0)).toBe('jaeger-span-write');
    expect(aliases.forReading({ startMs: 0, endMs: 1 })).toEqual(['jaeger-span-read']);
  });

  test('number their indices', () => {
    expect(aliases.numberOf('jaeger-span-000012')).toBe(12);
    expect(aliases.numberOf('jaeger-span-archive-000012')).toBeUndefined();
    expect(aliases.periodOf('jaeger-span-000012')).toBeUndefined();
  });
});

describe('names of data streams', () => {
  const rotation = { ...SETTINGS.rotation, type: 'data_stream' } as const;
  const stream = names({ rotation, indexPrefix: 'prod-', remoteClusters: ['eu'] }, 'jaeger-span');

  test('have dots, and are the same whatever the time', () => {
    expect(stream.base).toBe('prod.jaeger.spans');
    expect(stream.forWriting(0)).toBe('prod.jaeger.spans');
    expect(stream.forReading({ startMs: 0, endMs: 1 })).toEqual(['prod.jaeger.spans', 'eu:prod.jaeger.spans']);
  });

  test('number their backing indices, as either of the servers calls them', () => {
    expect(stream.numberOf('.ds-prod.jaeger.spans-2026.01.31-000012')).toBe(12);
    expect(stream.numberOf('.ds-prod.jaeger.spans-000013')).toBe(13);
    expect(stream.numberOf('.ds-prod.jaeger.spans-other-000013')).toBeUndefined();
    expect(stream.numberOf('.ds-prod-jaeger-spans-000013')).toBeUndefined();
    expect(stream.periodOf('.ds-prod.jaeger.spans-2026.01.31-000012')).toBeUndefined();
  });

  test('are of spans only; other kinds have an index a day', () => {
    const services = names({ rotation }, 'spoor-service');
    expect(services.isStream).toBe(false);
    expect(services.forWriting(NOW)).toBe('spoor-service-2026-11-21');
  });
});
