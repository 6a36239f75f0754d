import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createElasticsearchStorage } from './elasticsearch-storage.ts';
import { createIndexNames } from './index-names.ts';
import { elasticsearchConfig } from './settings.ts';

function open(settings: Parameters<typeof elasticsearchConfig>[0]) {
  return createElasticsearchStorage(elasticsearchConfig(settings), {
    logger: pino({ level: 'silent' }),
    metrics: new Registry(),
    clock: { nowMs: Date.now },
  });
}

const wrong = (message: string) =>
  expect.objectContaining({ code: 'SPOOR_INVALID_CONFIGURATION', message: expect.stringContaining(message) });

test('a life-cycle policy needs aliases or a data stream', () => {
  expect(() => open({ rotation: { policy: 'two-weeks' } })).toThrow(wrong('rotation.type to alias or data_stream'));
  expect(() => open({ rotation: { policy: 'true' } })).toThrow(wrong('ES_USE_ALIASES=true'));
  for (const type of ['alias', 'data_stream'] as const) open({ rotation: { type, policy: 'two-weeks' } });
});

test('spans that retention still keeps have the index of their day', () => {
  const day = 86_400_000;
  const nowMs = Date.UTC(2026, 10, 21, 12);
  const ageOf = (settings: Parameters<typeof elasticsearchConfig>[0]) =>
    elasticsearchConfig(settings).oldestSpanAge / day;
  expect(ageOf({})).toBe(30);
  expect(ageOf({ retention: { maxAge: '7d' } })).toBe(30);
  expect(ageOf({ retention: { maxAge: '90d' }, oldestSpanAge: '100d' })).toBe(100);
  const kept = elasticsearchConfig({ retention: { maxAge: '90d' } });
  const names = createIndexNames('spoor-span', kept, { nowMs: () => nowMs });
  expect(names.forWriting(nowMs - 40 * day)).toBe('spoor-span-2026-10-12');
  expect(names.forWriting(nowMs - 91 * day)).toBe('spoor-span-1970-01-01');
});

test('retention does not keep spans longer than they have indices of their own', () => {
  const retention = { maxAge: '90d' };
  expect(() => open({ retention, oldestSpanAge: '89d' })).toThrow(wrong('leave it out'));
  open({ retention, oldestSpanAge: '90d' });
});
