import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentProcess, startAgent } from '../harness/agent.ts';
import { type AllInOne, startAllInOne } from '../harness/all-in-one.ts';
import { foundOrSkipped } from '../harness/outside.ts';
import { type Python, pythonWith } from '../harness/python.ts';
import { parentOf, serviceOf, traceWith, type UiSpan } from '../harness/query-api.ts';
import { expectOpenTelemetryTrace } from './opentelemetry-trace.ts';

const scripts = join(import.meta.dirname, 'python');
const outside = await pythonWith(join(scripts, 'requirements.txt'));

test('there is a Python with the clients to test', (context) => {
  foundOrSkipped<Python>(outside, (note) => context.skip(note));
});

const tagsOf = (span: UiSpan) => Object.fromEntries(span.tags.map(({ key, type, value }) => [key, { type, value }]));
const portOf = (address: string) => address.split(':')[1] ?? '';

describe.skipIf('missing' in outside)('clients for Python', () => {
  const python = ('found' in outside ? outside.found : undefined)!;
  let spoor: AllInOne;
  let agent: AgentProcess;
  beforeAll(async () => {
    spoor = await startAllInOne();
    agent = await startAgent({ collectors: [spoor.addresses.jaegerGrpc] });
  });
  afterAll(async () => {
    await agent?.stop();
    await spoor?.[Symbol.asyncDispose]();
  });

  test.each([
    { name: 'an agent', ports: () => [agent.addresses.jaegerCompact, agent.addresses.http] },
    { name: 'the all-in-one', ports: () => [spoor.addresses.jaegerCompact, spoor.addresses.samplingHttp] },
  ])("Jaeger's client, by UDP in the compact protocol to $name: nested scopes, a call, baggage", async ({ ports }) => {
    const traceId = await python.run(join(scripts, 'jaeger_spans.py'), ports().map(portOf));
    const trace = await traceWith(spoor.addresses.queryHttp, traceId, 3);
    const named = (name: string) => trace.spans.find(({ operationName }) => operationName === name)!;
    expect(trace.spans.map(({ operationName }) => operationName).sort()).toEqual(['format', 'handle', 'say-hello']);
    expect(named('say-hello').references).toEqual([]);
    expect(parentOf(trace, named('format'))).toBe(named('say-hello'));
    expect(parentOf(trace, named('handle'))).toBe(named('format'));
    expect([serviceOf(trace, named('format')), serviceOf(trace, named('handle'))]).toEqual([
      'hello-python',
      'formatter-python',
    ]);
    expect(tagsOf(named('say-hello'))).toMatchObject({
      'hello-to': { type: 'string', value: 'Bryan' },
      'sampler.type': { type: 'string', value: 'const' },
      'sampler.param': { type: 'bool', value: true },
    });
    expect(tagsOf(named('format'))).toEqual({
      'span.kind': { type: 'string', value: 'client' },
      count: { type: 'int64', value: 3 },
      ratio: { type: 'float64', value: 0.5 },
      done: { type: 'bool', value: true },
    });
    expect(tagsOf(named('handle'))).toEqual({ 'span.kind': { type: 'string', value: 'server' } });
    expect(named('handle').logs).toMatchObject([
      {
        fields: [
          { key: 'event', value: 'string-format' },
          { key: 'value', value: 'Bonjour' },
        ],
      },
    ]);
    expect(named('say-hello').logs).toMatchObject([
      {
        fields: [
          { key: 'event', value: 'baggage' },
          { key: 'key', value: 'greeting' },
          { key: 'value', value: 'Bonjour' },
        ],
      },
    ]);
    expect(trace.processes[named('format').processID]?.tags).toContainEqual({
      key: 'version',
      type: 'string',
      value: '1.2',
    });
  });

  test('Flask-OpenTracing: two services, a call between them by inject and extract, baggage', async () => {
    const ports = [spoor.addresses.jaegerCompact, spoor.addresses.samplingHttp].map(portOf);
    const traceId = await python.run(join(scripts, 'flask_services.py'), ports);
    const trace = await traceWith(spoor.addresses.queryHttp, traceId, 4);
    const named = (name: string) => trace.spans.find(({ operationName }) => operationName === name)!;
    const parents = trace.spans.map((span) => [span.operationName, parentOf(trace, span)?.operationName]);
    expect(Object.fromEntries(parents)).toEqual({
      say_hello: undefined,
      'call-formatter': 'say_hello',
      format_greeting: 'call-formatter',
      compose: 'format_greeting',
    });
    const services = trace.spans.map((span) => [span.operationName, serviceOf(trace, span)]);
    expect(Object.fromEntries(services)).toEqual({
      say_hello: 'hello-flask',
      'call-formatter': 'hello-flask',
      format_greeting: 'formatter-flask',
      compose: 'formatter-flask',
    });
    expect(tagsOf(named('say_hello'))).toMatchObject({
      'span.kind': { type: 'string', value: 'server' },
      component: { type: 'string', value: 'Flask' },
      'http.method': { type: 'string', value: 'GET' },
      url: { type: 'string', value: expect.stringMatching(/\/hello\/Bryan$/) },
      'sampler.type': { type: 'string', value: 'const' },
    });
    expect(tagsOf(named('call-formatter'))).toEqual({
      'span.kind': { type: 'string', value: 'client' },
      'http.method': { type: 'string', value: 'GET' },
      'http.url': { type: 'string', value: expect.stringMatching(/\/format$/) },
      'http.status_code': { type: 'int64', value: 200 },
    });
    expect(tagsOf(named('format_greeting'))).toMatchObject({
      'span.kind': { type: 'string', value: 'server' },
      method: { type: 'string', value: 'GET' },
      url: { type: 'string', value: expect.stringMatching(/\/format\?hello-to=Bryan$/) },
    });
    expect(named('say_hello').logs).toMatchObject([
      {
        fields: [
          { key: 'event', value: 'baggage' },
          { key: 'key', value: 'greeting' },
          { key: 'value', value: 'Bonjour' },
        ],
      },
    ]);
    expect(named('compose').logs).toMatchObject([
      {
        fields: [
          { key: 'event', value: 'string-format' },
          { key: 'value', value: 'Bonjour' },
        ],
      },
    ]);
    const [caller, callee] = [named('say_hello'), named('compose')].map(({ processID }) => trace.processes[processID]);
    for (const process of [caller, callee])
      expect(process?.tags).toContainEqual({
        // What the client calls jaeger.version is renamed on the way, as the peer does.
        key: 'opencensus.exporterversion',
        type: 'string',
        value: expect.stringMatching(/^Jaeger-Python-4/),
      });
  });

  test.each([
    { transport: 'grpc', address: () => spoor.addresses.otlpGrpc },
    { transport: 'http', address: () => spoor.addresses.otlpHttp },
  ])('OpenTelemetry by OTLP over $transport', async ({ transport, address }) => {
    const traceId = await python.run(join(scripts, 'opentelemetry_spans.py'), [transport, address()]);
    await expectOpenTelemetryTrace(spoor.addresses.queryHttp, { language: 'python', version: '1.2', traceId });
  });

  test.each([
    { encoding: 'V1_THRIFT', path: '/api/v1/spans' },
    { encoding: 'V1_JSON', path: '/api/v1/spans' },
    { encoding: 'V2_JSON', path: '/api/v2/spans' },
    { encoding: 'V2_PROTO3', path: '/api/v2/spans' },
  ])('py_zipkin in $encoding', async ({ encoding, path }) => {
    const url = `http://${spoor.addresses.zipkin}${path}`;
    const traceId = await python.run(join(scripts, 'zipkin_spans.py'), [url, encoding]);
    const trace = await traceWith(spoor.addresses.queryHttp, traceId.padStart(32, '0'), 2);
    const named = (name: string) => trace.spans.find(({ operationName }) => operationName === name)!;
    expect(trace.spans.map(({ operationName }) => operationName).sort()).toEqual(['get-order', 'query']);
    expect(parentOf(trace, named('query'))).toBe(named('get-order'));
    expect(serviceOf(trace, named('query'))).toBe('shop-python');
    expect(tagsOf(named('get-order'))).toMatchObject({
      'span.kind': { value: 'server' },
      'http.path': { type: 'string', value: '/order' },
    });
    expect(tagsOf(named('query'))).toMatchObject({
      'span.kind': { value: 'client' },
      'peer.service': { type: 'string', value: 'store' },
      rows: { type: 'string', value: '3' },
    });
    expect(named('query').logs).toMatchObject([{ fields: [{ key: 'event', value: 'rows read' }] }]);
  });
});
