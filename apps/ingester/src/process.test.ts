import { expect, test } from 'vitest';
import { type SpoorProcess, spawnSpoor, waitFor } from '../../../test/harness/index.ts';

const MAIN = 'apps/ingester/src/main.ts';
/** Nothing listens there. */
const NOWHERE = '127.0.0.1:1';

const textOf = (child: SpoorProcess): string =>
  child
    .logs()
    .map(({ msg }) => msg)
    .join('\n');

test('over a store of one process it does not start, and says what to do', async () => {
  const child = spawnSpoor({ main: MAIN, args: ['--storage.type=embedded'] });
  expect(await child.ended).toBe(1);
  expect(textOf(child)).toContain('the embedded store belongs to one process: run the all-in-one, npm start');
});

test('--help names what an ingester has, and nothing that it has not', async () => {
  const child = spawnSpoor({ main: MAIN, args: ['--help'] });
  expect(await child.ended).toBe(0);
  for (const path of ['ingester.group', 'kafka.brokers', 'storage.type', 'storage.elasticsearch.servers'])
    expect(textOf(child)).toContain(`--${path}\n`);
  for (const path of ['storage.embedded.directory', 'query.http.endpoint', 'collector.maxBytesInFlight'])
    expect(textOf(child)).not.toContain(`--${path}\n`);
});

test('while neither Kafka nor the store answers it lives, says so, and ends when it is told to', async () => {
  const child = spawnSpoor({
    main: MAIN,
    env: {
      SPAN_STORAGE_TYPE: 'elasticsearch',
      ES_SERVER_URLS: `http://${NOWHERE}`,
      KAFKA_CONSUMER_BROKERS: NOWHERE,
      KAFKA_CONSUMER_GROUP_ID: 'theirs',
      SPOOR_ADMIN_ENDPOINT: '127.0.0.1:0',
      SPOOR_LOG_FORMAT: 'json',
    },
  });
  try {
    const admin = await waitFor(() => child.address('admin'), { describe: 'the admin address' });
    const reasons = async () => {
      const answer = await fetch(`http://${admin}/`);
      expect(answer.status).toBe(503);
      return ((await answer.json()) as { reasons: readonly string[] }).reasons;
    };
    await waitFor(async () => (await reasons()).length === 3, { describe: 'all reasons' });
    expect(await reasons()).toEqual([
      expect.stringMatching(/^kafka: .*127\.0\.0\.1:1/),
      expect.stringMatching(/^elasticsearch: /),
      expect.stringMatching(/^ingester: not in the consumer group theirs: /),
    ]);
    expect((await fetch(`http://${admin}/live`)).status).toBe(200);
    child.signal('SIGTERM');
    expect(await child.ended).toBe(0);
  } finally {
    child.signal('SIGKILL');
  }
});
