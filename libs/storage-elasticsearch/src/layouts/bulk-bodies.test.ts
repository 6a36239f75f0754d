import type { Span } from '@spoor/model';
import { encodeTraces, SpanCursor } from '@spoor/otlp';
import { describe, expect, test } from 'vitest';
import { PLAIN_SPAN } from '../../../../test/fixtures/plain-span.ts';
import { elasticsearchConfig, LAYOUT_NAMES } from '../settings.ts';
import { JsonBuffer } from '../writer/json-buffer.ts';
import type { IndexKind } from './layout.ts';
import { createLayout } from './layouts.ts';

/** Golden bodies: `npx vitest run libs/storage-elasticsearch -u` writes them anew; what changes is reviewed. */
const golden = (layout: string, name: string) => `../../golden/${layout}/${name}.txt`;

const RESOURCE: Span['resource'] = {
  attributes: [
    { key: 'service.name', value: 'cart' },
    { key: 'host.name', value: 'h1' },
    { key: 'process.pid', value: 42n },
  ],
  droppedAttributesCount: 0,
  schemaUrl: 'https://opentelemetry.io/schemas/1.34.0',
};

/** With every field. */
const FULL: Span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentSpanId: '00f067aa0ba902b7',
  traceState: 'vendor=1',
  flags: 257,
  name: 'GET /',
  kind: 'server',
  startTimeUnixNano: 1_767_225_600_000_000_001n,
  endTimeUnixNano: 1_767_225_600_001_500_001n,
  attributes: [
    { key: 'http.method', value: 'GET' },
    { key: 'http.status_code', value: 500n },
    { key: 'ratio', value: -0.5 },
    { key: 'retried', value: false },
    { key: 'path=', value: 'C:\\ "quoted"\n€' },
    { key: 'codes', value: [1n, 9_007_199_254_740_993n] },
    { key: 'weights', value: [1, 0.5] },
    { key: 'raw', value: new Uint8Array([0, 255]) },
    { key: 'nothing', value: null },
    { key: 'map', value: { entries: [{ key: 'a', value: 1n }] } },
  ],
  droppedAttributesCount: 1,
  events: [
    {
      timeUnixNano: 1_767_225_600_000_500_000n,
      name: 'exception',
      attributes: [
        { key: 'exception.type', value: 'Timeout' },
        { key: 'attempt', value: 3n },
      ],
      droppedAttributesCount: 2,
    },
  ],
  droppedEventsCount: 3,
  links: [
    {
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      traceState: '',
      attributes: [{ key: 'why', value: 'batch' }],
      droppedAttributesCount: 0,
      flags: 1,
    },
  ],
  droppedLinksCount: 4,
  status: { code: 'error', message: 'deadline' },
  resource: RESOURCE,
  scope: {
    name: 'http',
    version: '1.2',
    attributes: [{ key: 'scope.kind', value: 'auto' }],
    droppedAttributesCount: 0,
    schemaUrl: '',
  },
};

/** With nothing but what must be there. */
const BARE: Span = {
  ...PLAIN_SPAN,
  traceId: FULL.traceId,
  name: '',
  kind: 'unspecified',
  startTimeUnixNano: FULL.startTimeUnixNano,
  endTimeUnixNano: FULL.startTimeUnixNano,
};

describe.each(LAYOUT_NAMES)('the layout %s', (name) => {
  const layout = createLayout(name, elasticsearchConfig({ layout: name }));

  test.each(['default', 'acme'])('makes the bulk body of tenant %s', async (tenant) => {
    const encoder = layout.spanEncoder();
    const out = new JsonBuffer();
    const cursor = new SpanCursor(encodeTraces([FULL, BARE]));
    const action = new TextEncoder().encode(`{"create":{"_index":"${layout.stems.span}-2026-01-01","_id":"`);
    while (cursor.next()) encoder.append(cursor, tenant, action, out);
    await expect(new TextDecoder().decode(out.content())).toMatchFileSnapshot(golden(name, `bulk-${tenant}`));
  });

  test('makes service documents', async () => {
    const entry = { tenant: 'default', service: 'cart', operation: 'GET /', kindNumber: 2 };
    const { id, json } = layout.serviceDocument(entry);
    await expect(`${id}\n${json}\n`).toMatchFileSnapshot(golden(name, 'service'));
  });

  test.each<IndexKind>(['span', 'service'])('has the template of the %s indices', async (kind) => {
    const template = layout.template(kind, { shards: 5, replicas: 1, refreshIntervalMs: 5_000 });
    await expect(`${JSON.stringify(template, undefined, 2)}\n`).toMatchFileSnapshot(golden(name, `template-${kind}`));
  });
});
