import { type EventEmitter, once } from 'node:events';
import {
  type ChannelCredentials,
  credentials,
  loadPackageDefinition as instantiate,
  Metadata,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { SpoorError } from '@spoor/model';
import { createTenancy } from '@spoor/service';
import { protoPath as healthProtoPath } from 'grpc-health-check';
import { afterEach, expect, test, vi } from 'vitest';
import { id, MS, NOON, resource, span, TRACE_A, TRACE_SHORT } from '../test/spans.ts';
import { type StartedQuery, startQuery } from '../test/start-query.ts';
import { loadPackageDefinition, QUERY_SERVICE } from './definitions.ts';

let started: StartedQuery | undefined;
const clients: { close(): void }[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await started?.stop();
  started = undefined;
});

interface Stream extends AsyncIterable<never> {
  cancel(): void;
}
type UnaryMethod = (message: object, metadata: Metadata, done: (error: Error | null, answer: object) => void) => void;
type StreamMethod = (message: object, metadata: Metadata) => Stream;
type Constructor = new (address: string, credentials: ChannelCredentials) => Client;
interface Client {
  [method: string]: UnaryMethod & StreamMethod;
}

const SPANS = [
  span({ kind: 'server' }),
  span({ spanId: id(2), parentSpanId: id(1), name: 'SELECT', kind: 'client' }),
  span({ traceId: TRACE_SHORT, name: 'other' }),
];

async function open(...options: Parameters<typeof startQuery>): Promise<StartedQuery> {
  started = await startQuery(...options);
  return started;
}

/** A real client, from the definition that clients have: with the messages decoded by protobufjs. */
function clientOf(definition: ReturnType<typeof loadSync>, service: string): Client {
  const address = started?.query.addresses().grpc ?? '';
  const packages = instantiate(definition);
  const found = service.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], packages);
  const client = new (found as Constructor)(address, credentials.createInsecure());
  clients.push(client as unknown as { close(): void });
  return client;
}

const queryClient = () => clientOf(loadPackageDefinition(), QUERY_SERVICE);

function call(client: Client, method: string, message: object, metadata = new Metadata()): Promise<object> {
  return new Promise((resolve, reject) => {
    client[method]?.(message, metadata, (error, answer) => (error === null ? resolve(answer) : reject(error)));
  });
}

async function collect(stream: AsyncIterable<never> | undefined): Promise<Record<string, never>[]> {
  const messages: Record<string, never>[] = [];
  for await (const message of stream ?? []) messages.push(message);
  return messages;
}

const seconds = (nanos: bigint) => ({
  seconds: (nanos / 1_000_000_000n).toString(),
  nanos: Number(nanos % 1_000_000_000n),
});
const QUERY = { startTimeMin: seconds(NOON - 1_000n * MS), startTimeMax: seconds(NOON + 1_000n * MS) };

test('services, operations and dependencies', async () => {
  const { reader } = await open([...SPANS, span({ resource: resource('bank') })]);
  reader.links = [{ parent: 'a', child: 'b', callCount: 2 ** 40 }];
  const client = queryClient();
  expect(await call(client, 'GetServices', {})).toEqual({ services: ['bank', 'shop'] });
  expect(await call(client, 'GetOperations', { service: 'shop' })).toEqual({
    operations: [
      { name: 'op', spanKind: 'server' },
      { name: 'SELECT', spanKind: 'client' },
      { name: 'other', spanKind: 'internal' },
    ],
  });
  expect(await call(client, 'GetOperations', { service: 'shop', spanKind: 'client' })).toEqual({
    operations: [{ name: 'SELECT', spanKind: 'client' }],
  });
  const window = { startTime: seconds(0n), endTime: seconds(NOON) };
  expect(await call(client, 'GetDependencies', window)).toEqual({
    dependencies: [{ parent: 'a', child: 'b', callCount: String(2 ** 40) }],
  });
});

test('a trace comes as OTLP', async () => {
  await open(SPANS);
  const [message] = await collect(queryClient()['GetTrace']?.({ traceId: TRACE_A }, new Metadata()));
  expect(message).toMatchObject({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
        scopeSpans: [{ spans: [{ name: 'op', kind: 'SPAN_KIND_SERVER' }, { name: 'SELECT' }] }],
      },
    ],
  });
});

test('a large trace comes in several messages, each of which a client with default limits takes', async () => {
  const blob = { key: 'blob', value: 'x'.repeat(2_000) };
  const count = 6_000;
  await open(Array.from({ length: count }, (_, index) => span({ spanId: id(index + 1), attributes: [blob] })));
  const messages = await collect(queryClient()['GetTrace']?.({ traceId: TRACE_A }, new Metadata()));
  expect(messages.length).toBeGreaterThan(5);
  type Message = { resourceSpans: { scopeSpans: { spans: unknown[] }[] }[] };
  const spans = (messages as unknown as Message[]).flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );
  expect(spans).toHaveLength(count);
});

test('a search takes all its conditions and streams trace after trace', async () => {
  const { reader } = await open(SPANS);
  const query = {
    ...QUERY,
    serviceName: 'shop',
    operationName: 'op',
    attributes: { a: 'b' },
    durationMin: { nanos: 5 },
    durationMax: { seconds: '1' },
    searchDepth: 2,
  };
  const messages = await collect(queryClient()['FindTraces']?.({ query }, new Metadata()));
  expect(messages).toHaveLength(2);
  expect(reader.queries[0]).toEqual({
    serviceName: 'shop',
    operationName: 'op',
    attributes: [{ key: 'a', value: 'b' }],
    time: { startUnixNano: NOON - 1_000n * MS, endUnixNano: NOON + 1_000n * MS },
    minDurationNanos: 5n,
    maxDurationNanos: 1_000_000_000n,
    limit: 2,
  });
});

test('a search takes a filter instead, whole or not at all', async () => {
  const { reader } = await open(SPANS);
  const compared = (op: string) => ({
    call: { op, args: [{ attr: { key: 'http.status_code' } }, { scalar: { value: '500' } }] },
  });
  const service = {
    call: { op: 'eq', args: [{ field: { level: 'resource', name: 'service' } }, { scalar: { value: 'shop' } }] },
  };
  const find = (filter: unknown, more = {}) =>
    collect(queryClient()['FindTraces']?.({ query: { ...QUERY, ...more, filter } }, new Metadata()));
  await find({ op: 'and', args: [service, compared('lt')] });
  expect(reader.queries[0]).toMatchObject({
    serviceName: 'shop',
    attributes: [{ key: 'http.status_code', operator: 'lt', value: '500' }],
  });
  const refused = (details: string) => ({ code: status.INVALID_ARGUMENT, details: expect.stringContaining(details) });
  await expect(find({ op: 'or', args: [service, compared('lt')] })).rejects.toMatchObject(refused('filter.op is "or"'));
  await expect(find({})).rejects.toMatchObject(refused('filter.op is missing'));
  await expect(find(compared('lt').call, { serviceName: 's' })).rejects.toMatchObject(refused('filter goes with'));
  expect(reader.queries).toHaveLength(1);
});

test('an incomplete answer says so after its last message', async () => {
  const { reader } = await open(SPANS);
  reader.incomplete = 'one store did not answer';
  const stream = queryClient()['FindTraces']?.({ query: QUERY }, new Metadata());
  const ended = once(stream as unknown as EventEmitter, 'status');
  await collect(stream);
  const [{ metadata }] = (await ended) as [{ metadata: Metadata }];
  expect(metadata.get('spoor-incomplete').map((text) => decodeURIComponent(String(text)))).toEqual([reader.incomplete]);
});

test('summaries are streamed', async () => {
  await open(SPANS);
  const [message] = await collect(queryClient()['FindTraceSummaries']?.({ query: QUERY }, new Metadata()));
  expect(message).toMatchObject({
    summaries: [
      {
        traceId: TRACE_A,
        rootServiceName: 'shop',
        rootOperationName: 'op',
        minStartTimeUnixNano: NOON.toString(),
        spanCount: 2,
        services: [{ name: 'shop', spanCount: 2 }],
      },
      { traceId: TRACE_SHORT, spanCount: 1 },
    ],
  });
});

test.each([
  ['GetTrace', { traceId: 'zz' }, status.INVALID_ARGUMENT, 'malformed trace_id'],
  ['GetTrace', { traceId: '1' }, status.NOT_FOUND, 'trace not found'],
  ['FindTraces', {}, status.INVALID_ARGUMENT, 'missing query'],
  ['FindTraces', { query: {} }, status.INVALID_ARGUMENT, 'start_time_min and start_time_max are required'],
  ['FindTraces', { query: { ...QUERY, searchDepth: 1_001 } }, status.INVALID_ARGUMENT, 'from 1 to 1000'],
  ['FindTraceSummaries', { query: { ...QUERY, searchDepth: -1 } }, status.INVALID_ARGUMENT, 'from 1 to 1000'],
  ['FindTraces', { query: { ...QUERY, startTimeMin: QUERY.startTimeMax } }, status.INVALID_ARGUMENT, 'must be before'],
])('%s of %j is refused', async (method, message, code, details) => {
  await open(SPANS);
  const answer = collect(queryClient()[method]?.(message, new Metadata()));
  await expect(answer).rejects.toMatchObject({ code, details: expect.stringContaining(details) });
});

test.each([
  ['GetOperations', {}, status.INVALID_ARGUMENT, 'missing service'],
  ['GetDependencies', {}, status.INVALID_ARGUMENT, 'start_time and end_time are required'],
])('%s without what it needs is refused', async (method, message, code, details) => {
  await open(SPANS);
  await expect(call(queryClient(), method, message)).rejects.toMatchObject({ code, details });
});

test('a store that is away is UNAVAILABLE', async () => {
  const { reader } = await open(SPANS);
  reader.failure = new SpoorError('SPOOR_STORAGE_UNAVAILABLE', 'the store is away');
  const client = queryClient();
  await expect(call(client, 'GetServices', {})).rejects.toMatchObject({ code: status.UNAVAILABLE });
  const trace = collect(client['GetTrace']?.({ traceId: TRACE_A }, new Metadata()));
  await expect(trace).rejects.toMatchObject({ code: status.UNAVAILABLE, details: 'the store is away' });
});

test('a client that cancels aborts what is read for it', async () => {
  const { reader } = await open(SPANS);
  reader.gate = new Promise(() => undefined);
  const stream = queryClient()['GetTrace']?.({ traceId: TRACE_A }, new Metadata());
  const ended = collect(stream).catch((error: { code: number }) => error.code);
  await vi.waitFor(() => expect(reader.waiting).toBe(1));
  stream?.cancel();
  expect(await ended).toBe(status.CANCELLED);
  await vi.waitFor(() => expect(reader.aborted).toHaveLength(1));
});

test('tenants are told apart', async () => {
  const tenancy = createTenancy({ enabled: true, header: 'x-tenant', tenants: ['acme'] });
  const { get } = await open(SPANS, {}, { tenancy });
  const metadata = new Metadata();
  const client = queryClient();
  await expect(call(client, 'GetServices', {}, metadata)).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
  metadata.set('x-tenant', 'other');
  await expect(call(client, 'GetServices', {}, metadata)).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
  metadata.set('x-tenant', 'acme');
  expect(await call(client, 'GetServices', {}, metadata)).toEqual({ services: ['shop'] });
  expect((await get('/api/services')).status).toBe(401);
  expect((await get('/api/v3/services', { 'x-tenant': 'other' })).status).toBe(401);
  expect((await get('/api/v3/services', { 'x-tenant': 'acme' })).status).toBe(200);
});

test.each(['', QUERY_SERVICE])('the health of %j is told', async (service) => {
  await open([]);
  const client = clientOf(loadSync(healthProtoPath, { enums: String }), 'grpc.health.v1.Health');
  expect(await call(client, 'Check', { service })).toEqual({ status: 'SERVING' });
});

test('reflection lists the service and describes it', async () => {
  await open([]);
  const proto = new URL(import.meta.resolve('@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto'));
  const client = clientOf(loadSync(proto.pathname), 'grpc.reflection.v1.ServerReflection');
  const stream = (
    client['ServerReflectionInfo'] as unknown as () => Stream & { write(message: object): void; end(): void }
  ).call(client);
  stream.write({ listServices: '*' });
  stream.write({ fileContainingSymbol: `${QUERY_SERVICE}.FindTraceSummaries` });
  stream.end();
  const answers = await collect(stream);
  expect(answers[0]?.['listServicesResponse']).toMatchObject({
    service: expect.arrayContaining([{ name: QUERY_SERVICE }]),
  });
  const described = answers[1]?.['fileDescriptorResponse'] as { fileDescriptorProto: Buffer[] } | undefined;
  const files = Buffer.concat(described?.fileDescriptorProto ?? []).toString('latin1');
  expect(files).toContain('FindTraceSummariesRequest');
});
