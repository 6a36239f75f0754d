import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jaegerClient from 'jaeger-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentProcess, startAgent } from '../harness/agent.ts';
import { type AllInOne, startAllInOne } from '../harness/all-in-one.ts';
import { getJson, searchTraces, traceWith } from '../harness/query-api.ts';

const STRATEGIES = {
  default_strategy: { type: 'probabilistic', param: 1 },
  service_strategies: [
    {
      service: 'by-operation',
      type: 'probabilistic',
      param: 0,
      operation_strategies: [{ operation: 'always', type: 'probabilistic', param: 1 }],
    },
    { service: 'limited', type: 'ratelimiting', param: 2 },
  ],
};

const directory = mkdtempSync(join(tmpdir(), 'spoor-strategies-'));
let spoor: AllInOne;
let agent: AgentProcess;
beforeAll(async () => {
  const path = join(directory, 'strategies.json');
  writeFileSync(path, JSON.stringify(STRATEGIES));
  spoor = await startAllInOne({ env: { SPOOR_SAMPLING_FILE_PATH: path } });
  agent = await startAgent({ collectors: [spoor.addresses.jaegerGrpc] });
});
afterAll(async () => {
  await agent?.stop();
  await spoor?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

const portOf = (address: string) => Number(address.split(':')[1]);

/** A client that asks whoever listens there for its strategies, which begins with keeping nothing at all. */
function application(serviceName: string, strategiesAt: string) {
  return jaegerClient.initTracer(
    {
      serviceName,
      sampler: { type: 'remote', param: 0, host: '127.0.0.1', port: portOf(strategiesAt), refreshIntervalMs: 20 },
      reporter: { agentHost: '127.0.0.1', agentPort: portOf(agent.addresses.jaegerBinary), flushIntervalMs: 20 },
      traceId128bit: true,
    },
    { logger: { info: () => {}, error: () => {} } },
  );
}

/** Traces of one span each; returns the ids of those that the client kept. */
function kept(tracer: ReturnType<typeof application>, operation: string, count: number): string[] {
  return Array.from({ length: count }, () => {
    const span = tracer.startSpan(operation);
    span.finish();
    const context = span.context() as ReturnType<typeof span.context> & { isSampled(): boolean };
    return context.isSampled() ? context.traceIdStr.padStart(32, '0') : undefined;
  }).filter((id) => id !== undefined);
}

const ADDRESSES = [
  { name: 'the agent', address: () => agent.addresses.http },
  { name: 'the all-in-one', address: () => spoor.addresses.samplingHttp },
];

describe.each(ADDRESSES)("Jaeger's client for Node asks $name", ({ name, address }) => {
  test('a strategy by operation decides what it sends', async () => {
    const tracer = application('by-operation', address());
    await expect.poll(() => kept(tracer, 'always', 1).length, { timeout: 20_000, interval: 20 }).toBe(1);
    const ids = kept(tracer, 'always', 10);
    expect(ids).toHaveLength(10);
    expect(kept(tracer, 'never', 50)).toEqual([]);
    // Sent after the others: when it is there, so would they be.
    ids.push(...kept(tracer, 'always', 1));
    await new Promise<void>((resolve) => tracer.close(resolve));
    for (const id of ids) await traceWith(spoor.addresses.queryHttp, id, 1);
    const { data } = await getJson<{ data: readonly string[] }>(
      spoor.addresses.queryHttp,
      '/api/services/by-operation/operations',
    );
    expect(data).toEqual(['always']);
  });

  test('a limit of traces a second holds, and what the client keeps is what arrives', async () => {
    const tracer = application('limited', address());
    const operation = `asked ${name}`;
    const ids: string[] = [];
    await expect.poll(() => ids.push(...kept(tracer, operation, 1)), { timeout: 20_000, interval: 20 }).toBe(1);
    // The bucket holds two at the most, and fills while this runs.
    ids.push(...kept(tracer, operation, 500));
    expect(ids.length).toBeLessThan(20);
    await new Promise<void>((resolve) => tracer.close(resolve));
    for (const id of ids) await traceWith(spoor.addresses.queryHttp, id, 1);
    const found = await searchTraces(spoor.addresses.queryHttp, { service: 'limited', operation, limit: '1000' });
    expect(found.map(({ traceID }) => traceID.padStart(32, '0')).sort()).toEqual(ids.sort());
  });

  test('the forms of today and of old, and what is wrong with a question', async () => {
    const base = `http://${address()}`;
    expect(await getJson(address(), '/sampling?service=limited')).toEqual({
      strategyType: 'RATE_LIMITING',
      rateLimitingSampling: { maxTracesPerSecond: 2 },
    });
    expect(await getJson(address(), '/?service=limited')).toMatchObject({ strategyType: 1 });
    expect(await getJson(address(), '/sampling?service=by-operation')).toMatchObject({
      strategyType: 'PROBABILISTIC',
      operationSampling: {
        perOperationStrategies: [{ operation: 'always', probabilisticSampling: { samplingRate: 1 } }],
      },
    });
    expect((await fetch(`${base}/sampling`)).status).toBe(400);
    expect((await fetch(`${base}/baggageRestrictions?service=x`)).status).toBe(500);
  });
});

test('without a collector the agent says so, and the client keeps what it has', async () => {
  await using alone = await startAgent({ collectors: ['127.0.0.1:1'] });
  const answer = await fetch(`http://${alone.addresses.http}/sampling?service=x`);
  expect(answer.status).toBe(500);
  expect(await answer.text()).toMatch(/^collector error: /);
});
