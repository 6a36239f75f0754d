import { connect as connectTcp } from 'node:net';
import { credentials, loadPackageDefinition, type ServiceClientConstructor, status } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { afterEach, expect, test } from 'vitest';
import type { GrpcMethods } from './method.ts';
import { answerOf, frame, HEADERS, openSession, type Started, startServer } from './test/start-server.ts';

const started: Started[] = [];
const closing: (() => void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) close();
  for (const { server } of started.splice(0)) await server.stop(AbortSignal.abort());
});

const path = { ...HEADERS, ':path': '/test.Echo/Say' };
const echo: GrpcMethods = { '/test.Echo/Say': { kind: 'unary', handle: async (message) => message } };

async function start(...args: Parameters<typeof startServer>): Promise<Started> {
  const running = await startServer(...args);
  started.push(running);
  return running;
}

function open(address: string) {
  const session = openSession(address);
  closing.push(() => session.destroy());
  return session;
}

test('stop answers what is under way, takes what was begun, and then closes', async () => {
  const gate = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const { server, address } = await start({
    '/test.Echo/Say': {
      kind: 'unary',
      async handle(message) {
        entered.resolve();
        await gate.promise;
        return message;
      },
    },
  });
  const session = open(address);
  const goaways: number[] = [];
  session.on('goaway', (_code, lastStreamId) => goaways.push(lastStreamId));
  const stream = session.request(path);
  stream.end(frame('x'));
  await entered.promise;
  const stopped = server.stop(new AbortController().signal);
  expect(server.address()).toBeUndefined();
  await expect.poll(() => goaways.length).toBeGreaterThanOrEqual(2);
  // First nothing that the sender began is turned down; only then is said what was taken.
  expect(goaways.slice(0, 2)).toEqual([2 ** 31 - 1, 1]);
  gate.resolve();
  expect((await answerOf(stream)).trailers['grpc-status']).toBe('0');
  await stopped;
});

test('stop breaks off what is under way when its signal aborts, and is idempotent', async () => {
  const entered = Promise.withResolvers<AbortSignal>();
  const { server, address } = await start({
    '/test.Echo/Say': {
      kind: 'unary',
      handle(_message, { signal }) {
        entered.resolve(signal);
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('broken off')), { once: true });
        });
      },
    },
  });
  const stream = open(address).request(path);
  const answer = answerOf(stream);
  stream.end(frame('x'));
  const signal = await entered.promise;
  const grace = new AbortController();
  const stopped = server.stop(grace.signal);
  grace.abort();
  await stopped;
  await server.stop(AbortSignal.abort());
  expect(signal.aborted).toBe(true);
  expect((await answer).trailers['grpc-status']).toBeUndefined();
});

test('a connection that has reached its age ends in order', async () => {
  const { address } = await start(echo, { maxConnectionAgeMs: 50 });
  const session = open(address);
  const stream = session.request(path);
  stream.end(frame('x'));
  expect((await answerOf(stream)).trailers['grpc-status']).toBe('0');
  await expect.poll(() => session.destroyed).toBe(true);
});

test('a call that outlasts the age and its grace is broken off', async () => {
  const { address } = await start(
    { '/test.Echo/Say': { kind: 'unary', handle: () => new Promise(() => undefined) } },
    { maxConnectionAgeMs: 20, maxConnectionAgeGraceMs: 20 },
  );
  const stream = open(address).request(path);
  stream.end(frame('x'));
  expect((await answerOf(stream)).trailers['grpc-status']).toBeUndefined();
});

test('a connection whose other side is silent ends, one that answers probes does not', async () => {
  const { address } = await start(echo, { keepaliveTimeMs: 20, keepaliveTimeoutMs: 60 });
  const [host = '', port = ''] = address.split(':');
  const socket = connectTcp({ host, port: Number(port) });
  closing.push(() => socket.destroy());
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  socket.resume();
  // A preface and empty settings, and never an answer to a ping.
  socket.write(
    Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]),
  );
  const session = open(address);
  await closed;
  const stream = session.request(path);
  stream.end(frame('still there'));
  expect((await answerOf(stream)).trailers['grpc-status']).toBe('0');
});

test('the health service answers Check, Watch and List of a real client', async () => {
  const { server, address } = await start(echo);
  const { Health } = loadHealth();
  const client = new Health(address, credentials.createInsecure());
  closing.push(() => client.close());
  const ask = (method: string, request: object) =>
    new Promise((resolve) => {
      client[method]?.(request, (error: { code: number } | null, answer: unknown) => resolve(error?.code ?? answer));
    });
  expect(await ask('check', {})).toEqual({ status: 'SERVING' });
  expect(await ask('check', { service: 'test.Echo' })).toEqual({ status: 'SERVING' });
  expect(await ask('check', { service: 'test.Other' })).toBe(status.NOT_FOUND);
  expect(await ask('list', {})).toEqual({
    statuses: { '': { status: 'SERVING' }, 'test.Echo': { status: 'SERVING' } },
  });
  const seen: unknown[] = [];
  const watch = (service: string) => {
    const call = client['watch']?.({ service });
    call.on('data', ({ status: told }: { status: string }) => seen.push([service, told]));
    call.on('error', () => undefined);
    return new Promise((resolve) => call.on('end', resolve));
  };
  const ended = [watch('test.Echo'), watch('test.Other')];
  await expect.poll(() => seen.length).toBe(2);
  await server.stop(new AbortController().signal);
  await Promise.all(ended);
  expect(seen).toEqual(
    expect.arrayContaining([
      ['test.Echo', 'SERVING'],
      ['test.Other', 'SERVICE_UNKNOWN'],
      ['test.Echo', 'NOT_SERVING'],
    ]),
  );
});

function loadHealth(): { readonly Health: ServiceClientConstructor } {
  const loaded = loadPackageDefinition({ 'grpc.health.v1.Health': healthService }) as unknown as {
    readonly grpc: { readonly health: { readonly v1: { readonly Health: ServiceClientConstructor } } };
  };
  return loaded.grpc.health.v1;
}

test('an address in use is named, with the setting that changes it', async () => {
  const { address } = await start(echo);
  const { createGrpcServer } = await import('./index.ts');
  const { Budget, LIMITS } = await import('./test/start-server.ts');
  const { pino } = await import('pino');
  const second = createGrpcServer({
    name: 'second',
    endpoint: { host: '127.0.0.1', port: Number(address.split(':')[1]) },
    setting: 'some.endpoint',
    methods: echo,
    limits: LIMITS,
    budget: new Budget(1),
    inflaters: new Map(),
    logger: pino({ level: 'silent' }),
    onFailure: () => undefined,
  });
  await expect(second.start()).rejects.toMatchObject({
    code: 'SPOOR_ADDRESS_IN_USE',
    message: expect.stringContaining('--some.endpoint'),
  });
});
