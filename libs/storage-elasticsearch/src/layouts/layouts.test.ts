import { describe, expect, test } from 'vitest';
import { elasticsearchConfig, type RotationType } from '../settings.ts';
import { createLayout, indexNamesOf, keptNames, readSources } from './layouts.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const DAY = { startMs: NOW, endMs: NOW };
const clock = { nowMs: () => NOW };
type Settings = Parameters<typeof elasticsearchConfig>[0];

function read(settings: Settings): Record<string, string[]> {
  const sources = readSources(elasticsearchConfig(settings), clock);
  return Object.fromEntries(
    sources.map(({ layout, spanNames, serviceNames }) => [
      layout.name,
      [...spanNames.forReading(DAY), ...serviceNames.forReading(DAY)],
    ]),
  );
}

describe('what is read', () => {
  const dated = (stem: string) => [`${stem}-2026-11-21*`, `${stem}-read`];
  const usual = (layout: string) => [...dated(`${layout}-span`), ...dated(`${layout}-service`)];

  test.each(['periodic', 'alias'] as const)('is by date and behind aliases when %s is written', (type) => {
    expect(read({ readLayouts: ['spoor', 'jaeger'], rotation: { type } })).toEqual({
      spoor: usual('spoor'),
      jaeger: usual('jaeger'),
    });
  });

  test('is a data stream as well where one is written, and never instead', () => {
    const found = read({ readLayouts: ['spoor', 'jaeger'], rotation: { type: 'data_stream' } });
    expect(found).toEqual({
      spoor: [...dated('spoor-span'), 'spoor.spans', ...dated('spoor-service')],
      jaeger: [...dated('jaeger-span'), 'jaeger.spans', ...dated('jaeger-service')],
    });
  });

  test('may be told for each layout, with the prefix and the separator', () => {
    const rotations: RotationType[] = ['periodic', 'data_stream'];
    const jaeger = { rotations, indexPrefix: 'old', dateSeparator: '.' } as const;
    const found = read({ indexPrefix: 'new', readLayouts: ['spoor', 'jaeger'], reading: { jaeger } });
    expect(found['spoor']![0]).toBe('new-spoor-span-2026-11-21*');
    expect(found['jaeger']).toEqual([
      'old-jaeger-span-2026.11.21*',
      'old.jaeger.spans',
      'old-jaeger-service-2026.11.21*',
    ]);
  });
});

test('each kind has its own frequency', () => {
  const config = elasticsearchConfig({ rotation: { samplingFrequency: 'hour' } });
  const layout = createLayout('spoor', config);
  const [span, service, sampling] = (['span', 'service', 'sampling'] as const).map((kind) =>
    indexNamesOf(layout, kind, config, clock).forWriting(NOW),
  );
  expect([span, service, sampling]).toEqual([
    'spoor-span-2026-11-21',
    'spoor-service-2026-11-21',
    'spoor-sampling-2026-11-21-12',
  ]);
});

describe('what is looked after', () => {
  const patternsOf = (settings: Settings, name: 'spoor' | 'jaeger') => {
    const config = elasticsearchConfig(settings);
    return keptNames(createLayout(name, config), 'span', config, clock).map(({ pattern }) => pattern);
  };

  test('is what is read, in each form once', () => {
    expect(patternsOf({}, 'spoor')).toEqual(['spoor-span-*']);
    expect(patternsOf({ rotation: { type: 'data_stream' } }, 'spoor')).toEqual(['spoor-span-*', 'spoor.spans*']);
  });

  test('is with a prefix of its own what is read there, and of the layout that is written that too', () => {
    const reading = { indexPrefix: 'old' };
    expect(patternsOf({ reading: { jaeger: reading } }, 'jaeger')).toEqual(['old-jaeger-span-*']);
    expect(patternsOf({ reading: { spoor: reading } }, 'spoor')).toEqual(['old-spoor-span-*', 'spoor-span-*']);
  });
});
