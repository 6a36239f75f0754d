import { expect, test } from 'vitest';
import { type SpoorProcess, spawnSpoor, waitFor } from '../../../test/harness/index.ts';

const MAIN = 'apps/query/src/main.ts';

const textOf = (child: SpoorProcess): string =>
  child
    .logs()
    .map(({ msg }) => msg)
    .join('\n');

test('without a word of where spans are stored it does not start, and says how to say it', async () => {
  const child = spawnSpoor({ main: MAIN });
  expect(await child.ended).toBe(1);
  expect(textOf(child)).toContain('storage.type is missing; give it as --storage.type or SPOOR_STORAGE_TYPE');
});

test('--help names what a query process has, and nothing that it has not', async () => {
  const child = spawnSpoor({ main: MAIN, args: ['--help'] });
  expect(await child.ended).toBe(0);
  for (const path of ['query.http.endpoint', 'storage.type', 'storage.cassandra.servers'])
    expect(textOf(child)).toContain(`--${path}\n`);
  for (const path of ['storage.embedded.directory', 'kafka.brokers', 'ingester.group'])
    expect(textOf(child)).not.toContain(`--${path}\n`);
});

test('while the store does not answer it lives and says so, to who asks for health and to who asks for traces', async () => {
  const child = spawnSpoor({
    main: MAIN,
    env: {
      SPAN_STORAGE_TYPE: 'opensearch',
      // Nothing listens there.
      ES_SERVER_URLS: 'http://127.0.0.1:1',
      SPOOR_ADMIN_ENDPOINT: '127.0.0.1:0',
      SPOOR_QUERY_HTTP_ENDPOINT: '127.0.0.1:0',
      SPOOR_QUERY_GRPC_ENDPOINT: '127.0.0.1:0',
      SPOOR_LOG_FORMAT: 'json',
    },
  });
  try {
    const admin = await waitFor(() => child.address('admin'), { describe: 'the admin address' });
    const http = await waitFor(() => child.address('query-http'), { describe: 'the address of the query API' });
    await waitFor(
      async () => {
        const answer = await fetch(`http://${admin}/`);
        return answer.status === 503 && /"elasticsearch: .*"/.test(await answer.text());
      },
      { describe: 'the reason' },
    );
    expect((await fetch(`http://${admin}/live`)).status).toBe(200);
    const answer = await fetch(`http://${http}/api/services`);
    expect({ status: answer.status, text: await answer.text() }).toEqual({
      status: 503,
      text: expect.stringContaining('127.0.0.1:1'),
    });
    child.signal('SIGTERM');
    expect(await child.ended).toBe(0);
  } finally {
    child.signal('SIGKILL');
  }
});
