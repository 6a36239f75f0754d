import { counterOf, createMetricsRegistry, gaugeOf, reportValue } from '@spoor/metrics';
import { systemClock } from '@spoor/model';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { type Admin, createAdmin } from './admin.ts';
import { createReadiness } from './readiness.ts';
import { Secret } from './secret.ts';

const NEVER = new AbortController().signal;
const opened: Admin[] = [];

afterEach(async () => {
  for (const admin of opened.splice(0)) await admin.stop(NEVER);
});

async function open(endpoint = { host: '127.0.0.1', port: 0 }) {
  const readiness = createReadiness();
  const metrics = createMetricsRegistry();
  const admin = createAdmin(
    { endpoint },
    {
      logger: pino({ level: 'silent' }),
      metrics,
      clock: systemClock,
      readiness,
      version: '1.2.3',
      config: { password: new Secret('hush'), port: 1 },
    },
  );
  opened.push(admin);
  await admin.start();
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${admin.address()?.port}${path}`);
    return { status: response.status, text: await response.text() };
  };
  return { admin, readiness, metrics, get };
}

test('the root says that the process is available, or why it is not', async () => {
  const { readiness, get } = await open();
  expect(JSON.parse((await get('/')).text)).toMatchObject({
    status: 'Server available',
    upSince: expect.stringMatching(/Z$/),
    uptime: expect.stringMatching(/s$/),
  });
  let ready = false;
  readiness.add('storage', () => (ready ? { ready } : { ready, reason: 'the disk is full' }));
  const answer = await get('/');
  expect(answer.status).toBe(503);
  expect(JSON.parse(answer.text).reasons).toEqual(['storage: the disk is full']);
  ready = true;
  expect((await get('/')).status).toBe(200);
  readiness.hold('stopping');
  expect(JSON.parse((await get('/')).text).reasons).toEqual(['stopping']);
  expect((await get('/live')).status).toBe(200);
});

test('metrics, configuration and version are served, secrets masked', async () => {
  const { metrics, get } = await open();
  counterOf(metrics, 'spoor_spans_discarded_total').inc({ reason: 'malformed', stage: 'receive' }, 2);
  counterOf(metrics, 'spoor_spans_discarded_total').inc({ reason: 'malformed', stage: 'receive' });
  reportValue(metrics, 'spoor_span_log_bytes', () => 7);
  const { text } = await get('/metrics');
  expect(text).toContain('spoor_spans_discarded_total{reason="malformed",stage="receive"} 3');
  expect(text).toContain('spoor_span_log_bytes 7');
  expect(text).toContain('process_cpu_seconds_total');
  expect(JSON.parse((await get('/config')).text)).toEqual({ password: '***', port: 1 });
  expect(JSON.parse((await get('/version')).text)).toMatchObject({ version: '1.2.3' });
});

test('a metric is what the table says', () => {
  expect(() => gaugeOf(createMetricsRegistry(), 'spoor_spans_stored_total')).toThrow('is a counter, not a gauge');
});

test('an address in use is told with the setting that changes it', async () => {
  const { admin } = await open();
  const port = admin.address()?.port ?? 0;
  await expect(open({ host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'SPOOR_ADDRESS_IN_USE',
    message: `another process listens on 127.0.0.1:${port}; stop it, or set --admin.endpoint to another address`,
  });
});
