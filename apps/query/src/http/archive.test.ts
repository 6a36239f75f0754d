import type { SpanBatch } from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
import { afterEach, expect, test } from 'vitest';
import { MemoryReader } from '../test/memory-reader.ts';
import { span } from '../test/spans.ts';
import { type StartedQuery, startQuery } from '../test/start-query.ts';

let query: StartedQuery | undefined;
afterEach(() => query?.stop());

/** Keeps what is written to it, or says why it does not. */
function memoryArchive(refusal?: string) {
  const reader = new MemoryReader();
  const batches: SpanBatch[] = [];
  const writer = {
    async write(written: readonly SpanBatch[]) {
      const spanCount = written.reduce((sum, batch) => sum + batch.spanCount, 0);
      if (refusal !== undefined)
        return { accepted: 0, rejected: [{ reason: 'unstorable', message: refusal, spanCount } as const] };
      batches.push(...written);
      for (const { bytes } of written) reader.spans.push(...decodeTraces(bytes));
      return { accepted: spanCount, rejected: [] };
    },
  };
  return { reader, writer, batches };
}

const post = (path: string) => fetch(`${query!.url}${path}`, { method: 'POST' });

test('a trace is archived whole, and found there when it is gone from the store', async () => {
  const spans = Array.from({ length: 2_001 }, (_, i) => span({ spanId: (i + 1).toString(16).padStart(16, '0') }));
  const { traceId } = spans[0]!;
  const archive = memoryArchive();
  query = await startQuery(spans, {}, { archive });
  const answer = await post(`/api/archive/${traceId}`);
  expect({ status: answer.status, body: await answer.json() }).toEqual({
    status: 200,
    body: { data: [], total: 0, limit: 0, offset: 0, errors: null },
  });
  expect(archive.reader.spans).toHaveLength(2_001);
  expect(archive.batches.every(({ tenant }) => tenant === 'default')).toBe(true);

  query.reader.spans.length = 0;
  const legacy = (await (await query.get(`/api/traces/${traceId}`)).json()) as { data: { spans: unknown[] }[] };
  expect(legacy.data[0]?.spans).toHaveLength(2_001);
  expect((await query.get(`/api/v3/traces/${traceId}`)).status).toBe(200);
  expect((await query.get(`/api/traces/${traceId.replace(/^../, 'ff')}`)).status).toBe(404);
});

test('a trace that is not there, an id that is none, and an archive that refuses are told', async () => {
  const stored = span({});
  query = await startQuery([stored], {}, { archive: memoryArchive('too many fields') });
  const told = async (path: string) => {
    const answer = await post(path);
    const { data, errors } = (await answer.json()) as { data: unknown; errors: { code: number; msg: string }[] };
    expect(data).toBeNull();
    return { status: answer.status, message: errors[0]?.msg };
  };
  expect(await told(`/api/archive/${stored.traceId.replace(/^../, 'ff')}`)).toEqual({
    status: 404,
    message: 'trace not found',
  });
  expect(await told('/api/archive/xyz')).toMatchObject({ status: 400 });
  expect(await told(`/api/archive/${stored.traceId}`)).toMatchObject({
    status: 500,
    message: expect.stringContaining('too many fields'),
  });
});

test('without an archive the peer’s answer is given', async () => {
  const stored = span({});
  query = await startQuery([stored]);
  const answer = await post(`/api/archive/${stored.traceId}`);
  expect(answer.status).toBe(500);
  expect(await answer.json()).toMatchObject({
    data: null,
    errors: [{ code: 500, msg: 'archive span storage was not configured' }],
  });
});
