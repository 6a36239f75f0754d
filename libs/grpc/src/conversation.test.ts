import { afterEach, expect, test } from 'vitest';
import type { GrpcMethods } from './method.ts';
import { answerOf, frame, HEADERS, openSession, type Started, startServer } from './test/start-server.ts';

const started: Started[] = [];
const opened: { destroy(): void }[] = [];
afterEach(async () => {
  for (const session of opened.splice(0)) session.destroy();
  for (const { server } of started.splice(0)) await server.stop(AbortSignal.abort());
});

async function start(answer: (message: string) => Uint8Array, limits: Parameters<typeof startServer>[1] = {}) {
  const asked: string[] = [];
  const methods: GrpcMethods = {
    '/test.Talk/Ask': {
      kind: 'conversation',
      async answer(message) {
        const text = Buffer.from(message).toString();
        asked.push(text);
        return answer(text);
      },
    },
  };
  const running = await startServer(methods, limits);
  started.push(running);
  const session = openSession(running.address);
  opened.push(session);
  return { ...running, asked, session, open: () => session.request({ ...HEADERS, ':path': '/test.Talk/Ask' }) };
}

const echo = (text: string) => Buffer.from(`re: ${text}`);

test('questions are answered in their order, each before the call ends', async () => {
  const { open, asked } = await start(echo);
  const stream = open();
  const answer = answerOf(stream);
  stream.write(frame('one'));
  await expect.poll(() => asked).toEqual(['one']);
  // Two at once, of which the second comes byte by byte.
  stream.write(Buffer.concat([frame('two'), frame('three').subarray(0, 1)]));
  for (const byte of frame('three').subarray(1)) stream.write(Buffer.of(byte));
  stream.end();
  const { body, trailers } = await answer;
  expect(trailers['grpc-status']).toBe('0');
  expect(body.equals(Buffer.concat(['re: one', 're: two', 're: three'].map((text) => frame(text))))).toBe(true);
});

test.each([
  ['a compressed question', frame('x', 1), '12'],
  ['a question beyond what is taken', frame('x'.repeat(4097)), '8'],
  ['a length of 4 GiB', Buffer.from([0, 255, 255, 255, 255]), '8'],
  ['half a question', frame('question').subarray(0, 9), '13'],
])('%s ends the call with its status', async (_what, bytes, status) => {
  const { open, asked } = await start(echo);
  const stream = open();
  const answer = answerOf(stream);
  stream.end(bytes);
  expect((await answer).trailers['grpc-status']).toBe(status);
  expect(asked).toEqual([]);
});

test('what an answer throws ends the call', async () => {
  const { open, failures } = await start(() => {
    throw new Error('a fault');
  });
  const stream = open();
  const answer = answerOf(stream);
  stream.write(frame('one'));
  expect((await answer).trailers).toMatchObject({
    'grpc-status': '13',
    'grpc-message': expect.stringContaining('internal'),
  });
  expect(failures).toEqual(['SPOOR_INTERNAL']);
});

test('who asks nothing for long is told that the time is over', async () => {
  const { open } = await start(echo, { requestTimeoutMs: 50 });
  expect((await answerOf(open())).trailers['grpc-status']).toBe('4');
});

test('while nobody reads the answers, no more questions are read', async () => {
  const large = Buffer.alloc(64 * 1024);
  const { open, asked } = await start(() => large);
  const stream = open();
  stream.pause();
  const questions = 300;
  stream.write(Buffer.concat(Array.from({ length: questions }, () => frame('q'))));
  stream.end();
  await expect.poll(() => asked.length).toBeGreaterThan(0);
  let size = 0;
  let before = asked.length;
  // What the connection holds is taken up by a few answers; then it stands still.
  await expect
    .poll(
      () => {
        const stands = asked.length === before;
        before = asked.length;
        return stands;
      },
      { interval: 200 },
    )
    .toBe(true);
  expect(asked.length).toBeLessThan(questions / 10);
  stream.on('data', (chunk: Buffer) => (size += chunk.length));
  stream.resume();
  await new Promise((resolve) => stream.on('close', resolve));
  expect(size).toBe(questions * (large.length + 5));
});
