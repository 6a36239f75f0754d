import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, test, vi } from 'vitest';
import { span, TRACE_A } from './test/spans.ts';
import { startQuery } from './test/start-query.ts';

const never = () => new AbortController().signal;

test('it is ready while it is started, and stops as often as it is told to', async () => {
  const { query, get } = await startQuery([]);
  expect(query.readiness()).toEqual({ ready: true });
  expect((await get('/api/services')).status).toBe(200);
  await query.stop(never());
  expect(query.readiness()).toEqual({ ready: false, reason: 'the query API is not started' });
  await query.stop(never());
  await expect(get('/api/services')).rejects.toThrow();
});

test('an address that is taken is told with the setting to change, and what was opened closes again', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const endpoint = { host: '127.0.0.1', port };
  await expect(startQuery([], { http: { endpoint } })).rejects.toMatchObject({
    code: 'SPOOR_ADDRESS_IN_USE',
    message: expect.stringContaining('query.http.endpoint'),
  });
  await expect(startQuery([], { grpc: { endpoint } })).rejects.toMatchObject({
    code: 'SPOOR_ADDRESS_IN_USE',
    message: expect.stringContaining('query.grpc.endpoint'),
  });
  taken.close();
});

test('an answer under way is finished before it stops', async () => {
  const { query, reader, get } = await startQuery([span()]);
  let open: () => void = () => undefined;
  reader.gate = new Promise((resolve) => {
    open = resolve;
  });
  const answer = get(`/api/traces/${TRACE_A}`);
  await vi.waitFor(() => expect(reader.waiting).toBe(1));
  const stopped = query.stop(never());
  open();
  expect((await answer).status).toBe(200);
  await stopped;
});

test('what does not finish in the time for stopping is broken off', async () => {
  const { query, reader, url } = await startQuery([span()]);
  reader.gate = new Promise(() => undefined);
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(`GET /api/traces/${TRACE_A} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await vi.waitFor(() => expect(reader.waiting).toBe(1));
  const grace = new AbortController();
  const stopped = query.stop(grace.signal);
  grace.abort();
  await stopped;
  await vi.waitFor(() => expect(reader.aborted).toHaveLength(1));
});
