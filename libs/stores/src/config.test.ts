import { loadConfig } from '@spoor/service';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { sharedStorageConfig, storageConfig } from './config.ts';

const alone = z.strictObject({ storage: storageConfig });
const shared = z.strictObject({ storage: sharedStorageConfig });

function load<Schema extends z.ZodType>(schema: Schema, env: Readonly<Record<string, string>>): z.output<Schema> {
  return loadConfig({ schema, argv: [], env, readFile: () => '' });
}

test('without a word the store is the embedded one', () => {
  expect(load(alone, {}).storage.type).toBe('embedded');
});

test.each([
  ['memory', 'embedded'],
  ['badger', 'embedded'],
  ['elasticsearch', 'elasticsearch'],
  ['opensearch', 'elasticsearch'],
])('SPAN_STORAGE_TYPE=%s is the store %s', (name, store) => {
  expect(load(alone, { SPAN_STORAGE_TYPE: name }).storage.type).toBe(store);
});

test('a process that shares its store must be told which', () => {
  expect(() => load(shared, {})).toThrow(
    'storage.type is missing; give it as --storage.type or SPOOR_STORAGE_TYPE: one of elasticsearch, cassandra',
  );
  expect(load(shared, { SPOOR_STORAGE_TYPE: 'elasticsearch' }).storage.type).toBe('elasticsearch');
});

test.each(['embedded', 'badger'])('%s is no store to share, and the message says what to do', (name) => {
  expect(() => load(shared, { SPAN_STORAGE_TYPE: name })).toThrow(
    /SPAN_STORAGE_TYPE is "\w+", which is not one of elasticsearch.* \(the embedded store belongs to one process: run the all-in-one/,
  );
});

test('several stores at once, as the peer has them, are refused with the list of what there is', () => {
  expect(() => load(alone, { SPAN_STORAGE_TYPE: 'cassandra,elasticsearch' })).toThrow(
    'is "cassandra,elasticsearch", which is not one of embedded, elasticsearch, cassandra',
  );
});
