import { expect, test } from 'vitest';
import { elasticsearchConfig } from '../settings.ts';
import { ilmPolicy, ismPolicy } from './life-cycle.ts';

const config = elasticsearchConfig({
  rotation: { maxAge: '36h', maxBytes: '50GB', maxDocuments: 7 },
  retention: { maxAge: '14d' },
});
const patterns = ['prod-jaeger-span-*'];

test('Elasticsearch rolls over at any condition, and deletes so long after that', () => {
  expect(ilmPolicy({ config })).toEqual({
    policy: {
      phases: {
        hot: {
          min_age: '0ms',
          actions: { rollover: { max_age: '36h', max_size: '50000000000b', max_docs: 7 } },
        },
        delete: { min_age: '14d', actions: { delete: {} } },
      },
    },
  });
});

test('OpenSearch does the same, of the indices that the policy names', () => {
  expect(ismPolicy({ config, patterns })).toMatchObject({
    policy: {
      default_state: 'hot',
      states: [
        {
          name: 'hot',
          actions: [{ rollover: { min_index_age: '36h', min_size: '50000000000b', min_doc_count: 7 } }],
          transitions: [{ state_name: 'delete', conditions: { min_rollover_age: '14d' } }],
        },
        { name: 'delete', actions: [{ delete: {} }], transitions: [] },
      ],
      ism_template: [{ index_patterns: patterns }],
    },
  });
});

test('what is kept for ever is never deleted', () => {
  const keeping = elasticsearchConfig({});
  expect(JSON.stringify(ilmPolicy({ config: keeping }))).not.toContain('delete');
  expect(JSON.stringify(ismPolicy({ config: keeping, patterns }))).not.toContain('"delete"');
});

test('a policy that would never begin a new index is refused', () => {
  const never = elasticsearchConfig({ rotation: { maxAge: '0', maxBytes: 0, maxDocuments: 0 } });
  const refused = expect.objectContaining({ code: 'SPOOR_INVALID_CONFIGURATION' });
  expect(() => ilmPolicy({ config: never })).toThrow(refused);
  expect(() => ismPolicy({ config: never, patterns })).toThrow(refused);
});
