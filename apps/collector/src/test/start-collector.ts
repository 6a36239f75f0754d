import type { SamplingStrategies } from '@spoor/sampling';
import { createTenancy, tenancyConfig } from '@spoor/service';
import type { SpanLogProducer } from '@spoor/span-log';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { type Collector, createCollector } from '../collector.ts';
import { collectorConfig } from '../config.ts';

export const NOW_MS = Date.parse('2026-01-02T00:00:00Z');

export interface RunningCollector {
  readonly collector: Collector;
  readonly registry: Registry;
  /** `host:port`. */
  readonly jaegerGrpc: string;
  /** Where it takes spans. */
  readonly otlpHttp: string;
  /** `http://host:port` of the receiver. */
  readonly thriftHttp: string;
  readonly zipkin: string;
}

export interface CollectorUnderTest {
  readonly maxBytesInFlight?: string;
  readonly jaegerGrpc?: Readonly<Record<string, unknown>>;
  readonly strategies?: SamplingStrategies;
  readonly thriftHttp?: Readonly<Record<string, unknown>>;
  readonly zipkin?: Readonly<Record<string, unknown>>;
  readonly tenancy?: Readonly<Record<string, unknown>>;
}

/** A collector on free ports, whose clock stands at `NOW_MS`; `stopCollectors` stops it. */
export async function startCollector(
  producer: SpanLogProducer,
  { jaegerGrpc, thriftHttp, zipkin, tenancy, strategies, ...others }: CollectorUnderTest = {},
): Promise<RunningCollector> {
  const registry = new Registry();
  const endpoint = '127.0.0.1:0';
  const collector = createCollector(
    collectorConfig.parse({
      ...others,
      otlp: { http: { endpoint }, grpc: { endpoint } },
      jaeger: { grpc: { endpoint, ...jaegerGrpc }, thriftHttp: { endpoint, ...thriftHttp } },
      zipkin: { endpoint, ...zipkin },
    }),
    {
      producer,
      tenancy: createTenancy(tenancyConfig.parse(tenancy)),
      clock: { nowMs: () => NOW_MS },
      logger: pino({ level: 'silent' }),
      metrics: registry,
      ...(strategies === undefined ? {} : { strategies }),
    },
  );
  started.push(collector);
  await collector.start();
  const addresses = collector.addresses();
  return {
    collector,
    registry,
    otlpHttp: `http://${addresses.http}/v1/traces`,
    jaegerGrpc: addresses.jaegerGrpc ?? '',
    thriftHttp: `http://${addresses.thriftHttp}`,
    zipkin: `http://${addresses.zipkin}`,
  };
}

const started: Collector[] = [];

/** For after each test. */
export async function stopCollectors(): Promise<void> {
  for (const collector of started.splice(0)) await collector.stop(AbortSignal.abort());
}

/** What was appended, as it came. */
export function keepingProducer(): SpanLogProducer & { readonly batches: { tenant: string; bytes: Uint8Array }[] } {
  const batches: { tenant: string; bytes: Uint8Array }[] = [];
  return {
    batches,
    partitionCount: () => 1,
    async append(appended) {
      batches.push(...appended);
      return [];
    },
  };
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export async function post(
  url: string,
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
  const answer = await fetch(url, { method: 'POST', body: body as BodyInit, headers });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

/** Mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
