import { loadConfig } from '@spoor/service';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { elasticsearchSettings } from './settings.ts';

const schema = z.strictObject({
  storage: z.strictObject({ elasticsearch: elasticsearchSettings }).prefault({} as never),
});

function load(env: Record<string, string>, file?: string) {
  const argv = file === undefined ? [] : ['--config', 'spoor.yaml'];
  return loadConfig({ schema, argv, env, readFile: () => file ?? '' }).storage.elasticsearch;
}

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

describe('the settings', () => {
  test("understand the peer's environment", () => {
    const settings = load({
      ES_SERVER_URLS: 'http://a:9200,https://b:9243/path',
      ES_USERNAME: 'elastic',
      ES_PASSWORD: 'changed',
      ES_INDEX_PREFIX: 'prod',
      ES_INDEX_DATE_SEPARATOR: '.',
      ES_INDEX_ROLLOVER_FREQUENCY_SPANS: 'hour',
      ES_USE_ALIASES: 'true',
      ES_NUM_SHARDS: '2',
      ES_NUM_REPLICAS: '0',
      ES_VERSION: '102',
      ES_BULK_SIZE: '1000000',
      ES_REMOTE_READ_CLUSTERS: 'eu,us',
      ES_TAGS_AS_FIELDS_ALL: 'true',
      ES_TAGS_AS_FIELDS_CONFIG_FILE: '/etc/tags',
      ES_PRIORITY_SPAN_TEMPLATE: '3',
      ES_PRIORITY_SERVICE_TEMPLATE: '4',
      ES_PRIOIRITY_DEPENDENCIES_TEMPLATE: '5',
    });
    expect(settings).toMatchObject({
      servers: ['http://a:9200', 'https://b:9243/path'],
      username: 'elastic',
      indexPrefix: 'prod',
      rotation: { type: 'alias', dateSeparator: '.', frequency: 'hour' },
      shards: 2,
      replicas: 0,
      version: '102',
      bulk: { maxBytes: 1_000_000 },
      remoteClusters: ['eu', 'us'],
      tagsAsFields: { all: true, configFile: '/etc/tags' },
      templatePriority: 3,
      serviceTemplatePriority: 4,
      dependenciesTemplatePriority: 5,
    });
    expect(settings.password?.reveal()).toBe('changed');
  });

  test.each([
    ['true', 'jaeger-ilm-policy'],
    ['false', undefined],
  ])("take the peer's switch ES_USE_ILM=%s for its policy", (value, policy) => {
    expect(load({ ES_USE_ALIASES: 'true', ES_USE_ILM: value }).rotation).toMatchObject({ type: 'alias' });
    expect(load({ ES_USE_ALIASES: 'true', ES_USE_ILM: value }).rotation.policy).toBe(policy);
    expect(load({ ES_USE_ILM: value, SPOOR_STORAGE_ELASTICSEARCH_ROTATION_POLICY: 'own' }).rotation.policy).toBe('own');
  });

  test("take the peer's frequency of each kind for that kind", () => {
    const kinds = { SPANS: 'frequency', SERVICES: 'serviceFrequency', ADAPTIVE_SAMPLING: 'samplingFrequency' };
    for (const [kind, setting] of Object.entries(kinds)) {
      const daily = { frequency: 'day', serviceFrequency: 'day', samplingFrequency: 'day' };
      const { rotation } = load({ [`ES_INDEX_ROLLOVER_FREQUENCY_${kind}`]: 'hour' });
      expect(rotation).toMatchObject({ ...daily, [setting]: 'hour' });
    }
  });

  test('take a version that a file gives as a number', () => {
    expect(load({}, 'storage:\n  elasticsearch:\n    version: 9\n').version).toBe('9');
  });

  test.each([
    'http://elastic:hunter2@h:9200',
    'http://h:9200,https://elastic:hunt#er2@h:9200',
    'http://elastic:7,hunter2@h:9200',
    'http://elastic:a@hunter2@h:9200',
  ])('refuse a login in a URL and do not print it (%#)', (urls) => {
    const message = messageOf(() => load({ ES_SERVER_URLS: urls }));
    expect(message).toContain('storage.elasticsearch.username');
    expect(message).not.toContain('hunter2');
    expect(message).not.toContain('er2@');
  });

  test.each([
    ['SPOOR_STORAGE_ELASTICSEARCH_SERVERS', 'localhost:9200'],
    ['SPOOR_STORAGE_ELASTICSEARCH_INDEX_PREFIX', 'Upper'],
    ['SPOOR_STORAGE_ELASTICSEARCH_LAYOUT', 'flat'],
    ['SPOOR_STORAGE_ELASTICSEARCH_VERSION', '6'],
    ['SPOOR_STORAGE_ELASTICSEARCH_ROTATION_TYPE', 'maybe'],
    ['SPOOR_STORAGE_ELASTICSEARCH_BULK_CONCURRENCY', '0'],
  ])('refuse %s=%s', (name, value) => {
    expect(() => load({ [name]: value })).toThrow(name);
  });
});
