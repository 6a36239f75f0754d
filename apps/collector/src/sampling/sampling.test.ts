import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { JaegerRemoteSampler } from '@opentelemetry/sampler-jaeger-remote';
import { systemClock } from '@spoor/model';
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { keepingProducer, NOW_MS, post, startCollector, stopCollectors } from '../test/start-collector.ts';
import { createSampling, type Sampling, samplingConfig } from './index.ts';

const FILE = JSON.stringify({
  default_strategy: { type: 'probabilistic', param: 0.5 },
  service_strategies: [
    {
      service: 'shop',
      type: 'probabilistic',
      param: 0,
      operation_strategies: [{ operation: 'GET /cart', type: 'probabilistic', param: 1 }],
    },
    { service: 'limited', type: 'ratelimiting', param: 7 },
  ],
});
const HALF = '{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.5}}';
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await stopCollectors();
});

async function start(json = FILE): Promise<Sampling & { readonly path: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'spoor-sampling-'));
  cleanups.push(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'strategies.json');
  writeFileSync(path, json);
  const config = samplingConfig({ defaultSamplingProbability: 0.001, reloadInterval: '0', isServed: true }).parse({
    file: { path, reloadInterval: '10ms' },
    http: { endpoint: '127.0.0.1:0' },
    grpc: { endpoint: '127.0.0.1:0' },
  });
  const sampling = createSampling(config, { logger: pino({ level: 'silent' }), clock: systemClock, shared: {} });
  cleanups.push(() => sampling.stop(AbortSignal.abort()));
  await sampling.start();
  return { ...sampling, path };
}

async function get(url: string) {
  const answer = await fetch(url);
  return [answer.status, answer.headers.get('content-type'), await answer.text()];
}

test('an agent address has the present form at /sampling and anywhere, the legacy one at /', async () => {
  const sampling = await start();
  expect(sampling.readiness()).toEqual({ ready: true });
  const url = `http://${sampling.addresses().http}`;
  for (const path of ['/sampling', '/any/path'])
    expect(await get(`${url}${path}?service=other`)).toEqual([200, 'application/json', HALF]);
  expect(await get(`${url}/?service=other`)).toEqual([200, 'application/json', HALF.replace('"PROBABILISTIC"', '0')]);
  expect((await get(`${url}/sampling`))[0]).toBe(400);
  expect((await get(`${url}/baggageRestrictions?service=x`))[0]).toBe(500);
});

test("a collector tells strategies beside Thrift's receiver and over gRPC", async () => {
  const { strategies } = await start();
  const { thriftHttp, jaegerGrpc } = await startCollector(keepingProducer(), { strategies });
  expect(await get(`${thriftHttp}/api/sampling?service=other`)).toEqual([200, 'application/json', HALF]);
  expect((await get(`${thriftHttp}/api/sampling?service=a&service=b`))[0]).toBe(400);
  expect(await get(`${thriftHttp}/api/baggageRestrictions?service=x`)).toEqual([
    500,
    'text/plain; charset=utf-8',
    'collector error: baggage not implemented\n',
  ]);
  expect(await strategyOver(jaegerGrpc, 'limited')).toMatchObject({
    strategyType: 'RATE_LIMITING',
    rateLimitingSampling: { maxTracesPerSecond: 7 },
  });
  const without = await startCollector(keepingProducer());
  expect((await get(`${without.thriftHttp}/api/sampling?service=x`))[0]).toBe(404);
});

test('the address for gRPC alone answers a real client', async () => {
  const address = (await start()).addresses().grpc ?? '';
  expect(await strategyOver(address, 'shop')).toEqual({
    strategyType: 'PROBABILISTIC',
    probabilisticSampling: { samplingRate: 0 },
    rateLimitingSampling: null,
    operationSampling: {
      defaultSamplingProbability: 0,
      defaultLowerBoundTracesPerSecond: 0,
      perOperationStrategies: [{ operation: 'GET /cart', probabilisticSampling: { samplingRate: 1 } }],
      defaultUpperBoundTracesPerSecond: 0,
    },
  });
});

function strategyOver(address: string, serviceName: string): Promise<unknown> {
  const proto = join(import.meta.dirname, '../../../../libs/sampling/proto/jaeger/api_v2/sampling.proto');
  const loaded = loadPackageDefinition(
    loadSync(proto, { keepCase: true, enums: String, defaults: true }),
  ) as unknown as {
    readonly jaeger: { readonly api_v2: { readonly SamplingManager: ServiceClientConstructor } };
  };
  const client = new loaded.jaeger.api_v2.SamplingManager(address, credentials.createInsecure());
  cleanups.push(() => client.close());
  return new Promise((resolve, reject) => {
    client['GetSamplingStrategy']?.({ serviceName }, (error: Error | null, answer: unknown) =>
      error === null ? resolve(answer) : reject(error),
    );
  });
}

test('what OpenTelemetry samples follows the strategy of each operation, and a change of the file', async () => {
  const sampling = await start();
  // The sampler asks at an interval that it never ends.
  const intervals = vi.spyOn(globalThis, 'setInterval');
  const sampler = new JaegerRemoteSampler({
    endpoint: `http://${sampling.addresses().http}`,
    serviceName: 'shop',
    poolingInterval: 20,
    initialSampler: { shouldSample: () => ({ decision: 0 }), toString: () => 'none' },
  });
  const asking = intervals.mock.results[0]?.value;
  cleanups.push(() => clearInterval(asking));
  intervals.mockRestore();
  const isSampled = (operation: string) =>
    sampler.shouldSample(ROOT_CONTEXT, '1'.repeat(32), operation, SpanKind.SERVER, {}, []).decision === 2;
  expect(isSampled('GET /cart')).toBe(false);
  await expect.poll(() => isSampled('GET /cart')).toBe(true);
  expect(isSampled('GET /other')).toBe(false);
  writeFileSync(sampling.path, '{"service_strategies":[{"service":"shop","type":"probabilistic","param":1}]}');
  await expect.poll(() => isSampled('GET /other')).toBe(true);
});

test('adaptive: the spans that a collector takes are what the strategies follow', async () => {
  const config = samplingConfig({ defaultSamplingProbability: 1, reloadInterval: '0', isServed: false }).parse({
    type: 'adaptive',
    adaptive: { calculationInterval: '20ms', calculationDelay: '0', initialSamplingProbability: 0.5 },
  });
  const sampling = createSampling(config, { logger: pino({ level: 'silent' }), clock: systemClock, shared: {} });
  cleanups.push(() => sampling.stop(AbortSignal.abort()));
  await sampling.start();
  const { strategies } = sampling;
  const { jaegerGrpc, otlpHttp } = await startCollector(keepingProducer(), { strategies });
  const span = {
    traceId: '1'.repeat(32),
    spanId: '2'.repeat(16),
    name: 'GET /busy',
    startTimeUnixNano: `${NOW_MS}000000`,
    endTimeUnixNano: `${NOW_MS}000001`,
    attributes: [
      { key: 'sampler.type', value: { stringValue: 'probabilistic' } },
      { key: 'sampler.param', value: { doubleValue: 0.5 } },
    ],
  };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  const spans = Array.from({ length: 100 }, () => span);
  const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
  expect((await post(otlpHttp, body, { 'content-type': 'application/json' })).status).toBe(200);
  // A hundred within 20 ms are far above one a second.
  await expect
    .poll(async () => {
      const { operationSampling } = (await strategyOver(jaegerGrpc, 'shop')) as {
        readonly operationSampling: {
          readonly perOperationStrategies: readonly {
            readonly operation: string;
            readonly probabilisticSampling: { readonly samplingRate: number };
          }[];
        };
      };
      const told = operationSampling.perOperationStrategies.find(({ operation }) => operation === 'GET /busy');
      return told?.probabilisticSampling.samplingRate ?? 0.5;
    })
    .toBeLessThan(0.1);
});
