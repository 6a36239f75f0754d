import { contractWriter } from '@spoor/derive/contract';
import { serviceNameOf } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import { cassandraSchema } from '@spoor/storage-cassandra';
import { afterAll, describe, expect, test } from 'vitest';
import { createSpanGenerator } from '../../fixtures/spans.ts';
import { type Cassandra, startCassandra } from '../../harness/cassandra.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { configFor, createForTest, ownKeyspace, startForTest, withClient } from './open-cassandra.ts';

const outside = await startCassandra();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Cassandra for metrics', (context) => {
  foundOrSkipped<Cassandra>(outside, (note) => context.skip(note));
});

describe.skipIf('missing' in outside)('metrics of services', () => {
  if ('missing' in outside) return;
  const cassandra = outside.found;

  test('need a table that a peer does not make; spans are stored without it', async () => {
    const keyspace = ownKeyspace();
    const config = configFor(cassandra, keyspace);
    const schema = cassandraSchema(config);
    await schema.apply();
    await withClient(cassandra, (client) => client.execute(`DROP TABLE ${keyspace}.spoor_metrics`));

    const store = createForTest({ ...config, schema: { ...config.schema, create: false } });
    await startForTest(store);
    const signal = AbortSignal.timeout(60_000);
    const [span] = createSpanGenerator({ seed: 1 }).spans(1);
    const batch = { tenant: 'default', encoding: 'otlp_proto', spanCount: 1, bytes: encodeTraces([span!]) } as const;
    const minute = Number(span!.startTimeUnixNano / 60_000_000_000n);
    const question = { services: [serviceNameOf(span!.resource)], firstMinute: minute, lastMinute: minute };
    const context = { tenant: 'default', signal };
    try {
      const outcome = await contractWriter(store).write([batch], { signal });
      expect(outcome.accepted).toBe(1);
      await expect(store.metrics.readMetrics(question, context)).rejects.toMatchObject({
        code: 'SPOOR_NOT_IMPLEMENTED',
        message: expect.stringContaining('spoor schema apply') as unknown,
      });

      await schema.apply();
      expect(await store.metrics.readMetrics(question, context)).toEqual([]);
      await contractWriter(store).write([batch], { signal });
      expect((await store.metrics.readMetrics(question, context))[0]?.operations[0]?.durations.count).toBe(1);
    } finally {
      await store.stop(signal);
      await schema.close();
      await withClient(cassandra, (client) => client.execute(`DROP KEYSPACE ${keyspace}`));
    }
  });
});
