import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createElasticsearchStorage } from './elasticsearch-storage.ts';
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
