import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Span } from '@spoor/model';
import { classify } from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
import type { Storage } from '@spoor/storage';
import { asStoredInCassandra, cassandraSchema } from '@spoor/storage-cassandra';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSpanGenerator } from '../../fixtures/spans.ts';
import { type OwnCassandra, startOwnCassandra } from '../../harness/cassandra.ts';
import { runSpoor } from '../../harness/cli.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { temporaryDirectory } from '../../harness/temporary-directory.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { configFor, createForTest, ownKeyspace, startForTest, withClient } from './open-cassandra.ts';

// As it is by default, a node that is killed forgets the last tenth of a second: other replicas would have it.
const outside = await startOwnCassandra({
  isGuarded: true,
  settings: { commitlog_sync: 'group', commitlog_sync_period: '0ms', commitlog_sync_group_window: '10ms' },
});
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Cassandra to break', (context) => {
  foundOrSkipped<OwnCassandra>(outside, (note) => context.skip(note));
});

const CREDENTIALS = { username: 'cassandra', password: 'cassandra' };
const AS_USER = { credentials: CREDENTIALS };
const SPANS_PER_WRITE = 50;
const { signal } = new AbortController();

/** Writes without end, each until it is acknowledged, as the ingester does. */
class Load {
  /** Requests that were acknowledged. */
  readonly acknowledged: Uint8Array[] = [];
  failures = 0;
  private readonly store: Storage;
  private readonly generator = createSpanGenerator({ seed: 7, startTimeUnixNano: BigInt(Date.now()) * 1_000_000n });
  private readonly lanes: Promise<void>[];
  private isEnding = false;

  constructor(store: Storage) {
    this.store = store;
    this.lanes = [1, 2, 3, 4].map(() => this.work());
  }

  /** Resolves when so many more are acknowledged. */
  async more(requests: number): Promise<void> {
    const wanted = this.acknowledged.length + requests;
    await waitFor(() => this.acknowledged.length >= wanted, {
      describe: `${requests} more acknowledged requests`,
      deadlineMs: 60_000,
    });
  }

  async failing(): Promise<void> {
    const before = this.failures;
    await waitFor(() => this.failures > before, { describe: 'a write that fails', deadlineMs: 60_000 });
  }

  async end(): Promise<void> {
    this.isEnding = true;
    await Promise.all(this.lanes);
  }

  private async work(): Promise<void> {
    while (!this.isEnding) {
      const bytes = this.generator.request(SPANS_PER_WRITE);
      const batch = { tenant: 'default', encoding: 'otlp_proto' as const, spanCount: SPANS_PER_WRITE, bytes };
      for (;;) {
        try {
          await this.store.writer.write([batch], { signal });
          break;
        } catch (error) {
          if (classify(error).kind === 'rejected') throw error;
          this.failures += 1;
        }
      }
      this.acknowledged.push(bytes);
    }
  }
}

// The server takes half a minute to start on a machine that does nothing else.
describe.skipIf('missing' in outside)('a Cassandra in trouble', { timeout: 240_000 }, () => {
  if ('missing' in outside) return;
  const cassandra = outside.found;
  let store: Storage;
  let keyspace: string;
  let load: Load;

  beforeEach(async () => {
    keyspace = ownKeyspace();
    const base = { ...configFor(cassandra, keyspace), ...CREDENTIALS };
    const config = { ...base, timeoutMs: 2_000, connectTimeoutMs: 10_000, reconnectIntervalMs: 500 };
    store = createForTest({ ...config, write: { ...base.write, maxAttempts: 2 } });
    await startForTest(store);
    load = new Load(store);
  });
  afterEach(async () => {
    await load.end();
    await store.stop(AbortSignal.timeout(5_000));
  });

  /** Every acknowledged span is there, once, with each of its tags and events once, and in the index tables. */
  async function expectAllStored(): Promise<void> {
    await load.end();
    const expected = new Map<string, Span[]>();
    for (const span of load.acknowledged.flatMap((bytes) => decodeTraces(bytes)))
      expected.set(span.traceId, [...(expected.get(span.traceId) ?? []), asStoredInCassandra(span)]);
    const context = { tenant: 'default', signal };
    for (const [traceId, spans] of expected) {
      const stored: Span[] = [];
      for await (const chunk of store.reader.getTrace(traceId, context)) stored.push(...chunk);
      // Spans whose write failed for good, at the end, may be there too.
      const ids = new Set(spans.map(({ spanId }) => spanId));
      const wanted = stored.filter(({ spanId }) => ids.has(spanId));
      expect(byId(wanted)).toEqual(byId(spans));
    }
    const rows = await withClient(
      cassandra,
      async (client) => {
        const count = async (table: string) => {
          const { rows: found } = await client.execute(`SELECT count(*) AS n FROM ${keyspace}.${table}`, [], {
            readTimeout: 60_000,
          });
          return Number(found[0]?.['n']);
        };
        return { spans: await count('traces'), durations: await count('duration_index') };
      },
      AS_USER,
    );
    expect(rows.spans).toBeGreaterThanOrEqual([...expected.values()].flat().length);
    expect(rows.durations).toBe(2 * rows.spans);
  }

  test('that is killed and comes back has everything that was acknowledged, once', async () => {
    await load.more(20);
    await cassandra.kill();
    await load.failing();
    await waitFor(() => !store.readiness().ready, { describe: 'a store that says it is not ready' });
    await cassandra.revive();
    await load.more(20);
    await expectAllStored();
    expect(store.readiness()).toEqual({ ready: true });
  });

  test('that answers too late gets the same spans again, and has no tag twice', async () => {
    await load.more(20);
    for (let i = 0; i < 2; i += 1) {
      cassandra.freeze();
      await load.failing();
      cassandra.thaw();
      await load.more(10);
    }
    await expectAllStored();
  });

  test('whose schema changes under the load goes on once it is whole again', async () => {
    await load.more(10);
    await withClient(
      cassandra,
      async (client) => {
        await client.execute(`ALTER TABLE ${keyspace}.traces ADD added text`);
        await load.more(10);
        await client.execute(`DROP TABLE ${keyspace}.tag_index`);
      },
      AS_USER,
    );
    await load.failing();
    expect(store.readiness().reason).toMatch(/schema verify/);
    const schema = cassandraSchema({ ...configFor(cassandra, keyspace), ...CREDENTIALS });
    expect(await schema.apply()).toHaveLength(1);
    await schema.close();
    await load.more(10);
    await expectAllStored();
  });
});

describe.skipIf('missing' in outside)('a Cassandra that asks who is there', () => {
  if ('missing' in outside) return;
  const cassandra = outside.found;
  const directory = temporaryDirectory('cassandra-ca');
  const ca = join(directory.path, 'ca.pem');
  writeFileSync(ca, cassandra.ca ?? '');
  afterAll(() => directory.remove());
  const spoor = (...flags: string[]) =>
    runSpoor(['schema', 'verify', '--storage=cassandra', '--storage.cassandra.keyspace=nowhere', ...flags], {
      CASSANDRA_SERVERS: cassandra.host,
      CASSANDRA_PORT: String(cassandra.port),
    });
  const login = ['--storage.cassandra.username=cassandra', '--storage.cassandra.password=cassandra'];
  const tls = (file: string) => ['--storage.cassandra.tls.enabled=true', `--storage.cassandra.tls.ca=${file}`];

  test('lets in who has the password, and tells who has not', async () => {
    expect((await spoor(...login)).stdout).toContain('missing');
    const wrong = await spoor(login[0]!, '--storage.cassandra.password=wrong');
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toMatch(/^SPOOR_STORAGE_UNAVAILABLE: .*password are incorrect/);
    expect(wrong.stderr).not.toContain('wrong');
    expect((await spoor()).stderr).toMatch(/[Aa]uthentication/);
  });

  test('speaks TLS with those who trust it', async () => {
    expect((await spoor(...login, ...tls(ca))).stdout).toContain('missing');
    const untrusting = await spoor(...login, '--storage.cassandra.tls.enabled=true');
    expect(untrusting.stderr).toMatch(/self-signed certificate/);
    expect(
      (await spoor(...login, '--storage.cassandra.tls.enabled=true', '--storage.cassandra.tls.skipHostVerify=true'))
        .stdout,
    ).toContain('missing');
    expect((await spoor(...login, ...tls(join(directory.path, 'nothing.pem')))).stderr).toContain('nothing.pem');
  });
});

function byId(spans: readonly Span[]): Span[] {
  return spans.toSorted((a, b) => (a.spanId < b.spanId ? -1 : 1));
}
