import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AllInOne, startAllInOne } from '../harness/all-in-one.ts';
import { type Envoy, envoyFrom } from '../harness/envoy.ts';
import { freePorts } from '../harness/free-ports.ts';
import { foundOrSkipped } from '../harness/outside.ts';
import { parentOf, searchTraces, serviceOf, tagOf, type UiTrace } from '../harness/query-api.ts';
import { repositoryRoot, spawnSpoor } from '../harness/spoor-process.ts';
import { waitFor } from '../harness/wait-for.ts';

const outside = await envoyFrom(join(import.meta.dirname, 'envoy/requirements.txt'));
const example = join(repositoryRoot, 'deploy/envoy');

test('there is an Envoy to test', (context) => {
  foundOrSkipped<Envoy>(outside, (note) => context.skip(note));
});

const portOf = (address: string) => Number(address.split(':')[1]);

describe.skipIf('missing' in outside)('the example of deploy/envoy', () => {
  const envoy = ('found' in outside ? outside.found : undefined)!;
  let spoor: AllInOne;
  beforeAll(async () => {
    spoor = await startAllInOne();
  });
  afterAll(() => spoor?.[Symbol.asyncDispose]());

  test.each([
    { tracer: 'zipkin', spoorAt: 'spoor:9411', port: () => portOf(spoor.addresses.zipkin) },
    { tracer: 'opentelemetry', spoorAt: 'spoor:4317', port: () => portOf(spoor.addresses.otlpGrpc) },
  ])('one request through three proxies is one trace, with the tracer $tracer', async ({ tracer, spoorAt, port }) => {
    const [front = 0, in1 = 0, out1 = 0, in2 = 0, out2 = 0, app1 = 0, app2 = 0] = await freePorts(7);
    const shared = { [spoorAt]: port(), 'service2:8000': in2 };
    const service = (serviceName: string, ingress: number, egress: number, app: number) => ({
      configFile: join(example, `service-${tracer}.yaml`),
      addresses: { ...shared, '0.0.0.0:8000': ingress, '127.0.0.1:9000': egress, '127.0.0.1:8080': app },
      serviceName,
    });
    const application = (name: string, listen: number, egress: number) =>
      spawnSpoor({
        main: 'deploy/envoy/service.ts',
        env: { SERVICE_NAME: name, PORT: String(listen), EGRESS: `http://127.0.0.1:${egress}` },
      });
    await using _front = envoy.start({
      configFile: join(example, `front-proxy-${tracer}.yaml`),
      addresses: { ...shared, '0.0.0.0:8000': front, 'service1:8000': in1 },
      serviceName: 'front-proxy',
    });
    await using _beside1 = envoy.start(service('service1', in1, out1, app1));
    await using _beside2 = envoy.start(service('service2', in2, out2, app2));
    const applications = [application('service1', app1, out1), application('service2', app2, out2)];
    try {
      const answer = await waitFor(
        async () => {
          const response = await fetch(`http://127.0.0.1:${front}/trace/1`);
          const text = await response.text();
          return response.status === 200 && text;
        },
        { describe: 'an answer through the proxies' },
      );
      expect(answer).toBe('Hello from behind Envoy: service1\nHello from behind Envoy: service2\n');

      const whole = async (): Promise<UiTrace | undefined> =>
        (await searchTraces(spoor.addresses.queryHttp, { service: 'service2', limit: '20' })).find(
          ({ spans }) =>
            spans.length >= 4 &&
            spans.some(({ operationName }) => operationName === 'front-proxy') &&
            // Those before it came while a service was not up.
            spans.every((span) => String(tagOf(span, 'http.status_code')) === '200'),
        );
      const trace = await waitFor(whole, { describe: 'the trace of the request' });
      const seen = trace.spans.map((span) => {
        const parent = parentOf(trace, span);
        const service = serviceOf(trace, span);
        const above = parent && `${serviceOf(trace, parent)} ${parent.operationName}`;
        return [`${service} ${span.operationName}`, tagOf(span, 'span.kind'), above];
      });
      expect(seen.sort()).toEqual([
        ['front-proxy front-proxy', 'client', undefined],
        ['service1 egress', 'client', 'service1 ingress'],
        ['service1 ingress', 'server', 'front-proxy front-proxy'],
        ['service2 ingress', 'server', 'service1 egress'],
      ]);
      for (const span of trace.spans) expect(tagOf(span, 'http.method')).toBe('GET');
    } finally {
      for (const each of applications) each.signal('SIGTERM');
      await Promise.all(applications.map(({ ended }) => ended));
    }
  });
});
