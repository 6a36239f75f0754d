import jaegerClient, { type JaegerConfiguration } from 'jaeger-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentProcess, startAgent } from '../harness/agent.ts';
import { type AllInOne, startAllInOne } from '../harness/all-in-one.ts';
import { parentOf, serviceOf, traceWith, type UiSpan } from '../harness/query-api.ts';

const { initTracer, opentracing } = jaegerClient;

let spoor: AllInOne;
let agent: AgentProcess;

beforeAll(async () => {
  spoor = await startAllInOne();
  agent = await startAgent({ collectors: [spoor.addresses.jaegerGrpc], env: { SPOOR_AGENT_TAGS: 'zone=a' } });
});
afterAll(async () => {
  await agent?.stop();
  await spoor?.[Symbol.asyncDispose]();
});

const portOf = (address: string) => Number(address.split(':')[1]);

/** How the client is told where to send. */
const TRANSPORTS: readonly {
  readonly name: string;
  readonly reporter: () => NonNullable<JaegerConfiguration['reporter']>;
  readonly agentTags: boolean;
}[] = [
  {
    name: "UDP to the agent, in the binary protocol as this client's default",
    reporter: () => ({ agentHost: '127.0.0.1', agentPort: portOf(agent.addresses.jaegerBinary) }),
    agentTags: true,
  },
  {
    name: 'Thrift over HTTP',
    reporter: () => ({ collectorEndpoint: `http://${spoor.addresses.thriftHttp}/api/traces` }),
    agentTags: false,
  },
];

function application(serviceName: string, reporter: NonNullable<JaegerConfiguration['reporter']>) {
  const errors: string[] = [];
  const tracer = initTracer(
    {
      serviceName,
      sampler: { type: 'const', param: 1 },
      reporter: { flushIntervalMs: 50, ...reporter },
      traceId128bit: true,
    },
    { tags: { version: '1.2', replicas: 3 }, logger: { info: () => {}, error: (text) => errors.push(text) } },
  );
  return { tracer, errors, close: () => new Promise<void>((resolve) => tracer.close(resolve)) };
}

const tagsOf = (span: UiSpan) => Object.fromEntries(span.tags.map(({ key, type, value }) => [key, { type, value }]));

describe.each(TRANSPORTS)("Jaeger's client for Node by $name", ({ reporter, agentTags }) => {
  test('every span, parent, tag, log and process tag arrives as it was recorded', async () => {
    const { tracer, errors, close } = application('hello-node', reporter());
    const root = tracer.startSpan('say-hello', { tags: { 'hello-to': 'world' } });
    const child = tracer.startSpan('format', {
      childOf: root,
      tags: { 'span.kind': 'client', 'http.status_code': 200 },
    });
    child.setTag('ratio', 0.5).setTag('done', true).setTag('error', true).setTag('text', '€'.repeat(300));
    child.log({ event: 'string-format', value: 'Hello, world!' });
    root.setBaggageItem('greeting', 'Bonjour');
    const follower = tracer.startSpan('after', { references: [opentracing.followsFrom(child.context())] });
    for (const span of [follower, child, root]) span.finish();
    const { traceIdStr } = root.context();
    await close();
    expect(errors).toEqual([]);

    const trace = await traceWith(spoor.addresses.queryHttp, traceIdStr.padStart(32, '0'), 3);
    const named = (name: string) => trace.spans.find(({ operationName }) => operationName === name)!;
    expect(trace.spans.map(({ operationName }) => operationName).sort()).toEqual(['after', 'format', 'say-hello']);
    expect(named('say-hello').spanID).toBe(root.context().spanIdStr.padStart(16, '0'));
    expect(named('say-hello').references).toEqual([]);
    expect(parentOf(trace, named('format'))).toBe(named('say-hello'));
    // What a span follows is its parent, and a link to the parent is one with it.
    expect(named('after').references).toMatchObject([{ refType: 'CHILD_OF', spanID: named('format').spanID }]);
    expect(tagsOf(named('say-hello'))).toMatchObject({
      'hello-to': { type: 'string', value: 'world' },
      'sampler.type': { type: 'string', value: 'const' },
      'sampler.param': { type: 'bool', value: true },
    });
    expect(tagsOf(named('format'))).toMatchObject({
      'span.kind': { type: 'string', value: 'client' },
      // The client writes every number as a double.
      'http.status_code': { type: 'float64', value: 200 },
      ratio: { type: 'float64', value: 0.5 },
      done: { type: 'bool', value: true },
      error: { type: 'bool', value: true },
      text: { type: 'string', value: '€'.repeat(300) },
    });
    expect(named('format').logs).toMatchObject([
      {
        fields: [
          { key: 'event', type: 'string', value: 'string-format' },
          { key: 'value', type: 'string', value: 'Hello, world!' },
        ],
      },
    ]);
    expect(named('say-hello').logs).toMatchObject([
      {
        fields: [
          { key: 'event', type: 'string', value: 'baggage' },
          { key: 'key', type: 'string', value: 'greeting' },
          { key: 'value', type: 'string', value: 'Bonjour' },
        ],
      },
    ]);
    expect(serviceOf(trace, named('format'))).toBe('hello-node');
    const process = trace.processes[named('format').processID];
    expect(process?.tags).toEqual(
      expect.arrayContaining([
        { key: 'version', type: 'string', value: '1.2' },
        { key: 'replicas', type: 'float64', value: 3 },
      ]),
    );
    expect(process?.tags.some(({ key, value }) => key === 'zone' && value === 'a')).toBe(agentTags);
  });

  test('a call between two services is one trace, by inject and extract', async () => {
    const client = application('caller', reporter());
    const server = application('callee', reporter());
    const call = client.tracer.startSpan('call', { tags: { 'span.kind': 'client' } });
    call.setBaggageItem('who', 'me');
    const headers: Record<string, string> = {};
    client.tracer.inject(call.context(), opentracing.FORMAT_HTTP_HEADERS, headers);
    const handled = server.tracer.startSpan('handle', {
      childOf: server.tracer.extract(opentracing.FORMAT_HTTP_HEADERS, headers),
      tags: { 'span.kind': 'server' },
    });
    handled.finish();
    call.finish();
    await Promise.all([client.close(), server.close()]);
    const trace = await traceWith(spoor.addresses.queryHttp, call.context().traceIdStr.padStart(32, '0'), 2);
    const [handle, origin] = ['handle', 'call'].map((name) =>
      trace.spans.find(({ operationName }) => operationName === name),
    );
    expect(parentOf(trace, handle!)).toBe(origin);
    expect([serviceOf(trace, handle!), serviceOf(trace, origin!)]).toEqual(['callee', 'caller']);
  });
});

test('the agent counts what came and what went on, and nothing was lost', async () => {
  const metrics = await agent.metrics();
  expect(metrics.sum('spoor_agent_packets_dropped_total')).toBe(0);
  expect(metrics.sum('spoor_agent_packets_missing_total')).toBe(0);
  const forwarded = metrics.sum('spoor_agent_forwarded_spans_total');
  expect(forwarded).toBeGreaterThanOrEqual(5);
  // Dashboards that were made for Jaeger's agent show the same.
  const labels = { format: 'jaeger', protocol: 'grpc' };
  expect(metrics.sum('jaeger_agent_reporter_spans_submitted_total', labels)).toBe(forwarded);
  const processed = metrics.sum('jaeger_agent_thrift_udp_server_packets_processed_total', { protocol: 'binary' });
  expect(processed).toBe(metrics.sum('spoor_agent_packets_received_total', { listener: 'jaeger-binary' }));
  expect(processed).toBeGreaterThan(0);
  expect(metrics.sum('jaeger_agent_connection_status_collector_connected')).toBe(1);
  expect(metrics.sum('jaeger_agent_thrift_udp_server_queue_size')).toBe(0);
});
