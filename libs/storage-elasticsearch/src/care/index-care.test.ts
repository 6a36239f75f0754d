import { SpoorError } from '@spoor/model';
import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { BulkServer } from '../../../../test/fixtures/bulk-server.ts';
import { createLayout } from '../layouts/layouts.ts';
import { spoorLayout } from '../layouts/spoor/spoor-layout.ts';
import { elasticsearchConfig } from '../settings.ts';
import { createWriteSide } from '../write-side.ts';

function open(server: BulkServer, readOnly = false) {
  const config = elasticsearchConfig({ retention: { maxAge: '1d' } });
  return createWriteSide(config, spoorLayout, [], {
    server,
    logger: pino({ level: 'silent' }),
    metrics: new Registry(),
    clock: { nowMs: Date.now },
    readOnly,
  }).care;
}

test('a process that only reads changes nothing', async () => {
  const server = new BulkServer();
  const care = open(server, true);
  await care.turn();
  expect(care.reason).toBeUndefined();
  expect(server.requests).toEqual(['GET /']);
});

test('readiness tells why nothing can be written, and when it can again', async () => {
  const server = new BulkServer();
  const care = open(server);
  expect(care.reason).toBe('the index templates were not looked at yet');
  await care.turn();
  expect(care.reason).toBeUndefined();
  const answer = server.request.bind(server);
  server.request = async () => {
    throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', 'nobody answers');
  };
  await care.turn();
  expect(care.reason).toBe('nobody answers');
  await expect(care.ready()).rejects.toMatchObject({ code: 'SPOOR_STORAGE_UNAVAILABLE' });
  server.request = answer;
  await care.ready();
  expect(care.reason).toBeUndefined();
});

/** The write side of an installation with ILM, on servers that answer as `policyStatus` says when asked for the policy. */
function openWithPolicy(policyStatus: () => number, settings: Parameters<typeof elasticsearchConfig>[0] = {}) {
  const server = new BulkServer();
  const put = new Map<string, unknown>();
  const answer = server.request.bind(server);
  server.request = async (request) => {
    if (request.path === '/_ilm/policy/jaeger-ilm-policy')
      return { status: policyStatus(), body: '{"error":"no"}', retryAfterMs: undefined };
    if (request.method === 'PUT') put.set(request.path, JSON.parse(String(request.body)));
    return answer(request);
  };
  const config = elasticsearchConfig({ layout: 'jaeger', rotation: { type: 'true', policy: 'true' }, ...settings });
  const warnings: string[] = [];
  const { care } = createWriteSide(config, createLayout('jaeger', config), [], {
    server,
    logger: pino({ level: 'warn' }, { write: (line: string) => warnings.push(line) }),
    metrics: new Registry(),
    clock: { nowMs: Date.now },
  });
  return { care, put, warnings, requests: server.requests };
}

test("indices of a Jaeger's installation with ILM stay with its policy", async () => {
  const { care, put, requests } = openWithPolicy(() => 200);
  await care.turn();
  expect(care.reason).toBeUndefined();
  for (const base of ['jaeger-span', 'jaeger-service'])
    expect(put.get(`/_index_template/${base}`)).toMatchObject({
      template: {
        settings: {
          index: { 'lifecycle.name': 'jaeger-ilm-policy', 'lifecycle.rollover_alias': `${base}-write` },
        },
        aliases: { [`${base}-read`]: {} },
      },
    });
  expect(requests.filter((request) => request.includes('_rollover'))).toEqual([]);
});

test('each template has its own priority, or that of all', async () => {
  const settings = { serviceTemplatePriority: 0, templatePriority: 7 };
  const { care, put } = openWithPolicy(() => 200, settings);
  await care.turn();
  const priorities = [...put].flatMap(([path, body]) =>
    path.startsWith('/_index_template/') ? [[path.slice(17), (body as { priority: number }).priority]] : [],
  );
  expect(Object.fromEntries(priorities)).toEqual({ 'jaeger-span': 7, 'jaeger-service': 0, 'spoor-metrics': 7 });
});

test('without the policy nothing is made, and readiness says what is missing', async () => {
  let status = 404;
  const { care, put } = openWithPolicy(() => status);
  await care.turn();
  expect(care.reason).toContain('the servers have no ILM policy jaeger-ilm-policy');
  await expect(care.ready()).rejects.toMatchObject({ code: 'SPOOR_STORAGE_UNAVAILABLE' });
  expect([...put.keys()]).toEqual([]);
  status = 200;
  await care.ready();
  expect(care.reason).toBeUndefined();
  expect([...put.keys()]).toContain('/jaeger-span-000001');
});

test('a login that may not look for the policy is told once, and goes on', async () => {
  const { care, warnings } = openWithPolicy(() => 403);
  await care.turn();
  await care.turn();
  expect(care.reason).toBeUndefined();
  expect(warnings.filter((line) => line.includes('jaeger-ilm-policy'))).toHaveLength(1);
});

test('retention by size counts indices of every kind, and takes the oldest of any', async () => {
  const server = new BulkServer();
  const answer = server.request.bind(server);
  const asked: string[] = [];
  const deleted: string[] = [];
  const days = ['service-2026-01-01', 'span-2026-01-01', 'metrics-2026-01-02', 'dependencies-2026-01-03'];
  const names = [...days, 'span-2026-01-04', 'sampling-2026-01-05', 'span-archive'].map((name) => `spoor-${name}`);
  const rows = names.map((index) => ({ index, health: 'green', 'docs.count': '1', 'store.size': '100' }));
  const settings = { 'index.creation_date': '1', 'index.number_of_shards': '1', 'index.number_of_replicas': '0' };
  const described = Object.fromEntries(names.map((name) => [name, { settings, aliases: {} }]));
  const json = (body: object) => ({ status: 200, body: JSON.stringify(body), retryAfterMs: undefined });
  server.request = async (request) => {
    const path = decodeURIComponent(request.path);
    if (path.startsWith('/_cat/indices')) return json(rows);
    if (request.method === 'DELETE') deleted.push(path.slice(1));
    if (request.method !== 'GET' || !path.endsWith('*')) return answer(request);
    asked.push(path);
    return json(described);
  };
  const config = elasticsearchConfig({ retention: { maxBytes: 250 } });
  const { care } = createWriteSide(config, spoorLayout, [], {
    server,
    logger: pino({ level: 'silent' }),
    metrics: new Registry(),
    clock: { nowMs: () => Date.UTC(2026, 0, 20) },
  });
  await care.turn();
  for (const kind of ['span', 'service', 'dependencies', 'sampling', 'metrics'])
    expect(asked[0]).toContain(`spoor-${kind}-*`);
  // Of six hundred bytes two hundred may stay; the archive is not counted.
  expect(deleted).toEqual(days.map((name) => `spoor-${name}`));
});

test('a login that lacks a right is trouble that may pass, not an end', async () => {
  const server = new BulkServer();
  const care = open(server);
  const answer = server.request.bind(server);
  server.request = async (request) =>
    request.method === 'PUT'
      ? { status: 403, body: '{"error":{"reason":"not yours"}}', retryAfterMs: undefined }
      : answer(request);
  await expect(care.ready()).rejects.toMatchObject({ code: 'SPOOR_STORAGE_UNAVAILABLE', message: /not yours/ });
});
