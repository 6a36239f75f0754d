import { loadConfig } from '@spoor/service';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { cassandraConfig, cassandraSettings } from './settings.ts';

const schema = z.strictObject({ storage: z.strictObject({ cassandra: cassandraSettings }).prefault({} as never) });

function load(env: Record<string, string>, file?: string) {
  const argv = file === undefined ? [] : ['--config', 'spoor.yaml'];
  return loadConfig({ schema, argv, env, readFile: () => file ?? '' }).storage.cassandra;
}

const withCassandra = (lines: string) => load({}, `storage:\n  cassandra:\n    ${lines}\n`);

describe('the settings', () => {
  test("understand the peer's environment", () => {
    const settings = load({
      CASSANDRA_SERVERS: 'a,b',
      CASSANDRA_PORT: '9043',
      CASSANDRA_KEYSPACE: 'jaeger_v1_dc1',
      CASSANDRA_USERNAME: 'cassandra',
      CASSANDRA_PASSWORD: 'changed',
      CASSANDRA_LOCAL_DC: 'dc1',
      CASSANDRA_CONSISTENCY: 'local-one',
      CASSANDRA_INDEX_TAG_BLACKLIST: 'a,b',
      CASSANDRA_ARCHIVE_ENABLED: 'true',
    });
    expect(cassandraConfig(settings)).toMatchObject({
      servers: ['a', 'b'],
      port: 9043,
      keyspace: 'jaeger_v1_dc1',
      username: 'cassandra',
      password: 'changed',
      localDatacenter: 'dc1',
      writeConsistency: 'LOCAL_ONE',
      write: { tags: { exclude: ['a', 'b'] } },
      archive: { keyspace: 'jaeger_v1_dc1_archive' },
    });
  });

  test.each(['0', '1'])('send a request once where the peer is told to try %s times', (attempts) => {
    expect(cassandraConfig(load({ CASSANDRA_MAX_RETRY_ATTEMPTS: attempts })).write.maxAttempts).toBe(1);
  });

  test.each(['0', '1s', '7300d'])('take %s to keep spans', (traceTtl) => {
    expect(() => withCassandra(`schema: { traceTtl: '${traceTtl}' }`)).not.toThrow();
  });

  test.each([
    ['schema: { traceTtl: 400ms }', /cassandra\.schema\.traceTtl.*0 \(for ever\), or from 1s/],
    ['schema: { dependenciesTtl: 1ms }', /cassandra\.schema\.dependenciesTtl.*0 \(for ever\), or from 1s/],
    ['schema: { traceTtl: 7301d }', /cassandra\.schema\.traceTtl.*20 years.*7300d/],
    ['keyspace: k\n    archive: { enabled: true, keyspace: k }', /archive\.keyspace.*another keyspace than keyspace/],
    [
      `keyspace: ${'k'.repeat(41)}\n    archive: { enabled: true }`,
      /cassandra\.keyspace.*k_archive.*48 characters.*name .*archive\.keyspace/,
    ],
    ['password: secret', /cassandra\.password.*username/],
    ['index: { include: [a], exclude: [b] }', /cassandra\.index.*not both/],
  ])('refuse %s', (lines, message) => {
    expect(() => withCassandra(lines)).toThrow(message);
  });

  test('leave names alone that nobody archives into', () => {
    expect(withCassandra(`keyspace: ${'k'.repeat(48)}`).keyspace).toHaveLength(48);
    expect(withCassandra('keyspace: k\n    archive: { keyspace: k }').archive.enabled).toBe(false);
  });
});
