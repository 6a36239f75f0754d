import jaegerClient from 'jaeger-client';
import { expect, test } from 'vitest';
import { startAgent } from '../harness/agent.ts';
import { startAllInOne } from '../harness/all-in-one.ts';

/** Sends a span of a service by UDP, as an application does. */
async function send(serviceName: string, address: string): Promise<void> {
  const [agentHost = '', agentPort] = address.split(':');
  const tracer = jaegerClient.initTracer(
    {
      serviceName,
      sampler: { type: 'const', param: 1 },
      reporter: { agentHost, agentPort: Number(agentPort), flushIntervalMs: 20 },
    },
    { logger: { info: () => {}, error: () => {} } },
  );
  tracer.startSpan('work').finish();
  await new Promise<void>((resolve) => tracer.close(resolve));
}

test('spans that come by UDP belong to the tenant that the settings name, and else are refused', async () => {
  await using spoor = await startAllInOne({ env: { SPOOR_TENANCY_ENABLED: 'true', SPOOR_AGENT_TENANT: 'own' } });
  const collectors = [spoor.addresses.jaegerGrpc];
  await using acme = await startAgent({ collectors, env: { SPOOR_AGENT_TENANT: 'acme' } });
  await using nobody = await startAgent({ collectors });
  const servicesOf = async (tenant: string): Promise<unknown> => {
    const answer = await fetch(`http://${spoor.addresses.queryHttp}/api/services`, { headers: { 'x-tenant': tenant } });
    return ((await answer.json()) as { data: unknown }).data;
  };
  await send('by-agent', acme.addresses.jaegerBinary);
  await send('by-all-in-one', spoor.addresses.jaegerBinary);
  await send('by-nobody', nobody.addresses.jaegerBinary);
  await expect.poll(() => servicesOf('acme'), { timeout: 20_000 }).toEqual(['by-agent']);
  await expect.poll(() => servicesOf('own'), { timeout: 20_000 }).toEqual(['by-all-in-one']);
  const refused = async () => (await nobody.metrics()).sum('spoor_agent_dropped_spans_total');
  await expect.poll(refused, { timeout: 20_000 }).toBe(1);
});
