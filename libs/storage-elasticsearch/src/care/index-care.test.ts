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

test("indices of a Jaeger's installation with ILM stay with its policy", async () => {
  const server = new BulkServer();
  const put = new Map<string, unknown>();
  const answer = server.request.bind(server);
  server.request = async (request) => {
    if (request.method === 'PUT') put.set(request.path, JSON.parse(String(request.body)));
    return answer(request);
  };
  const config = elasticsearchConfig({ layout: 'jaeger', rotation: { type: 'true', policy: 'true' } });
  const { care } = createWriteSide(config, createLayout('jaeger', config), [], {
    server,
    logger: pino({ level: 'silent' }),
    metrics: new Registry(),
    clock: { nowMs: Date.now },
  });
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
  expect(server.requests.filter((request) => request.includes('_rollover'))).toEqual([]);
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
