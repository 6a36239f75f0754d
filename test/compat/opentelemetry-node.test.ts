import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AllInOne, startAllInOne } from '../harness/all-in-one.ts';
import { SDK_TRANSPORTS, sdkApplication } from '../harness/otel-sdk.ts';
import { expectOpenTelemetryTrace } from './opentelemetry-trace.ts';

let spoor: AllInOne;
beforeAll(async () => {
  spoor = await startAllInOne();
});
afterAll(() => spoor?.[Symbol.asyncDispose]());

const propagator = new CompositePropagator({
  propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
});
const setter = { set: (carrier: Record<string, string>, key: string, value: string) => void (carrier[key] = value) };
const getter = {
  get: (carrier: Record<string, string>, key: string) => carrier[key],
  keys: (carrier: Record<string, string>) => Object.keys(carrier),
};

test.each(SDK_TRANSPORTS)('OpenTelemetry for Node by %s', async (transport) => {
  await using hello = sdkApplication(transport, spoor.addresses, 'hello-opentelemetry-node');
  await using formatter = sdkApplication(transport, spoor.addresses, 'formatter-opentelemetry-node');
  const helloTracer = hello.provider.getTracer('hello', '0.1');

  const root = helloTracer.startSpan('say-hello', { attributes: { 'hello-to': 'Bryan' } });
  const baggage = propagation.createBaggage({ greeting: { value: 'Bonjour' } });
  const within = propagation.setBaggage(trace.setSpan(context.active(), root), baggage);
  const child = helloTracer.startSpan(
    'format',
    {
      kind: SpanKind.CLIENT,
      attributes: { count: 3, ratio: 0.5, done: true, list: ['a', 'b'] },
      links: [{ context: root.spanContext(), attributes: { linked: true } }],
    },
    within,
  );
  const headers: Record<string, string> = {};
  propagator.inject(trace.setSpan(within, child), headers, setter);

  const remote = propagator.extract(ROOT_CONTEXT, headers, getter);
  const handled = formatter.provider.getTracer('formatter').startSpan('handle', { kind: SpanKind.SERVER }, remote);
  handled.addEvent('string-format', { value: propagation.getBaggage(remote)?.getEntry('greeting')?.value ?? '' });
  handled.setStatus({ code: SpanStatusCode.ERROR, message: 'it broke' });
  handled.recordException(new Error('it broke'));
  for (const span of [handled, child, root]) span.end();
  await Promise.all([hello.flush(), formatter.flush()]);

  const { traceId } = root.spanContext();
  expect(headers['traceparent']).toContain(traceId);
  await expectOpenTelemetryTrace(spoor.addresses.queryHttp, { language: 'node', version: '1.2.3', traceId });
});
