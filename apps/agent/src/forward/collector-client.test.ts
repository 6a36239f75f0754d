import { execFileSync } from 'node:child_process';
import { promises } from 'node:dns';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import { afterEach, expect, test, vi } from 'vitest';
import { collectorClientConfigOf, reporterConfig } from '../reporter-config.ts';
import { type CollectorClient, type CollectorClientConfig, createCollectorClient } from './collector-client.ts';

const NEVER = new AbortController().signal;
const PATH = '/test.Service/Call';
const SEEN = { timeout: 20_000, interval: 10 };
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

interface Collector {
  readonly endpoint: string;
  readonly received: string[];
  stop(): void;
}

/** `undefined` is no answer at all. */
type Answer = (request: Buffer) => Buffer | { readonly code: number; readonly details: string } | undefined;

/** A gRPC server of grpc-js with one method. */
async function startCollector(
  answer: Answer,
  { address = '127.0.0.1:0', security = ServerCredentials.createInsecure() } = {},
): Promise<Collector> {
  const server = new Server();
  const received: string[] = [];
  const identity = (bytes: Buffer) => bytes;
  const definition = {
    call: {
      path: PATH,
      requestStream: false,
      responseStream: false,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    },
  };
  server.addService(definition, {
    call(
      call: { readonly request: Buffer },
      done: (error: { code: number; details: string } | null, answer?: Buffer) => void,
    ) {
      received.push(call.request.toString());
      const given = answer(call.request);
      if (Buffer.isBuffer(given)) done(null, given);
      else if (given !== undefined) done(given);
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(address, security, (error, bound) => (error === null ? resolve(bound) : reject(error))),
  );
  const stop = () => server.forceShutdown();
  ends.push(stop);
  return { endpoint: `127.0.0.1:${port}`, received, stop };
}

function client(config: Partial<CollectorClientConfig> & Pick<CollectorClientConfig, 'endpoints'>): CollectorClient {
  const opened = createCollectorClient({ timeoutMs: 5_000, ...config });
  ends.push(() => opened.close());
  return opened;
}

const echo: Answer = (request) => Buffer.concat([Buffer.from('re: '), request]);
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test('collectors take calls in turn, one that is away is passed over', async () => {
  const [one, two] = [await startCollector(echo), await startCollector(echo)];
  const calls = client({ endpoints: [one.endpoint, two.endpoint] });
  for (let i = 0; i < 4; i += 1) expect(text(await calls.call(PATH, Buffer.from(`${i}`), NEVER))).toBe(`re: ${i}`);
  expect([one.received, two.received]).toEqual([
    ['0', '2'],
    ['1', '3'],
  ]);
  one.stop();
  for (let i = 4; i < 8; i += 1) expect(text(await calls.call(PATH, Buffer.from(`${i}`), NEVER))).toBe(`re: ${i}`);
  expect(two.received.slice(2).sort()).toEqual(['4', '5', '6', '7']);
});

test('a name is resolved', async () => {
  const { endpoint, received } = await startCollector(echo);
  const calls = client({ endpoints: [`dns:///localhost:${endpoint.split(':')[1]}`] });
  expect(text(await calls.call(PATH, Buffer.from('x'), NEVER))).toBe('re: x');
  expect(received).toEqual(['x']);
});

test('a name with several addresses is all of them in turn, and one that is away is passed over', async () => {
  const one = await startCollector(echo);
  const port = Number(one.endpoint.split(':')[1]);
  const two = await startCollector(echo, { address: `127.0.0.2:${port}` });
  const answers = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
  const lookup = vi.spyOn(promises, 'lookup').mockImplementation((async () => answers) as never);
  ends.push(() => lookup.mockRestore());
  const calls = client({ endpoints: [`dns:///collectors.example.com:${port}`] });
  const send = async () => expect(text(await calls.call(PATH, Buffer.from('x'), NEVER))).toBe('re: x');
  // The first call may be made before both are connected.
  const fewest = async () => {
    await send();
    return Math.min(one.received.length, two.received.length);
  };
  await expect.poll(fewest, SEEN).toBeGreaterThan(0);
  const before = [one.received.length, two.received.length];
  for (let i = 0; i < 6; i += 1) await send();
  expect([one.received.length - before[0]!, two.received.length - before[1]!]).toEqual([3, 3]);
  one.stop();
  const left = two.received.length;
  for (let i = 0; i < 6; i += 1) await send();
  expect(two.received.length - left).toBe(6);
  expect(lookup).toHaveBeenCalledWith('collectors.example.com', expect.anything());
});

test('collectors are connected before they are called, and again when they come back', async () => {
  const first = await startCollector(echo);
  const calls = client({ endpoints: [first.endpoint] });
  expect(calls.connections()).toEqual({ open: 0, everOpened: 0 });
  calls.connect();
  await expect.poll(() => calls.connections(), SEEN).toEqual({ open: 1, everOpened: 1 });
  first.stop();
  await expect.poll(() => calls.connections(), SEEN).toEqual({ open: 0, everOpened: 1 });
  await startCollector(echo, { address: first.endpoint });
  await expect.poll(() => calls.connections(), SEEN).toEqual({ open: 1, everOpened: 2 });
  calls.close();
  await expect.poll(() => calls.connections().open, SEEN).toBe(0);
});

test('without any collector the answer says that it may pass; one that comes is found', async () => {
  const first = await startCollector(echo);
  const calls = client({ endpoints: [first.endpoint] });
  await calls.call(PATH, Buffer.from('x'), NEVER);
  first.stop();
  await expect(calls.call(PATH, Buffer.from('x'), NEVER)).rejects.toMatchObject({ kind: 'retryable' });
  await startCollector(echo, { address: first.endpoint });
  await expect
    .poll(() => calls.call(PATH, Buffer.from('y'), NEVER).then(text, String), { timeout: 20_000, interval: 50 })
    .toBe('re: y');
});

test.each([
  { code: status.INVALID_ARGUMENT, kind: 'rejected' },
  { code: status.RESOURCE_EXHAUSTED, kind: 'retryable' },
  { code: status.UNAVAILABLE, kind: 'retryable' },
  { code: status.UNAUTHENTICATED, kind: 'rejected' },
])('the status $code is $kind', async ({ code, kind }) => {
  const { endpoint } = await startCollector(() => ({ code, details: 'because' }));
  await expect(client({ endpoints: [endpoint] }).call(PATH, Buffer.alloc(0), NEVER)).rejects.toMatchObject({
    kind,
    message: 'the collector answered: because',
  });
});

test('a collector that does not answer is waited for no longer than the time-out, or until the agent stops', async () => {
  const { endpoint } = await startCollector(() => undefined);
  const slow = client({ endpoints: [endpoint], timeoutMs: 50 });
  await expect(slow.call(PATH, Buffer.alloc(0), NEVER)).rejects.toMatchObject({ kind: 'retryable' });
  await expect(slow.call(PATH, Buffer.alloc(0), AbortSignal.abort())).rejects.toMatchObject({
    code: 'SPOOR_SHUTTING_DOWN',
  });
});

test('over TLS the certificate is checked, against the name that is told', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'spoor-agent-tls-'));
  ends.push(() => rmSync(directory, { recursive: true }));
  const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
      ...['-subj', '/CN=collector.test', '-addext', 'subjectAltName=DNS:collector.test'],
      ...['-keyout', keyFile, '-out', certFile],
    ],
    { stdio: 'ignore' },
  );
  const pair = { private_key: readFileSync(keyFile), cert_chain: readFileSync(certFile) };
  const { endpoint } = await startCollector(echo, { security: ServerCredentials.createSsl(null, [pair]) });
  const settings = (tls: object) =>
    collectorClientConfigOf(reporterConfig.parse({ endpoints: [endpoint], tls: { enabled: true, ...tls } }));
  const call = (tls: object) => client(settings(tls)).call(PATH, Buffer.from('x'), NEVER).then(text);
  expect(await call({ ca: certFile, serverName: 'collector.test' })).toBe('re: x');
  await expect(call({ ca: certFile, serverName: 'another.test' })).rejects.toThrow();
  await expect(call({})).rejects.toThrow();
  expect(await call({ skipHostVerify: true })).toBe('re: x');
});

test('settings that do not fit together are told', () => {
  const config = (tls: object) => () => collectorClientConfigOf(reporterConfig.parse({ tls }));
  expect(config({ ca: '/x' })).toThrow('reporter.tls.ca is given, but reporter.tls.enabled is false');
  expect(config({ enabled: true, cert: '/x' })).toThrow('reporter.tls.cert and reporter.tls.key belong together');
  expect(config({ enabled: true, ca: '/nowhere' })).toThrow('reporter.tls.ca cannot be read');
});
