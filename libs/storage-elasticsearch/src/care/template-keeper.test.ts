import { expect, test } from 'vitest';
import { withPolicy } from './template-keeper.ts';

const TEMPLATE = {
  base: 'prod-spoor-span',
  isStream: false,
  content: { settings: { index: { number_of_shards: 3 } }, mappings: { dynamic: false } },
};

test('a policy of Elasticsearch finds its alias, and new indices are read', () => {
  expect(withPolicy(TEMPLATE, 'two-weeks', 'elasticsearch')).toEqual({
    base: 'prod-spoor-span',
    isStream: false,
    content: {
      settings: {
        index: {
          number_of_shards: 3,
          'lifecycle.name': 'two-weeks',
          'lifecycle.rollover_alias': 'prod-spoor-span-write',
        },
      },
      mappings: { dynamic: false },
    },
    aliases: { 'prod-spoor-span-read': {} },
  });
});

test('a policy of OpenSearch names its indices itself, and is told the alias', () => {
  expect(withPolicy(TEMPLATE, 'two-weeks', 'opensearch')).toMatchObject({
    content: {
      settings: { index: { 'plugins.index_state_management.rollover_alias': 'prod-spoor-span-write' } },
    },
    aliases: { 'prod-spoor-span-read': {} },
  });
});

test('a data stream needs no alias for it', () => {
  const stream = { ...TEMPLATE, base: 'prod.spoor.spans', isStream: true };
  const policy = { index: { number_of_shards: 3, 'lifecycle.name': 'two-weeks' } };
  expect(withPolicy(stream, 'two-weeks', 'elasticsearch')).toEqual({
    ...stream,
    content: { ...TEMPLATE.content, settings: policy },
  });
  expect(withPolicy(stream, 'two-weeks', 'opensearch')).toEqual(stream);
});
