import { createIngester, ingesterConfig } from '@spoor/ingester';
import type { Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import { createInProcessSpanLog } from '@spoor/span-log';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSpanGenerator } from '../../fixtures/spans.ts';
import { type Cassandra, startCassandra } from '../../harness/cassandra.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { configFor, createForTest, ownKeyspace, startForTest, withClient } from './open-cassandra.ts';

const outside = await startCassandra();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Cassandra for large spans', (context) => {
  foundOrSkipped<Cassandra>(outside, (note) => context.skip(note));
});

const MIB = 2 ** 20;
const context = { tenant: 'default', signal: new AbortController().signal };

describe.skipIf('missing' in outside)('a span that is too large for Cassandra', () => {
  if ('missing' in outside) return;
  const cassandra = outside.found;
  const config = configFor(cassandra, ownKeyspace());
  const store = createForTest(config);
  beforeAll(() => startForTest(store));
  afterAll(async () => {
    await store.stop(context.signal);
    await withClient(cassandra, (client) => client.execute(`DROP KEYSPACE ${config.keyspace}`));
  });

  const spans = createSpanGenerator({ seed: 11, startTimeUnixNano: 1_767_225_600_000_000_000n }).spans(40);
  const spanOf = (at: number, attributes: Span['attributes'] = []): Span => ({
    ...spans[at]!,
    traceId: (at + 1).toString(16).padStart(32, '0'),
    attributes,
  });
  const batchOf = (...some: readonly Span[]) => ({
    tenant: 'default',
    encoding: 'otlp_proto' as const,
    spanCount: some.length,
    bytes: encodeTraces(some),
  });
  const text = (bytes: number) => [{ key: 'body', value: 'x'.repeat(bytes) }];
  async function isStored({ traceId }: Span): Promise<boolean> {
    for await (const found of store.reader.getTrace(traceId, context)) if (found.length > 0) return true;
    return false;
  }
  async function startsInIndex(traceId: string): Promise<unknown[]> {
    return withClient(cassandra, async (client) => {
      const { rows } = await client.execute(`SELECT start_time, trace_id FROM ${config.keyspace}.tag_index`);
      const ofTrace = rows.filter((row) => (row['trace_id'] as Buffer).toString('hex') === traceId);
      return ofTrace.map((row) => row['start_time']);
    });
  }

  test('is rejected by itself, though 1 MiB of it was valid, and those beside it are stored', async () => {
    const empty = Array.from({ length: MIB / 4 }, () => ({ key: '', value: '' }));
    const [before, large, after] = [spanOf(0), spanOf(1, empty), spanOf(2)];
    expect(encodeTraces([large]).length).toBeLessThan(2 * MIB);
    const outcome = await store.writer.write([batchOf(before, large), batchOf(after)], context);
    expect(outcome).toEqual({
      accepted: 2,
      rejected: [
        {
          reason: 'too_large',
          spanCount: 1,
          message: expect.stringMatching(
            new RegExp(`span ${large.spanId} .* at most 8388608 .*commitlog_segment_size.*fewer attributes`),
          ),
        },
      ],
    });
    expect(await Promise.all([before, large, after].map(isStored))).toEqual([true, false, true]);
  });

  test('for this server only is found among those of its trace, and is in no index', async () => {
    // The nodes of tests have segments of 8 MiB, so that no mutation may have more than 4.
    const large = spanOf(3, text(5 * MIB));
    const small = Array.from({ length: 8 }, (_, i) => ({ ...spanOf(10 + i), traceId: large.traceId }));
    const outcome = await store.writer.write([batchOf(...small.slice(0, 5), large, large, ...small.slice(5))], context);
    expect(outcome).toMatchObject({
      accepted: 8,
      rejected: [
        { reason: 'too_large', spanCount: 2, message: expect.stringMatching(/more than this Cassandra takes/) },
      ],
    });
    expect(store.readiness()).toEqual({ ready: true });
    const found = (await Array.fromAsync(store.reader.getTrace(large.traceId, context))).flat();
    expect(found.map(({ spanId }) => spanId).sort()).toEqual(small.map(({ spanId }) => spanId).sort());
    const inIndex = await startsInIndex(large.traceId);
    expect(inIndex).toContain(small[0]!.startTimeUnixNano / 1_000n);
    expect(inIndex).not.toContain(large.startTimeUnixNano / 1_000n);
  });

  test('does not hold up a partition of the log: it becomes a dead letter, and what follows is stored', async () => {
    const metrics = new Registry();
    const log = createInProcessSpanLog({ partitions: 1 }, { metrics });
    const { writer } = store;
    const ingester = createIngester(ingesterConfig.parse(undefined), {
      log,
      writer,
      logger: pino({ level: 'silent' }),
      metrics,
    });
    await log.start();
    await ingester.start();
    const large = [spanOf(20, text(9 * MIB)), spanOf(21, text(5 * MIB))];
    const others = [spanOf(22), spanOf(23), spanOf(24)];
    const append = (...some: Span[]) => log.producer().append([{ ...batchOf(...some), partition: 0 }], context);
    const outcomes = await Promise.all([
      append(others[0]!),
      append(large[0]!, others[1]!),
      append(large[1]!),
      append(others[2]!),
    ]);
    await ingester.stop(context.signal);
    await log.stop(context.signal);
    const letter = { reason: 'too_large', spanCount: 1 };
    expect(outcomes).toMatchObject([[], [letter], [letter], []]);
    expect(await Promise.all(others.map(isStored))).toEqual([true, true, true]);
    expect(await Promise.all(large.map(isStored))).toEqual([false, false]);
    const stored = await metrics.getSingleMetric('spoor_spans_stored_total')?.get();
    expect(stored?.values).toMatchObject([{ value: 3 }]);
  });
});
