import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AllInOne, startAllInOne } from '../harness/all-in-one.ts';
import { type GoProgram, goProgram } from '../harness/go.ts';
import { foundOrSkipped } from '../harness/outside.ts';
import { parentOf, serviceOf, traceWith, type UiSpan } from '../harness/query-api.ts';
import { waitFor } from '../harness/wait-for.ts';
import { expectOpenTelemetryTrace } from './opentelemetry-trace.ts';

const outside = await goProgram(join(import.meta.dirname, 'go'));

test('there is a Go with the clients to test', (context) => {
  foundOrSkipped<GoProgram>(outside, (note) => context.skip(note));
});

const tagsOf = (span: UiSpan) => Object.fromEntries(span.tags.map(({ key, type, value }) => [key, { type, value }]));

describe.skipIf('missing' in outside)('clients for Go', () => {
  const program = ('found' in outside ? outside.found : undefined)!;
  let spoor: AllInOne;
  beforeAll(async () => {
    spoor = await startAllInOne();
  });
  afterAll(() => spoor?.[Symbol.asyncDispose]());

  test.each([
    { client: 'jaeger-udp', address: () => spoor.addresses.jaegerCompact },
    { client: 'jaeger-http', address: () => spoor.addresses.thriftHttp },
  ])("Jaeger's client: $client", async ({ client, address }) => {
    const traceId = await program.run([client, address()]);
    const trace = await traceWith(spoor.addresses.queryHttp, traceId, 3);
    const named = (name: string) => trace.spans.find(({ operationName }) => operationName === name)!;
    expect(trace.spans.map(({ operationName }) => operationName).sort()).toEqual(['format', 'handle', 'say-hello']);
    expect(named('say-hello').references).toEqual([]);
    expect(parentOf(trace, named('format'))).toBe(named('say-hello'));
    expect(parentOf(trace, named('handle'))).toBe(named('format'));
    expect([serviceOf(trace, named('format')), serviceOf(trace, named('handle'))]).toEqual([
      'hello-go',
      'formatter-go',
    ]);
    expect(tagsOf(named('say-hello'))).toMatchObject({
      'hello-to': { type: 'string', value: 'Bryan' },
      'sampler.type': { type: 'string', value: 'const' },
    });
    expect(tagsOf(named('format'))).toEqual({
      'span.kind': { type: 'string', value: 'client' },
      count: { type: 'int64', value: 3 },
      ratio: { type: 'float64', value: 0.5 },
      done: { type: 'bool', value: true },
    });
    expect(tagsOf(named('handle'))).toMatchObject({
      'span.kind': { type: 'string', value: 'server' },
      error: { type: 'bool', value: true },
    });
    expect(named('handle').logs).toMatchObject([
      {
        fields: [
          { key: 'event', type: 'string', value: 'string-format' },
          { key: 'value', type: 'string', value: 'Bonjour' },
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
    expect(trace.processes[named('format').processID]?.tags).toContainEqual({
      key: 'version',
      type: 'string',
      value: '1.2',
    });
  });

  test('what clients tell of themselves is counted', async () => {
    await program.run(['jaeger-udp', spoor.addresses.jaegerCompact]);
    await waitFor(
      async () => {
        const metrics = await spoor.metrics();
        const [received, sent] = ['received', 'sent'].map((what) =>
          metrics.sum(`jaeger_agent_client_stats_batches_${what}_total`),
        );
        // Each run of the program is two clients.
        return metrics.sum('jaeger_agent_client_stats_connected_clients') >= 2 && received! >= 2 && received === sent;
      },
      { describe: 'the numbers of the clients' },
    );
  });

  test.each([
    {
      client: 'opencensus-jaeger',
      address: () => spoor.addresses.jaegerCompact,
      // The exporter puts the direction before the name, and nowhere else.
      names: ['Recv.say-hello', 'Sent.format'],
      kinds: [undefined, undefined],
      tags: { count: { type: 'int64', value: 3 }, done: { type: 'bool', value: true } },
      processTags: [{ key: 'version', type: 'string', value: '1.2' }],
    },
    {
      client: 'opencensus-zipkin',
      address: () => spoor.addresses.zipkin,
      names: ['say-hello', 'format'],
      kinds: ['server', 'client'].map((value) => ({ type: 'string', value })),
      // Zipkin's tags are texts, and it has none of the process.
      tags: { count: { type: 'string', value: '3' }, done: { type: 'string', value: 'true' } },
      processTags: [],
    },
  ])('OpenCensus: $client', async ({ client, address, names, kinds, tags, processTags }) => {
    const traceId = await program.run([client, address()]);
    const trace = await traceWith(spoor.addresses.queryHttp, traceId, 2);
    const [root, child] = names.map((name) => trace.spans.find(({ operationName }) => operationName === name)!);
    expect(parentOf(trace, child!)).toBe(root);
    expect(serviceOf(trace, child!)).toBe('hello-opencensus');
    expect(tagsOf(root!)).toMatchObject({
      'hello-to': { type: 'string', value: 'Bryan' },
      ...tags,
    });
    expect([root, child].map((span) => tagsOf(span!)['span.kind'])).toEqual(kinds);
    expect(child!.logs).toHaveLength(1);
    expect(child!.logs[0]?.fields).toContainEqual(
      expect.objectContaining({ type: 'string', value: expect.stringContaining('rows read') }),
    );
    expect(trace.processes[child!.processID]?.tags).toEqual(expect.arrayContaining(processTags));
  });

  test.each([
    { client: 'opentelemetry-grpc', address: () => spoor.addresses.otlpGrpc },
    { client: 'opentelemetry-http', address: () => spoor.addresses.otlpHttp },
  ])('OpenTelemetry: $client', async ({ client, address }) => {
    const traceId = await program.run([client, address()]);
    await expectOpenTelemetryTrace(spoor.addresses.queryHttp, { language: 'go', version: '1.2', traceId });
  });
});
