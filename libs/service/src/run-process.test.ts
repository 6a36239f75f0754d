import { type Component, SpoorError } from '@spoor/model';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { inOrder } from './life-cycle.ts';
import { logConfig } from './logger.ts';
import { type ProcessHost, runProcess, shutdownConfig } from './run-process.ts';

const schema = z.strictObject({ log: logConfig, shutdown: shutdownConfig });

function fakeHost(argv: readonly string[] = []) {
  const out: string[] = [];
  const err: string[] = [];
  let now = 0;
  let signal: (name: string) => void = () => {};
  let uncaught: (error: unknown) => void = () => {};
  const host: ProcessHost = {
    argv,
    env: {},
    stdout: { write: (line) => out.push(line) },
    stderr: { write: (line) => err.push(line) },
    readFile: () => '',
    nowMs: () => now,
    onStopSignal: (callback) => {
      signal = callback;
    },
    onUncaught: (callback) => {
      uncaught = callback;
    },
  };
  return {
    host,
    out: () => out.join(''),
    err: () => err.join(''),
    signal: (name: string) => signal(name),
    uncaught: (error: unknown) => uncaught(error),
    advance: (ms: number) => {
      now += ms;
    },
  };
}

type Part = Partial<Pick<Component, 'start' | 'stop'>>;

function component(name: string, events: string[], { start, stop }: Part = {}): Component {
  return {
    name,
    async start() {
      events.push(`start ${name}`);
      await start?.();
    },
    async stop(signal) {
      events.push(`stop ${name}`);
      await stop?.(signal);
    },
  };
}

function run(host: ProcessHost, components: readonly Component[]) {
  return runProcess(
    { command: 'spoor', version: '1.2.3', schema, create: (_config, { logger }) => inOrder('all', components, logger) },
    host,
  );
}

test('components start in order, stop in reverse at the signal, and the code is 0', async () => {
  const { host, signal, out } = fakeHost();
  const events: string[] = [];
  const last = component('b', events, { start: async () => queueMicrotask(() => signal('SIGTERM')) });
  expect(await run(host, [component('a', events), last])).toBe(0);
  expect(events).toEqual(['start a', 'start b', 'stop b', 'stop a']);
  expect(out()).toContain('"msg":"stopped"');
});

test('a component that does not start takes those before it down, with one clear line and code 1', async () => {
  const { host, out } = fakeHost();
  const events: string[] = [];
  const start = async () => {
    throw new SpoorError('SPOOR_ADDRESS_IN_USE', 'another process listens on 127.0.0.1:1');
  };
  expect(await run(host, [component('a', events), component('b', events, { start }), component('c', events)])).toBe(1);
  expect(events).toEqual(['start a', 'start b', 'stop b', 'stop a']);
  expect(out().trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(out())).toMatchObject({
    level: 'fatal',
    code: 'SPOOR_ADDRESS_IN_USE',
    msg: 'another process listens on 127.0.0.1:1',
  });
});

test('a second signal ends at once, an echo of the first does not', async () => {
  const { host, signal, advance } = fakeHost();
  const events: string[] = [];
  const stopping = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const part = component('a', events, {
    start: async () => started.resolve(),
    stop: () => {
      stopping.resolve();
      return new Promise(() => {});
    },
  });
  const code = run(host, [part]);
  let ended = false;
  code.then(() => {
    ended = true;
  });
  await started.promise;
  signal('SIGINT');
  signal('SIGINT');
  await stopping.promise;
  expect(ended).toBe(false);
  advance(1000);
  signal('SIGINT');
  expect(await code).toBe(1);
});

test('the others are stopped when one does not stop cleanly', async () => {
  const { host, signal, out } = fakeHost();
  const events: string[] = [];
  const stop = async () => {
    throw new Error('stuck');
  };
  const start = async () => queueMicrotask(() => signal('SIGTERM'));
  expect(await run(host, [component('a', events), component('b', events, { start, stop })])).toBe(0);
  expect(events).toEqual(['start a', 'start b', 'stop b', 'stop a']);
  expect(out()).toContain('did not stop cleanly');
});

test('what nobody caught ends the process with code 1 and its stack in the log', async () => {
  const { host, uncaught, out } = fakeHost();
  const start = async () => queueMicrotask(() => uncaught(new Error('nobody caught this')));
  expect(await run(host, [component('a', [], { start })])).toBe(1);
  expect(out()).toContain('Error: nobody caught this\\n');
});

test('a bad configuration is told on standard error before anything starts', async () => {
  const { host, err, out } = fakeHost(['--shutdown.gracePeriod=soon', '--log.levl=info']);
  const events: string[] = [];
  expect(await run(host, [component('a', events)])).toBe(1);
  expect(events).toEqual([]);
  expect(err()).toContain('SPOOR_INVALID_CONFIGURATION: the configuration is wrong in 2 places');
  expect(out()).toBe('');
});

test('help and version are printed, and nothing starts', async () => {
  const help = fakeHost(['--help']);
  expect(await run(help.host, [])).toBe(0);
  expect(help.out()).toContain('--shutdown.gracePeriod');
  const version = fakeHost(['--version']);
  expect(await run(version.host, [])).toBe(0);
  expect(version.out()).toBe('spoor 1.2.3\n');
});
