import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { grpcSender } from '../fixtures/senders.ts';
import { createSpanGenerator } from '../fixtures/spans.ts';
import { type AllInOne, startAllInOne, waitFor } from '../harness/index.ts';

/** Far above what the process needs, far below what an unbounded one would take here. */
const MAX_RSS_BYTES = 600 * 2 ** 20;
const MIB = 2 ** 20;
const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frameOf(4, 0, 0, Buffer.alloc(0))]);
const EXPORT = {
  ':method': 'POST',
  ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  'content-type': 'application/grpc',
};

let spoor: AllInOne;

beforeAll(async () => {
  spoor = await startAllInOne({ env: { SPOOR_COLLECTOR_OTLP_GRPC_REQUEST_TIMEOUT: '2s' } });
});

afterAll(async () => {
  await spoor[Symbol.asyncDispose]();
});

/** An HTTP/2 frame (RFC 9113, section 4.1). */
function frameOf(type: number, flags: number, streamId: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

function openSession(): ClientHttp2Session {
  const session = connect(`http://${spoor.addresses.otlpGrpc}`);
  session.on('error', () => undefined);
  return session;
}

/** `grpc-status`, or the HTTP/2 error where there is none. */
function outcomeOf(stream: ClientHttp2Stream): Promise<string> {
  return new Promise((resolve) => {
    const take = (headers: Record<string, unknown>) => {
      const code = headers['grpc-status'];
      if (code !== undefined) resolve(String(code));
    };
    stream.on('response', take);
    stream.on('trailers', take);
    stream.on('error', () => undefined);
    stream.on('close', () => resolve(`rst ${stream.rstCode}`));
    stream.resume();
  });
}

/** Sends bytes without reading what comes back, and resolves when the other side closed, or when all was sent. */
function pour(chunk: Buffer, count: number): Promise<void> {
  const [host = '', port = ''] = spoor.addresses.otlpGrpc.split(':');
  return new Promise((resolve) => {
    const socket = net.connect({ host, port: Number(port) });
    let left = count;
    const finish = () => {
      socket.destroy();
      resolve();
    };
    const write = () => {
      while (left > 0) {
        left -= 1;
        if (!socket.write(chunk)) {
          socket.once('drain', write);
          return;
        }
      }
      socket.end();
      socket.resume();
    };
    socket.on('close', finish);
    socket.on('error', finish);
    socket.write(PREFACE);
    write();
    // A flood whose answers nobody reads must not hold up the server; it may hold up this side.
    setTimeout(finish, 2_000).unref();
  });
}

async function expectHealthy(): Promise<void> {
  expect(spoor.exited()).toBe(false);
  expect(spoor.rssBytes()).toBeLessThan(MAX_RSS_BYTES);
  const sender = grpcSender(spoor.addresses.otlpGrpc);
  expect(await sender.send(Buffer.from(createSpanGenerator({ seed: 99 }).request(5)))).toMatchObject({
    outcome: 'taken',
  });
  sender.close();
  await waitFor(async () => (await spoor.metrics()).sum('spoor_receiver_bytes_in_flight') === 0, {
    describe: 'nothing held',
  });
}

test('half messages on many streams of many connections are bounded, and time out', async () => {
  const head = Buffer.from([0, 0, 0x3f, 0xff, 0xff]);
  const sessions = Array.from({ length: 6 }, openSession);
  const outcomes = sessions.flatMap((session) =>
    // Node's client has room for 10 MB a connection.
    Array.from({ length: 6 }, () => {
      const stream = session.request(EXPORT);
      stream.write(head);
      stream.write(Buffer.alloc(MIB - 5, 1));
      return outcomeOf(stream);
    }),
  );
  const codes = new Set(await Promise.all(outcomes));
  // Those beyond the bytes in flight, and those that never ended.
  expect(codes).toContain(String(status.RESOURCE_EXHAUSTED));
  expect(codes).toContain(String(status.DEADLINE_EXCEEDED));
  for (const session of sessions) session.destroy();
  const metrics = await spoor.metrics();
  expect(metrics.sum('spoor_receiver_bytes_in_flight_high_water')).toBeLessThanOrEqual(64 * MIB);
  await expectHealthy();
});

test('a length of 4 GiB is refused when it is announced', async () => {
  const session = openSession();
  const outcomes = Array.from({ length: 30 }, () => {
    const stream = session.request(EXPORT);
    stream.write(Buffer.from([0, 0xff, 0xff, 0xff, 0xff]));
    return outcomeOf(stream);
  });
  for (const outcome of await Promise.all(outcomes)) expect(outcome).toBe(String(status.RESOURCE_EXHAUSTED));
  session.destroy();
  await expectHealthy();
});

test('messages that inflate without end are refused', async () => {
  const session = openSession();
  const packed = gzipSync(Buffer.alloc(400 * MIB));
  const head = Buffer.alloc(5);
  head[0] = 1;
  head.writeUInt32BE(packed.length, 1);
  for (let i = 0; i < 4; i += 1) {
    const stream = session.request({ ...EXPORT, 'grpc-encoding': 'gzip' });
    stream.end(Buffer.concat([head, packed]));
    expect(await outcomeOf(stream)).toBe(String(status.RESOURCE_EXHAUSTED));
  }
  session.destroy();
  await expectHealthy();
});

test('floods of pings, settings and empty frames end their connection or are borne', async () => {
  const many = (frame: Buffer) => Buffer.concat(Array.from({ length: 1000 }, () => frame));
  const ping = frameOf(6, 0, 0, Buffer.alloc(8));
  const settings = frameOf(4, 0, 0, Buffer.from([0, 4, 0, 0, 0xff, 0xff]));
  const priority = frameOf(2, 0, 1, Buffer.from([0, 0, 0, 0, 16]));
  await Promise.all([ping, settings, priority].map((frame) => pour(many(frame), 200)));
  await expectHealthy();
});

test('streams that are opened and reset at once end their connection or are borne', async () => {
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const session = openSession();
      const closed = new Promise<void>((resolve) => session.once('close', () => resolve()));
      for (let i = 0; i < 20_000 && !session.destroyed; i += 1) {
        const stream = session.request(EXPORT);
        stream.on('error', () => undefined);
        stream.close(constants.NGHTTP2_CANCEL);
        if (i % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      session.destroy();
      await closed;
    }),
  );
  await expectHealthy();
});

test('headers without end, and trailers nobody asked for', async () => {
  const session = openSession();
  // The bound holds from when the sender knows of it.
  await new Promise<void>((resolve) => session.once('remoteSettings', () => resolve()));
  const large = session.request({ ...EXPORT, 'x-large': 'x'.repeat(60_000) });
  large.end();
  expect(await outcomeOf(large)).toMatch(/^rst /);
  const continuation = frameOf(9, 0, 1, Buffer.alloc(1000, 0x40));
  const open = frameOf(1, 0, 1, Buffer.from([0x83]));
  await pour(Buffer.concat([open, ...Array.from({ length: 1000 }, () => continuation)]), 20);
  const again = openSession();
  const stream = again.request(EXPORT, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-checksum': '1', 'grpc-status': '0' }));
  stream.end(Buffer.alloc(5));
  expect(await outcomeOf(stream)).toBe(String(status.OK));
  session.destroy();
  again.destroy();
  await expectHealthy();
});
