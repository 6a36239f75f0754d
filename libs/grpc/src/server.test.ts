import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { SpoorError } from '@spoor/model';
import { afterEach, expect, test } from 'vitest';
import { encodeGrpcMessage } from './index.ts';
import type { GrpcCall, GrpcMethods } from './method.ts';
import { answerOf, Budget, frame, HEADERS, openSession, type Started, startServer } from './test/start-server.ts';

const started: Started[] = [];
const opened: { destroy(): void }[] = [];

afterEach(async () => {
  for (const session of opened.splice(0)) session.destroy();
  for (const { server } of started.splice(0)) await server.stop(AbortSignal.abort());
});

const echo: GrpcMethods = { '/test.Echo/Say': { kind: 'unary', handle: async (message) => message } };
const path = { ...HEADERS, ':path': '/test.Echo/Say' };

async function start(...args: Parameters<typeof startServer>) {
  const running = await startServer(...args);
  started.push(running);
  const session = openSession(running.address);
  opened.push(session);
  const ask = (body: Uint8Array, headers: Record<string, string> = {}) => {
    const stream = session.request({ ...path, ...headers });
    stream.end(body);
    return answerOf(stream);
  };
  return { ...running, session, ask };
}

/** A method whose calls wait for `open`. */
function gated() {
  const gate = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<GrpcCall>();
  const methods: GrpcMethods = {
    '/test.Echo/Say': {
      kind: 'unary',
      async handle(message, call) {
        entered.resolve(call);
        await gate.promise;
        return message;
      },
    },
  };
  return { methods, open: () => gate.resolve(), entered: entered.promise };
}

test('a message comes and its answer goes, in one piece or byte by byte', async () => {
  const { ask, session, budget } = await start(echo);
  const message = Buffer.from('hello'.repeat(20_000));
  const whole = await ask(frame(message));
  expect(whole.headers).toMatchObject({ ':status': 200, 'content-type': 'application/grpc' });
  expect(whole.trailers['grpc-status']).toBe('0');
  expect(whole.body.equals(frame(message))).toBe(true);
  const stream = session.request(path);
  const answer = answerOf(stream);
  for (const byte of frame('by bytes')) stream.write(Buffer.of(byte));
  stream.end();
  expect((await answer).body.toString('latin1', 5)).toBe('by bytes');
  expect((await ask(frame(''))).body).toEqual(frame(''));
  expect([budget.held, budget.highWater > message.length]).toEqual([0, true]);
});

test('a compressed message inflates within the bound, and its name must be known', async () => {
  const { ask, failures, budget } = await start(echo);
  const gzip = { 'grpc-encoding': 'gzip' };
  expect((await ask(frame(gzipSync('packed'), 1), gzip)).body.toString('latin1', 5)).toBe('packed');
  expect((await ask(frame('plain'), gzip)).body.toString('latin1', 5)).toBe('plain');
  const bomb = await ask(frame(gzipSync(Buffer.alloc(64 * 1024 * 1024)), 1), gzip);
  expect(bomb.headers['grpc-status']).toBe(String(status.RESOURCE_EXHAUSTED));
  const unknown = await ask(frame('x', 1), { 'grpc-encoding': 'br' });
  expect(unknown.headers).toMatchObject({
    'grpc-status': String(status.UNIMPLEMENTED),
    'grpc-accept-encoding': 'identity,gzip',
  });
  expect((await ask(frame('x', 1))).headers['grpc-status']).toBe(String(status.INTERNAL));
  expect(failures).toHaveLength(3);
  expect(budget.held).toBe(0);
});

test.each<[string, Buffer, number]>([
  ['no message', Buffer.alloc(0), status.UNIMPLEMENTED],
  ['two messages', Buffer.concat([frame('a'), frame('b')]), status.UNIMPLEMENTED],
  ['half a prefix', Buffer.from([0, 0]), status.INTERNAL],
  ['half a message', frame('whole').subarray(0, 7), status.INTERNAL],
  ['a first byte of 7', frame('x', 7), status.INTERNAL],
  ['a length of 4 GiB', Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1]), status.RESOURCE_EXHAUSTED],
])('%s has its status', async (_what, body, code) => {
  const { ask, budget } = await start(echo);
  expect((await ask(body)).headers['grpc-status']).toBe(String(code));
  expect([budget.held, budget.highWater <= 5]).toEqual([0, true]);
});

test('a length of 4 GiB is refused at once, whatever is still to come', async () => {
  const { session, budget } = await start(echo);
  const stream = session.request(path);
  stream.write(Buffer.from([0, 0xff, 0xff, 0xff, 0xff]));
  const answer = await answerOf(stream);
  expect(answer.headers['grpc-status']).toBe(String(status.RESOURCE_EXHAUSTED));
  expect(budget.highWater).toBe(0);
});

test('a content-length above the bound is refused before any of it comes', async () => {
  const { session } = await start(echo);
  const stream = session.request({ ...path, 'content-length': String(2 ** 30) });
  expect((await answerOf(stream)).headers['grpc-status']).toBe(String(status.RESOURCE_EXHAUSTED));
});

test('unknown methods, wrong content types and wrong verbs say so', async () => {
  const { session } = await start(echo);
  const ask = (headers: Record<string, string>) => {
    const stream = session.request({ ...path, ...headers });
    stream.end();
    return answerOf(stream);
  };
  const unknown = await ask({ ':path': '/test.Echo/Sing' });
  expect(unknown.headers).toMatchObject({ ':status': 200, 'grpc-status': String(status.UNIMPLEMENTED) });
  expect(unknown.headers['grpc-message']).toContain('/test.Echo/Sing');
  expect((await ask({ 'content-type': 'application/json' })).headers[':status']).toBe(415);
  expect((await ask({ 'content-type': 'application/grpc-web' })).headers[':status']).toBe(415);
  expect((await ask({ ':method': 'GET' })).headers[':status']).toBe(405);
  for (const type of ['application/grpc+proto', 'application/grpc;x=y'])
    expect((await ask({ 'content-type': type })).headers[':status']).toBe(200);
});

test('a message of a status is percent-encoded, and bounded', async () => {
  const { ask } = await start({
    '/test.Echo/Say': {
      kind: 'unary',
      handle: async () => {
        throw new SpoorError('SPOOR_INVALID_REQUEST', 'schön, 100 %\n');
      },
    },
  });
  const { headers } = await ask(frame(''));
  expect(headers['grpc-status']).toBe(String(status.INVALID_ARGUMENT));
  expect(headers['grpc-message']).toBe('sch%C3%B6n, 100 %25%0A');
  expect(decodeURIComponent(String(headers['grpc-message']))).toBe('schön, 100 %\n');
  expect(encodeGrpcMessage('x'.repeat(100_000)).length).toBeLessThan(4096);
});

test('a call is over at its deadline, and the method learns of it', async () => {
  const { methods, open, entered } = gated();
  const { ask, failures } = await start(methods);
  const answer = ask(frame('x'), { 'grpc-timeout': '1m' });
  const call = await entered;
  expect((await answer).headers['grpc-status']).toBe(String(status.DEADLINE_EXCEEDED));
  expect([call.signal.aborted, failures]).toEqual([true, ['SPOOR_DEADLINE_EXCEEDED']]);
  open();
});

test('a sender that does not finish its message in time is told so, and nothing is held for it', async () => {
  const { session, budget } = await start(echo, { requestTimeoutMs: 50 });
  const stream = session.request(path);
  stream.write(frame('only half of it').subarray(0, 12));
  expect((await answerOf(stream)).headers['grpc-status']).toBe(String(status.DEADLINE_EXCEEDED));
  expect(budget.held).toBe(0);
});

test('a sender that goes away frees what it sent, once the method is done with it', async () => {
  const { methods, open, entered } = gated();
  const { session, budget } = await start(methods);
  const stream = session.request(path);
  stream.on('error', () => undefined);
  stream.end(frame('held'));
  const call = await entered;
  stream.destroy();
  await expect.poll(() => call.signal.aborted).toBe(true);
  expect(budget.held).toBe(4);
  open();
  await expect.poll(() => budget.held).toBe(0);
});

test('half-received messages on many streams count, and beyond the bound the next is refused', async () => {
  const budget = new Budget(1024 * 1024);
  const { address } = await start(echo, { maxMessageBytes: 4 * 1024 * 1024 }, budget);
  const half = frame(Buffer.alloc(64 * 1024)).subarray(0, 40 * 1024);
  const answers = Array.from({ length: 4 }, () => openSession(address)).flatMap((session) => {
    opened.push(session);
    return Array.from({ length: 30 }, () => {
      const stream = session.request(path);
      stream.write(half);
      return answerOf(stream);
    });
  });
  const first = await Promise.race(answers);
  expect(first.headers['grpc-status']).toBe(String(status.RESOURCE_EXHAUSTED));
  expect(budget.highWater).toBeLessThanOrEqual(1024 * 1024);
  for (const session of opened.splice(0)) session.destroy();
  await Promise.all(answers);
  await expect.poll(() => budget.held).toBe(0);
});

test('more streams at once than allowed are refused, and those within are answered', async () => {
  const { methods, open } = gated();
  const { session, ask } = await start(methods, { maxConcurrentStreams: 4 });
  // Before the settings of the server have come, as a sender that ignores them would.
  const answers = Array.from({ length: 12 }, () => ask(frame('x')));
  await new Promise<void>((resolve) => session.once('remoteSettings', () => resolve()));
  open();
  const outcomes = (await Promise.all(answers)).map(({ trailers, rstCode }) => trailers['grpc-status'] ?? rstCode);
  expect(outcomes.filter((outcome) => outcome === '0').length).toBeGreaterThanOrEqual(4);
});

test('metadata comes with every value of a key', async () => {
  let seen: readonly string[] = [];
  const { session } = await start({
    '/test.Echo/Say': {
      kind: 'unary',
      async handle(message, { metadata }) {
        seen = [...metadata.get('x-tenant'), ...metadata.get('x-none')];
        return message;
      },
    },
  });
  const stream = session.request({ ...path, 'x-tenant': ['acme', 'other'] });
  stream.end(frame(''));
  await answerOf(stream);
  expect(seen).toEqual(['acme', 'other']);
});

test('trailers from the sender end its message like anything else', async () => {
  const { session } = await start(echo);
  const stream = session.request(path, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-checksum': '1' }));
  stream.end(frame('with trailers'));
  expect((await answerOf(stream)).body.toString('latin1', 5)).toBe('with trailers');
});
