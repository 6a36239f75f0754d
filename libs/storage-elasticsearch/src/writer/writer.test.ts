import type { Span, SpanBatch, WriteOutcome } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import fc from 'fast-check';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BulkServer, wholeAnswer } from '../../../../test/fixtures/bulk-server.ts';
import { createSpanGenerator } from '../../../../test/fixtures/spans.ts';
import { spoorLayout } from '../layouts/spoor/spoor-layout.ts';
import { elasticsearchConfig } from '../settings.ts';
import { createWriteSide, type WriteSide } from '../write-side.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const generator = createSpanGenerator({ seed: 3, startTimeUnixNano: BigInt(NOW - 3_600_000) * 1_000_000n });

function batchOf(spans: readonly Span[], tenant = 'default'): SpanBatch {
  return { tenant, encoding: 'otlp_proto', spanCount: spans.length, bytes: encodeTraces(spans) };
}

const { signal } = new AbortController();

function isSpan({ index }: { index: string }): boolean {
  return index.includes('-span-');
}

describe('the writer', () => {
  let server: BulkServer;
  let metrics: Registry;
  let sides: WriteSide[];

  beforeEach(() => {
    server = new BulkServer();
    sides = [];
  });
  afterEach(async () => {
    for (const side of sides) {
      await side.drain(AbortSignal.abort());
      await side.care.stop();
    }
  });

  function open(bulk: Parameters<typeof elasticsearchConfig>[0] = {}): WriteSide {
    metrics = new Registry();
    const side = createWriteSide(elasticsearchConfig(bulk), spoorLayout, [], {
      server,
      logger: pino({ level: 'silent' }),
      metrics,
      clock: { nowMs: () => NOW },
      // Waits take no time; everything else goes its way.
      wait: () => new Promise((resolve) => setImmediate(resolve)),
    });
    sides.push(side);
    return side;
  }

  function write(
    side: WriteSide,
    spans: readonly Span[],
    signal = new AbortController().signal,
  ): Promise<WriteOutcome> {
    return side.writer.write([batchOf(spans)], { signal });
  }

  async function metric(name: string): Promise<number> {
    const found = await metrics.getSingleMetric(name)?.get();
    return found?.values.reduce((sum, { value }) => sum + value, 0) ?? Number.NaN;
  }

  test('stores spans by their day, and their services before it says so', async () => {
    const outcome = await write(open(), generator.spans(50));
    expect(outcome).toEqual({ accepted: 50, rejected: [] });
    expect(server.spans()).toHaveLength(50);
    expect(new Set(server.spans().map(({ index }) => index))).toEqual(new Set(['spoor-span-2026-11-21']));
    const services = [...server.documents.values()].filter(({ index }) => index === 'spoor-service-2026-11-21');
    const named = (items: typeof services) =>
      new Set(items.map(({ document: { service, operation, kind } }) => `${service} ${operation} ${kind}`));
    expect(named(services)).toEqual(named(server.spans()));
  });

  test.each([
    ['frequency', ['spoor-service-2026-11-21', 'spoor-span-2026-11-21-11']],
    ['serviceFrequency', ['spoor-service-2026-11-21-11', 'spoor-span-2026-11-21']],
    ['samplingFrequency', ['spoor-service-2026-11-21', 'spoor-span-2026-11-21']],
  ])('an hour for %s is one for nothing else', async (setting, expected) => {
    const startTimeUnixNano = BigInt(NOW - 1_800_000) * 1_000_000n;
    await write(
      open({ rotation: { [setting]: 'hour' } }),
      createSpanGenerator({ seed: 4, startTimeUnixNano }).spans(9),
    );
    const used = new Set([...server.documents.values()].map(({ index }) => index));
    expect([...used].sort()).toEqual(expected);
  });

  test('puts the templates before the first document', async () => {
    await write(open(), generator.spans(1));
    const put = server.requests.indexOf('PUT /_index_template/spoor-span');
    expect(put).toBeGreaterThanOrEqual(0);
    expect(server.requests.indexOf('POST /_bulk')).toBeGreaterThan(put);
  });

  test('stores a span once, whoever brings it again, and counts it as stored', async () => {
    const spans = generator.spans(20);
    await write(open(), spans);
    expect(await write(open(), spans)).toEqual({ accepted: 20, rejected: [] });
    expect(server.spans()).toHaveLength(20);
    expect(await metric('spoor_storage_duplicate_spans_total')).toBe(20);
  });

  test('does not write services again that it knows to be there', async () => {
    const side = open();
    const spans = generator.spans(20);
    await write(side, spans);
    server.bulks.length = 0;
    await write(side, spans);
    expect(server.bulks.flat().every(isSpan)).toBe(true);
  });

  test('sends again only what is not stored', async () => {
    const spans = generator.spans(40);
    let turn = 0;
    const refused = new Set<string>();
    server.itemFault = ({ id }) => {
      if (server.bulks.length > 1 || ++turn % 4 > 0) return undefined;
      refused.add(id);
      return { status: 429, type: 'es_rejected_execution_exception' };
    };
    expect(await write(open(), spans)).toEqual({ accepted: 40, rejected: [] });
    expect(refused.size).toBeGreaterThan(0);
    expect(new Set(server.bulks[1]!.map(({ id }) => id))).toEqual(refused);
    expect(server.spans()).toHaveLength(40);
  });

  test('sets a refused span aside and stores its neighbours', async () => {
    const spans = generator.spans(30);
    const poison = spans[7]!;
    server.itemFault = ({ document }) =>
      document['spanId'] === poison.spanId
        ? { status: 400, type: 'document_parsing_exception', reason: 'no' }
        : undefined;
    const { accepted, rejected } = await write(open(), spans);
    expect(accepted).toBe(29);
    expect(rejected).toEqual([
      { reason: 'unstorable', spanCount: 1, message: 'the search server answered 400, document_parsing_exception: no' },
    ]);
  });

  test('sets spans aside that lie too far ahead, and asks for no index of their year', async () => {
    const [span] = generator.spans(1);
    const late = { ...span!, startTimeUnixNano: BigInt(Date.UTC(2160, 0)) * 1_000_000n };
    const endless = { ...span!, endTimeUnixNano: (1n << 64n) - 1n };
    const { accepted, rejected } = await write(open(), [late, span!, endless]);
    expect(accepted).toBe(1);
    expect(rejected).toMatchObject([{ reason: 'invalid_time', spanCount: 2 }]);
    expect(server.spans().map(({ index }) => index)).toEqual(['spoor-span-2026-11-21']);
  });

  test('tells the trouble when it lasts, and takes the same spans later', async () => {
    const side = open({ bulk: { retryFor: '100ms' } });
    const spans = generator.spans(10);
    server.itemFault = () => ({
      status: 429,
      type: 'cluster_block_exception',
      reason: 'disk usage exceeded flood-stage',
    });
    await expect(write(side, spans)).rejects.toMatchObject({ code: 'SPOOR_STORAGE_UNAVAILABLE' });
    server.itemFault = () => undefined;
    expect(await write(side, spans)).toEqual({ accepted: 10, rejected: [] });
  });

  test('looks at the templates again when the servers were away', async () => {
    const side = open();
    await write(side, generator.spans(1));
    server.requests.length = 0;
    let isAway = true;
    server.beforeBulk = async () => {
      if (!isAway) return undefined;
      isAway = false;
      throw new Error('connection lost');
    };
    await write(side, generator.spans(1));
    const asked = server.requests.filter((request) => !request.startsWith('GET /_index_template/spoor-service'));
    expect(asked.slice(0, 4)).toEqual([
      'POST /_bulk',
      'GET /',
      'GET /_index_template/spoor-span',
      'PUT /_index_template/spoor-span',
    ]);
  });

  test('halves what is too large for a proxy until it fits, and learns the size', async () => {
    const side = open();
    server.beforeBulk = async (body) => (body.length > 20_000 ? wholeAnswer(413, 'too_large') : undefined);
    const spans = generator.spans(200);
    expect(await write(side, spans)).toEqual({ accepted: 200, rejected: [] });
    expect(server.spans()).toHaveLength(200);
    expect(await metric('spoor_elasticsearch_bulk_target_bytes')).toBeLessThan(200_000);
  });

  test('sets aside the one span that is too large by itself', async () => {
    const [large, ...others] = generator.spans(10);
    const value = 'x'.repeat(30_000);
    server.beforeBulk = async (body) => (body.length > 20_000 ? wholeAnswer(413, 'too_large') : undefined);
    const { accepted, rejected } = await write(open(), [{ ...large!, attributes: [{ key: 'k', value }] }, ...others]);
    expect({ accepted, rejected }).toMatchObject({ accepted: 9, rejected: [{ reason: 'too_large', spanCount: 1 }] });
  });

  test('finds the one document that the servers cannot read', async () => {
    const [strange, ...others] = generator.spans(20);
    server.beforeBulk = async (body) =>
      body.includes(`"spanId":"${strange!.spanId}"`) ? wholeAnswer(400, 'x_content_parse_exception') : undefined;
    const { accepted, rejected } = await write(open(), [strange!, ...others]);
    expect(accepted).toBe(19);
    expect(rejected).toMatchObject([{ reason: 'unstorable', spanCount: 1 }]);
  });

  test('sets nothing aside because of an answer that is not from the servers', async () => {
    server.beforeBulk = async () => ({ status: 400, body: '<html>no</html>', retryAfterMs: undefined });
    const writing = write(open({ bulk: { retryFor: '50ms' } }), generator.spans(3));
    await expect(writing).rejects.toMatchObject({ code: 'SPOOR_STORAGE_UNAVAILABLE' });
  });

  test('sends what comes at once in one request', async () => {
    const side = open();
    await write(side, generator.spans(1));
    server.sizes.length = 0;
    await Promise.all(Array.from({ length: 20 }, () => write(side, generator.spans(5))));
    expect(server.sizes).toHaveLength(1);
  });

  test('holds no more bytes than it may, and lets a caller go who gives up', async () => {
    const maxHeldBytes = 300_000;
    const side = open({ bulk: { maxHeldBytes } });
    await write(side, generator.spans(1));
    const gate = Promise.withResolvers<undefined>();
    server.beforeBulk = () => gate.promise;
    const calls = Array.from({ length: 20 }, () => write(side, generator.spans(100)));
    const impatient = new AbortController();
    const given = write(side, generator.spans(100), impatient.signal);
    await expect.poll(() => metric('spoor_storage_queue_bytes')).toBeGreaterThanOrEqual(maxHeldBytes);
    impatient.abort();
    await expect(given).rejects.toMatchObject({ code: 'SPOOR_DEADLINE_EXCEEDED' });
    gate.resolve(undefined);
    const outcomes = await Promise.all(calls);
    expect(outcomes.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(2_000);
    // One span more than the bound: its size is known only once it is written.
    expect(await metric('spoor_storage_queue_high_water_bytes')).toBeLessThan(maxHeldBytes + 8_000);
    await expect.poll(() => metric('spoor_storage_queue_bytes')).toBe(0);
  });

  test('has no more requests under way than it may', async () => {
    const side = open({ bulk: { concurrency: 2, maxBytes: 70_000 } });
    await Promise.all(Array.from({ length: 30 }, () => write(side, generator.spans(100))));
    expect(server.mostAtOnce).toBe(2);
  });

  test('leaves nothing half-written behind a batch that is not OTLP', async () => {
    const side = open();
    const bad = batchOf(generator.spans(3));
    const cut = { ...bad, bytes: bad.bytes.subarray(0, bad.bytes.length - 3) };
    const { signal } = new AbortController();
    const both = [side.writer.write([cut], { signal }), write(side, generator.spans(5))];
    await expect(both[0]).rejects.toMatchObject({ code: 'SPOOR_MALFORMED_SPANS' });
    expect(await both[1]).toEqual({ accepted: 5, rejected: [] });
  });

  test('sends what it has before it closes, and takes no more', async () => {
    const side = open();
    await write(side, generator.spans(1));
    const gate = Promise.withResolvers<undefined>();
    server.beforeBulk = () => gate.promise;
    const given = [write(side, generator.spans(20)), write(side, generator.spans(20))];
    await expect.poll(() => server.sizes.length).toBe(2);
    const drained = side.drain(signal);
    await expect(write(side, generator.spans(1))).rejects.toMatchObject({ code: 'SPOOR_SHUTTING_DOWN' });
    gate.resolve(undefined);
    await drained;
    expect((await Promise.all(given)).map(({ accepted }) => accepted)).toEqual([20, 20]);
  });

  test('cuts off what is under way when its time to close is over', async () => {
    const side = open();
    await write(side, generator.spans(1));
    server.beforeBulk = (_body, aborted) =>
      new Promise((_, reject) => aborted.addEventListener('abort', () => reject(new Error('cut off'))));
    const given = write(side, generator.spans(5));
    await expect.poll(() => server.sizes.length).toBe(2);
    await side.drain(AbortSignal.abort());
    await expect(given).rejects.toMatchObject({ code: 'SPOOR_STORAGE_UNAVAILABLE' });
  });

  test('accounts for every span, whatever the servers answer', async () => {
    const answers = fc.constantFrom(
      undefined,
      undefined,
      { status: 429, type: 'es_rejected_execution_exception' },
      { status: 503, type: 'unavailable_shards_exception' },
      { status: 400, type: 'mapper_parsing_exception' },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(answers),
        async (counts, script) => {
          server = new BulkServer();
          server.itemFault = (item) => (isSpan(item) ? script.next().value : undefined);
          const side = open({ bulk: { retryFor: '20s', maxBytes: 65_536, concurrency: 3 } });
          const outcomes = await Promise.all(counts.map((count) => write(side, generator.spans(count))));
          const accepted = outcomes.reduce((sum, outcome) => sum + outcome.accepted, 0);
          outcomes.forEach((outcome, i) => {
            const refused = outcome.rejected.reduce((sum, { spanCount }) => sum + spanCount, 0);
            expect(outcome.accepted + refused).toBe(counts[i]);
          });
          expect(server.spans()).toHaveLength(accepted);
        },
      ),
      { numRuns: 15 },
    );
  });
});
