import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Storage } from '@spoor/storage';
import { cassandraSchema } from '@spoor/storage-cassandra';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OwnCassandra, startOwnCassandra } from '../../harness/cassandra.ts';
import { KEEPS_WHAT_IT_ACKNOWLEDGED } from '../../harness/cassandra-settings.ts';
import { runSpoor } from '../../harness/cli.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { temporaryDirectory } from '../../harness/temporary-directory.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { Load } from './load.ts';
import { configFor, createForTest, ownKeyspace, startForTest, withClient } from './open-cassandra.ts';

// As it is by default, a node that is killed forgets the last tenth of a second: other replicas would have it.
const outside = await startOwnCassandra({
  isGuarded: true,
  settings: KEEPS_WHAT_IT_ACKNOWLEDGED,
});
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Cassandra to break', (context) => {
  foundOrSkipped<OwnCassandra>(outside, (note) => context.skip(note));
});

const CREDENTIALS = { username: 'cassandra', password: 'cassandra' };
/** However often a server refuses. */
const FEWEST_REQUESTS = 2;
/** What of a server can be set while it runs. */
const STORAGE_SERVICE = 'org.apache.cassandra.db:type=StorageService';
const AS_USER = { credentials: CREDENTIALS };

// The server takes half a minute to start on a machine that does nothing else.
describe.skipIf('missing' in outside)('a Cassandra in trouble', { timeout: 240_000 }, () => {
  if ('missing' in outside) return;
  const cassandra = outside.found;
  let store: Storage;
  let metrics: Registry;
  let keyspace: string;
  let load: Load;

  beforeEach(async () => {
    keyspace = ownKeyspace();
    const base = { ...configFor(cassandra, keyspace), ...CREDENTIALS };
    const config = { ...base, timeoutMs: 2_000, connectTimeoutMs: 10_000, reconnectIntervalMs: 500 };
    metrics = new Registry();
    store = createForTest({ ...config, write: { ...base.write, maxAttempts: 2 } }, { metrics });
    await startForTest(store);
    load = new Load(store);
  });
  afterEach(async () => {
    await load.end();
    await store.stop(AbortSignal.timeout(5_000));
  });

  /** Of a metric with its labels, as it is now. */
  const metric = async (name: string) => {
    const line = (await metrics.metrics()).split('\n').find((one) => one.startsWith(`${name} `));
    return Number(line?.slice(name.length) ?? 0);
  };

  const expectAllStored = (looking: { readonly firstWithTags?: number } = {}) =>
    load.expectStored(cassandra, keyspace, { client: AS_USER, ...looking });

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
      await cassandra.freeze();
      await load.failing();
      await cassandra.thaw();
      await load.more(10);
    }
    await expectAllStored();
  });

  test('that has too much to do is asked for less, takes everything in the end, and more again when it can', async () => {
    const requests = () => metric('spoor_cassandra_write_concurrency');
    const overloaded = () => metric('spoor_cassandra_write_failures_total{trouble="overloaded"}');
    const setting = (name: string, value: number) =>
      cassandra.nodetool('sjk', 'mx', '-b', STORAGE_SERVICE, '-f', name, '-ms', '-v', String(value));
    await load.more(20);

    // No write is done in a millisecond: the server says that it took too long, and has done many of them.
    await cassandra.nodetool('settimeout', 'write', '1');
    await waitFor(async () => (await overloaded()) > 0 && (await requests()) === FEWEST_REQUESTS, {
      describe: 'requests that are refused, and few of them',
      deadlineMs: 60_000,
    });
    await load.failing();
    await cassandra.nodetool('settimeout', 'write', '2000');

    // It reads from a connection only when it is done with what came before.
    await setting('NativeTransportMaxConcurrentRequestsInBytesPerIp', 1);
    await load.more(20);
    await setting('NativeTransportMaxConcurrentRequestsInBytesPerIp', 64 * 2 ** 20);
    await waitFor(async () => (await requests()) > FEWEST_REQUESTS, { describe: 'more requests again' });
    await expectAllStored();
    expect(store.readiness()).toEqual({ ready: true });
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
    const firstWithTags = load.acknowledged.length;
    await load.more(10);
    await expectAllStored({ firstWithTags });
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
    expect(wrong.stderr).toMatch(/^SPOOR_STORAGE_UNAVAILABLE: .*password are incorrect.*storage\.cassandra\.password/);
    expect(wrong.stderr).not.toContain('wrong');
    expect((await spoor()).stderr).toMatch(/[Aa]uthentication.*storage\.cassandra\.username/);
  });

  test('speaks TLS with those who trust it', async () => {
    expect((await spoor(...login, ...tls(ca))).stdout).toContain('missing');
    const untrusting = await spoor(...login, '--storage.cassandra.tls.enabled=true');
    expect(untrusting.stderr).toMatch(/self-signed certificate.*storage\.cassandra\.tls/);
    expect(
      (await spoor(...login, '--storage.cassandra.tls.enabled=true', '--storage.cassandra.tls.skipHostVerify=true'))
        .stdout,
    ).toContain('missing');
    expect((await spoor(...login, ...tls(join(directory.path, 'nothing.pem')))).stderr).toContain('nothing.pem');
  });
});
