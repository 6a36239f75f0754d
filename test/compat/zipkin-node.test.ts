import type { EventEmitter } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import zipkin from 'zipkin';
import transport from 'zipkin-transport-http';
import { type AllInOne, startAllInOne } from '../harness/all-in-one.ts';
import { parentOf, serviceOf, traceWith, type UiSpan } from '../harness/query-api.ts';

const { Annotation, BatchRecorder, ExplicitContext, InetAddress, jsonEncoder, Tracer } = zipkin;

let spoor: AllInOne;
beforeAll(async () => {
  spoor = await startAllInOne();
});
afterAll(() => spoor?.[Symbol.asyncDispose]());

const ENCODINGS = [
  {
    name: 'v2 JSON',
    path: '/api/v2/spans',
    encoder: jsonEncoder.JSON_V2,
    peer: {
      'net.peer.ip': { type: 'string', value: '10.0.0.9' },
      'net.peer.port': { type: 'int64', value: 5432 },
    },
  },
  {
    name: 'v1 JSON, whose peer is `true`',
    path: '/api/v1/spans',
    encoder: jsonEncoder.JSON_V1,
    peer: {
      'peer.ipv4': { type: 'string', value: '10.0.0.9' },
      'peer.port': { type: 'int64', value: 5432 },
    },
  },
] as const;

const tagsOf = (span: UiSpan) => Object.fromEntries(span.tags.map(({ key, type, value }) => [key, { type, value }]));
const text = (value: string) => ({ type: 'string', value });

test.each(ENCODINGS)("Zipkin's client for Node in $name", async ({ path, encoder, peer }) => {
  const ctxImpl = new ExplicitContext();
  const logger = new transport.HttpLogger({
    endpoint: `http://${spoor.addresses.zipkin}${path}`,
    jsonEncoder: encoder,
    httpInterval: 20,
  });
  const failures: unknown[] = [];
  // An emitter too, which its types do not say.
  (logger as unknown as EventEmitter).on('error', (error: unknown) => failures.push(error));
  const tracer = new Tracer({
    ctxImpl,
    recorder: new BatchRecorder({ logger }),
    localServiceName: 'shop-zipkin',
    traceId128Bit: true,
    defaultTags: {},
  });

  let traceId = '';
  tracer.scoped(() => {
    const root = tracer.createRootId();
    traceId = root.traceId;
    tracer.setId(root);
    tracer.recordServiceName('shop-zipkin');
    tracer.recordRpc('get /order');
    tracer.recordAnnotation(new Annotation.ServerRecv());
    tracer.recordBinary('http.path', '/order');
    tracer.scoped(() => {
      tracer.setId(tracer.createChildId());
      tracer.recordServiceName('shop-zipkin');
      tracer.recordRpc('query');
      tracer.recordAnnotation(new Annotation.ClientSend());
      tracer.recordAnnotation(
        new Annotation.ServerAddr({ serviceName: 'store', host: new InetAddress('10.0.0.9'), port: 5432 }),
      );
      tracer.recordMessage('rows read');
      tracer.recordBinary('error', 'it broke');
      tracer.recordAnnotation(new Annotation.ClientRecv());
    });
    tracer.recordAnnotation(new Annotation.ServerSend());
  });

  const trace = await traceWith(spoor.addresses.queryHttp, traceId.padStart(32, '0'), 2);
  expect(failures).toEqual([]);
  const named = (name: string) => trace.spans.find(({ operationName }) => operationName === name)!;
  expect(trace.spans.map(({ operationName }) => operationName).sort()).toEqual(['get /order', 'query']);
  expect(parentOf(trace, named('query'))).toBe(named('get /order'));
  expect(serviceOf(trace, named('query'))).toBe('shop-zipkin');
  expect(tagsOf(named('get /order'))).toMatchObject({ 'span.kind': text('server'), 'http.path': text('/order') });
  expect(tagsOf(named('query'))).toMatchObject({
    'span.kind': text('client'),
    'peer.service': text('store'),
    ...peer,
  });
  expect(named('query').logs).toMatchObject([{ fields: [{ key: 'event', type: 'string', value: 'rows read' }] }]);
});
