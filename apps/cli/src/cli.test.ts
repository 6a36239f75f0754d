import { expect, test } from 'vitest';
import { runCli } from './cli.ts';

const PLAN = ['topics', 'plan', '--spans-per-second=1000'];

async function run(
  argv: readonly string[],
  { env = {}, file = '' }: { env?: Record<string, string>; file?: string } = {},
) {
  let stdout = '';
  let stderr = '';
  const code = await runCli({
    version: '1.2.3',
    argv,
    env,
    print: (text) => {
      stdout += text;
    },
    printError: (text) => {
      stderr += text;
    },
    readFile: () => file,
    nowMs: () => 0,
  });
  return { code, stdout, stderr };
}

test('help stands on standard output; the same for want of words on standard error, with exit code 2', async () => {
  const help = await run(['--help']);
  expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('spoor dlq list') });
  expect(await run([])).toEqual({ code: 2, stdout: '', stderr: help.stdout });
  expect(await run(['topics', '--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('describe') });
  expect(await run(['--version'])).toEqual({ code: 0, stdout: 'spoor 1.2.3\n', stderr: '' });
});

test.each([
  [['constructor']],
  [['dlq', 'toString']],
  [['topics', 'plan', 'operand', '--spans-per-second=1']],
  [['topics', 'plan', '--spans-per-second=0']],
  [['dlq', 'list', '--since=yesterday']],
  [['dlq', 'purge', '--all', '--before=1d']],
])('%j is wrong usage', async (argv) => {
  const { code, stdout, stderr } = await run(argv);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).not.toBe('');
});

test('settings of Kafka come from the environment and the file, and those of other processes do no harm', async () => {
  const file = 'collector: { unknown: 1 }\nkafka: { topic: from-file, deadLetterTopic: letters }\n';
  const env = { SPOOR_CONFIG: 'spoor.yaml', SPOOR_QUERY_HTTP_ENDPOINT: 'x', SPOOR_JSON: 'true' };
  const planned = await run(PLAN, { env, file });
  expect(planned).toMatchObject({ code: 0, stdout: expect.stringMatching(/from-file +letters/) });
  const both = await run(PLAN, { env: { ...env, SPOOR_KAFKA_TOPIC: 'from-environment' }, file });
  expect(both.stdout).toMatch(/from-environment +letters/);
});

test('a setting of Kafka that does not exist is told', async () => {
  expect(await run(PLAN, { env: { SPOOR_KAFKA_TOPIK: 'x' } })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('SPOOR_KAFKA_TOPIC'),
  });
  expect(await run([...PLAN, '--config=x'], { file: 'kafka: { topik: x }' })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('kafka.topik'),
  });
});

test('a login in the URL of search servers is refused and not printed', async () => {
  const { code, stderr } = await run(['indices', 'list', 'http://elastic:hunter2@127.0.0.1:1']);
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('storage.elasticsearch.username'),
  });
  expect(stderr).not.toContain('hunter2');
});

test('the mapping of an index is printed without asking a server', async () => {
  const env = { ES_SERVER_URLS: 'http://127.0.0.1:1' };
  const argv = ['indices', 'mapping', '--mapping=jaeger-span', '--index-prefix=prod', '--shards=3', '--use-ilm'];
  const printed = await run(argv, { env });
  expect(printed).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(printed.stdout)).toMatchObject({
    index_patterns: ['prod-jaeger-span-*'],
    priority: 0,
    template: {
      settings: { index: { number_of_shards: 3, 'lifecycle.rollover_alias': 'prod-jaeger-span-write' } },
      mappings: { properties: { traceID: { type: 'keyword' } } },
      // It is the servers that make the next index: without the alias nobody would read it.
      aliases: { 'prod-jaeger-span-read': {} },
    },
  });
  const old = JSON.parse((await run([...argv, '--es-version=7'], { env })).stdout);
  expect(old).toMatchObject({ order: 0, mappings: { properties: { tags: { type: 'nested' } } } });
  expect(old).toMatchObject({ aliases: { 'prod-jaeger-span-read': {} } });
  const plain = await run(argv.slice(0, -1), { env });
  expect(Object.keys(JSON.parse(plain.stdout).template).sort()).toEqual(['mappings', 'settings']);
  expect(await run(['indices', 'mapping', '--mapping=spoor-trace'])).toMatchObject({ code: 2 });
});
