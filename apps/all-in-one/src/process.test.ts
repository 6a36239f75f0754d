import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { METRICS } from '@spoor/metrics';
import { expect, test } from 'vitest';
import {
  repositoryRoot,
  type SpoorProcess,
  spawnSpoor,
  startAllInOne,
  temporaryDirectory,
  waitFor,
} from '../../../test/harness/index.ts';

const LISTENERS = [
  'collector.otlp.http',
  'collector.otlp.grpc',
  'collector.jaeger.grpc',
  'collector.jaeger.thriftHttp',
  'collector.zipkin',
  'sampling.http',
  'sampling.grpc',
  'query.http',
  'query.grpc',
];
/** Where packets are received: a server of TCP does not stand in their way. */
const UDP_LISTENERS = ['agent.jaegerCompact', 'agent.jaegerBinary', 'agent.zipkinCompact'];
const MAIN = 'apps/all-in-one/src/main.ts';
const VERSION = (JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as { version: string })
  .version;

/** Everything that a process printed until it ended, and its exit code. */
async function runToEnd(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child: SpoorProcess = spawnSpoor({ main: MAIN, args, env });
  const code = await child.ended;
  return {
    code,
    text: child
      .logs()
      .map((line) => JSON.stringify(line))
      .join('\n'),
    logs: child.logs(),
  };
}

test('the admin address tells health, metrics, configuration and version; SIGTERM ends it with code 0', async () => {
  await using spoor = await startAllInOne();
  const get = async (path: string) => {
    const response = await fetch(`http://${spoor.addresses.admin}${path}`);
    return { status: response.status, text: await response.text() };
  };
  expect(JSON.parse((await get('/')).text)).toMatchObject({ status: 'Server available' });
  expect((await get('/live')).status).toBe(200);
  expect(JSON.parse((await get('/config')).text)).toMatchObject({
    storage: { embedded: { directory: spoor.directory } },
    shutdown: { gracePeriod: 30_000 },
  });
  expect(JSON.parse((await get('/version')).text)).toMatchObject({ version: VERSION });

  const families = [...(await get('/metrics')).text.matchAll(/^# TYPE (spoor_\w+) (\w+)$/gm)];
  expect(families.length).toBeGreaterThan(0);
  for (const [, name, type] of families)
    expect({ name, type: METRICS[name as keyof typeof METRICS]?.type }).toEqual({ name, type });

  expect(await spoor.stop()).toBe(0);
  expect(spoor.logs().map(({ msg }) => msg)).toEqual(expect.arrayContaining(['stopping', 'stopped']));
});

test('at the start it says which address to open, and it tells clients to send every trace', async () => {
  await using spoor = await startAllInOne();
  const strategy = await fetch(`http://${spoor.addresses.samplingHttp}/sampling?service=any`);
  expect(await strategy.json()).toEqual({ strategyType: 'PROBABILISTIC', probabilisticSampling: { samplingRate: 1 } });
  expect(spoor.logs().map(({ msg }) => msg)).toContain(`ready: open http://${spoor.addresses.queryHttp} in a browser`);
});

test('a file of strategies that changes is read anew', async () => {
  using directory = temporaryDirectory('strategies');
  const path = join(directory.path, 'strategies.json');
  const write = (param: number) =>
    writeFileSync(path, JSON.stringify({ default_strategy: { type: 'probabilistic', param } }));
  write(0.25);
  await using spoor = await startAllInOne({ env: { SPOOR_SAMPLING_FILE_PATH: path } });
  const rate = async () => {
    const answer = await fetch(`http://${spoor.addresses.samplingHttp}/sampling?service=any`);
    const { probabilisticSampling } = (await answer.json()) as { probabilisticSampling: { samplingRate: number } };
    return probabilisticSampling.samplingRate;
  };
  expect(await rate()).toBe(0.25);
  write(0.75);
  await expect.poll(rate, { timeout: 30_000, interval: 100 }).toBe(0.75);
});

test('a wrong configuration is told whole, and nothing starts', async () => {
  const { code, text } = await runToEnd(['--storage.embeded.directory=x', '--admin.endpoint=14269'], {
    SPOOR_LOG_LEVEL: 'loud',
  });
  expect(code).toBe(1);
  expect(text).toContain('SPOOR_INVALID_CONFIGURATION: the configuration is wrong in 3 places');
  expect(text).toContain('did you mean --storage.embedded.directory?');
  expect(text).toContain('admin.endpoint from the flag --admin.endpoint');
  expect(text).toContain('which is not one of trace, debug, info, warn, error, fatal');
});

test.each([
  'admin.endpoint',
  'collector.otlp.http.endpoint',
  'collector.otlp.grpc.endpoint',
  'collector.jaeger.grpc.endpoint',
  'collector.jaeger.thriftHttp.endpoint',
  'collector.zipkin.endpoint',
  'sampling.http.endpoint',
  'sampling.grpc.endpoint',
  'query.http.endpoint',
  'query.grpc.endpoint',
])('an address in use is named, and %s as what changes it', async (setting) => {
  using directory = temporaryDirectory('data');
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
  try {
    const all = ['admin', ...LISTENERS, ...UDP_LISTENERS];
    const { code, logs } = await runToEnd([
      ...all.map((path) => `--${path}.endpoint=${`${path}.endpoint` === setting ? address : '127.0.0.1:0'}`),
      `--storage.embedded.directory=${directory.path}`,
      '--log.format=json',
    ]);
    expect(code).toBe(1);
    const last = logs.at(-1);
    expect(last).toMatchObject({ level: 'fatal', code: 'SPOOR_ADDRESS_IN_USE' });
    expect(last?.msg).toContain(address);
    expect(last?.msg).toContain(setting);
  } finally {
    taken.close();
  }
});

test('--help names every setting', async () => {
  const { code, text } = await runToEnd(['--help']);
  expect(code).toBe(0);
  expect(text).toContain('--storage.embedded.directory');
  expect(text).toContain('--query.http.endpoint');
});

test('a SIGTERM to npm stops Spoor, although the shell between them passes nothing on', async () => {
  using directory = temporaryDirectory('npm');
  const endpoints = [...LISTENERS, ...UDP_LISTENERS].map((listener) => `--${listener}.endpoint=127.0.0.1:0`);
  // What configures this test run is not for the process.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SPOOR_')));
  const npm = spawn(
    'npm',
    ['start', '--', ...endpoints, '--admin.endpoint=127.0.0.1:0', `--storage.embedded.directory=${directory.path}`],
    { cwd: repositoryRoot, env, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  npm.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const output = once(npm.stdout, 'close');
  await waitFor(() => text.includes('ready: open'), { describe: 'Spoor to be ready' });
  npm.kill('SIGTERM');
  // Spoor itself holds the pipe open until it has ended.
  await output;
  expect(text).toContain('"msg":"stopped"');
});
