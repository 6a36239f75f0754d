import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createSelfTracing, NO_SELF_TRACING, OWN_TELEMETRY, tracedProducer, tracingConfig } from './index.ts';

const deps = { logger: pino({ level: 'silent' }), serviceName: 'spoor-test', version: '1' };
const NOWHERE = 'http://127.0.0.1:1/v1/traces';

/** Tracing whose chance is always `drawn`. What it would send goes nowhere. */
async function started(given: object, drawn = 0.5) {
  const config = tracingConfig.parse({ enabled: true, endpoint: NOWHERE, ...given });
  const tracing = createSelfTracing(config, { ...deps, random: () => drawn });
  await tracing.start();
  return Object.assign(tracing, { [Symbol.asyncDispose]: () => tracing.stop(AbortSignal.abort()) });
}

test.each([{}, { enabled: true, sampler: 'always_off' }, { enabled: true, sampler: 'parentbased_always_off' }])(
  'with %j nothing is traced',
  (given) => {
    expect(createSelfTracing(tracingConfig.parse(given), deps)).toBe(NO_SELF_TRACING);
  },
);

test('each kind of work has its own ratio', async () => {
  await using tracing = await started({ queryRatio: 0.6, requestRatio: 0.4, deliveryRatio: 0 });
  const begun = (['query', 'request', 'delivery'] as const).map(
    (kind) => tracing.begin({ name: 'x', kind }) !== undefined,
  );
  expect(begun).toEqual([true, false, false]);
});

test('what comes with a trace is traced when that is', async () => {
  await using tracing = await started({ queryRatio: 0.5 }, 0.9);
  const under = (flags: string, traceId = 'a'.repeat(32)) =>
    tracing.begin({ name: 'x', kind: 'query', parent: `00-${traceId}-${'b'.repeat(16)}-${flags}` }) !== undefined;
  expect([under('01'), under('00'), under('01', '0'.repeat(32))]).toEqual([true, false, false]);
});

test('steps belong to the work that they run within, and outside of any there are none', async () => {
  await using tracing = await started({});
  expect(tracing.beginStep('alone')).toBeUndefined();
  const work = tracing.begin({ name: 'x', kind: 'query' });
  expect(await work?.within(async () => tracing.beginStep('within'))).toBeDefined();
});

test('an export carries the headers, and the configuration does not show them', async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
  const config = tracingConfig.parse({ enabled: true, endpoint, headers: { authorization: 'Bearer hush' } });
  expect(JSON.stringify(config)).not.toContain('hush');
  const tracing = createSelfTracing(config, deps);
  await tracing.start();
  tracing.begin({ name: 'x', kind: 'query' })?.end();
  await tracing.stop(new AbortController().signal);
  server.closeAllConnections();
  server.close();
  expect(seen).toEqual(['Bearer hush']);
});

test('before the start and after the end nothing is traced', async () => {
  const tracing = createSelfTracing(tracingConfig.parse({ enabled: true, endpoint: NOWHERE }), deps);
  expect(tracing.begin({ name: 'x', kind: 'query' })).toBeUndefined();
  await tracing.start();
  expect(tracing.begin({ name: 'x', kind: 'query' })).toBeDefined();
  await tracing.stop(AbortSignal.abort());
  expect(tracing.begin({ name: 'x', kind: 'query' })).toBeUndefined();
});

test('spans of its own are appended without a trace, in whichever encoding', async () => {
  await using tracing = await started({ requestRatio: 1 });
  const traced: boolean[] = [];
  const producer = tracedProducer(
    {
      partitionCount: () => 1,
      async append() {
        traced.push(tracing.beginStep('probe') !== undefined);
        return [];
      },
    },
    tracing,
  );
  const append = (...texts: string[]) =>
    producer.append(
      texts.map((text) => ({
        tenant: '' as never,
        encoding: 'otlp_proto' as const,
        partition: 0,
        spanCount: 1,
        bytes: Buffer.from(text),
      })),
      { signal: AbortSignal.abort() },
    );
  await append('foreign');
  await append(`{"key":"${OWN_TELEMETRY}"}`);
  await append('foreign', `\n\x12${OWN_TELEMETRY}\x12`);
  expect(traced).toEqual([true, false, false]);
});
