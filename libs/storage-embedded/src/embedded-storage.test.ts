import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { RequestContext, Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSpanGenerator } from '../../../test/fixtures/spans.ts';
import { createForTest } from './contract-store.ts';
import type { EmbeddedStorage } from './embedded-storage.ts';

const context: RequestContext = { tenant: 'default', signal: new AbortController().signal };
const never = () => new AbortController().signal;
let directory = '';
let opened: EmbeddedStorage[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spoor-embedded-'));
  opened = [];
});

afterEach(async () => {
  for (const store of opened) await store.stop(never());
  rmSync(directory, { recursive: true });
});

async function open(...[config, deps]: Parameters<typeof createForTest> extends [string, ...infer R] ? R : never) {
  const store = createForTest(directory, config, deps);
  opened.push(store);
  await store.start();
  return store;
}

function write(store: EmbeddedStorage, spans: readonly Span[]) {
  const batch = {
    tenant: 'default',
    encoding: 'otlp_proto' as const,
    spanCount: spans.length,
    bytes: encodeTraces(spans),
  };
  return store.writer.write([batch], context);
}

async function count(store: EmbeddedStorage, traceId: string): Promise<number> {
  let spans = 0;
  for await (const chunk of store.reader.getTrace(traceId, context)) spans += chunk.length;
  return spans;
}

function diskBytes(): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}

const small = { maxSpans: 200, maxBlocks: 50, maxAgeMs: 3_600_000 };

describe('the data directory', () => {
  test('a second store in it is refused, until the first has stopped', async () => {
    const first = await open();
    await expect(createForTest(directory).start()).rejects.toMatchObject({ code: 'SPOOR_STORAGE_LOCKED' });
    await first.stop(never());
    await open();
  });

  test('a newer layout is refused', async () => {
    await (await open()).stop(never());
    const database = new DatabaseSync(join(directory, 'spans.db'));
    database.exec('PRAGMA user_version = 999');
    database.close();
    const error = await createForTest(directory)
      .start()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'SPOOR_STORAGE_CORRUPT', message: expect.stringContaining('version 999') });
  });

  test('a file that is no database is named', async () => {
    writeFileSync(join(directory, 'spans.db'), 'x'.repeat(10_000));
    const error = await createForTest(directory)
      .start()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'SPOOR_STORAGE_CORRUPT', message: expect.stringContaining('spans.db') });
  });
});

describe('a full disk', () => {
  test('refuses writes as trouble that may pass, and goes on answering', async () => {
    const store = await open({}, { maxPages: 150 });
    const generator = createSpanGenerator();
    const first = generator.spans(100);
    await write(store, first);
    const fill = async () => {
      for (let i = 0; i < 200; i += 1) await write(store, generator.spans(100));
    };
    await expect(fill()).rejects.toMatchObject({ code: 'SPOOR_STORAGE_UNAVAILABLE' });
    expect(store.readiness().ready).toBe(false);
    expect(await count(store, first[0]!.traceId)).toBeGreaterThan(0);
  });
});

describe('retention', () => {
  test('by age drops whole segments with their names, and gives the space back', async () => {
    let nowMs = 1_000_000;
    const store = await open(
      { segment: small, retention: { maxAgeMs: 60_000, maxBytes: 0 } },
      { clock: { nowMs: () => nowMs } },
    );
    const bulk = createSpanGenerator({ seed: 1 });
    for (let i = 0; i < 60; i += 1) await write(store, bulk.spans(200));
    await store.keep();
    const sizeBefore = diskBytes();
    nowMs += 61_000;
    const fresh = createSpanGenerator({ seed: 2, serviceCount: 1 }).spans(10);
    await write(store, fresh);
    const kept = await store.keep();
    expect(kept.droppedSpans).toBe(12_000);
    expect(await store.reader.getServices(context)).toHaveLength(1);
    expect(await count(store, fresh[0]!.traceId)).toBe(10);
    expect(diskBytes()).toBeLessThan(sizeBefore / 10);
  });

  test('by size keeps the newest', async () => {
    const store = await open({ segment: small, retention: { maxAgeMs: 0, maxBytes: 800_000 } });
    const generator = createSpanGenerator({ seed: 3 });
    const oldest = generator.spans(200);
    await write(store, oldest);
    let newest = oldest;
    for (let i = 0; i < 60; i += 1) {
      newest = generator.spans(200);
      await write(store, newest);
    }
    await store.keep();
    expect(await count(store, oldest[0]!.traceId)).toBe(0);
    expect(await count(store, newest[0]!.traceId)).toBe(20);
  });
});

describe('kill -9', () => {
  test('while spans are written and sealed: everything acknowledged is there, once', async () => {
    const acknowledged: Record<string, number> = {};
    for (let round = 0; round < 4; round += 1) {
      const program = join(import.meta.dirname, 'contract-crash-process.ts');
      const child = spawn(process.execPath, [program, directory, String(round)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let lines = 0;
      let text = '';
      child.stdout.on('data', (data: Buffer) => {
        text += data.toString();
        lines = text.split('\n').length;
        if (lines > 20 + round * 15) child.kill('SIGKILL');
      });
      await new Promise((resolve) => child.on('close', resolve));
      for (const line of text.split('\n').slice(0, -1)) acknowledged[line] = (acknowledged[line] ?? 0) + 20;
    }
    const store = await open();
    expect(Object.keys(acknowledged).length).toBeGreaterThan(100);
    for (const traceId of Object.keys(acknowledged)) expect(await count(store, traceId), traceId).toBe(20);
  });
});

test('stopping twice, and before starting, is legal', async () => {
  const store = createForTest(directory);
  await store.stop(never());
  const other = await open();
  await other.stop(never());
  await other.stop(never());
  expect(other.readiness().ready).toBe(false);
  await expect(write(other, createSpanGenerator().spans(1))).rejects.toMatchObject({ kind: 'retryable' });
  expect(readdirSync(directory)).toContain('spans.db');
  expect(readFileSync(join(directory, 'spans.db')).subarray(0, 15).toString()).toBe('SQLite format 3');
});
