import type { Span } from '@spoor/model';
import { event, id, link, MS, NOON, resource, SCOPE, span, TRACE_SHORT } from './spans.ts';

const WEB = resource('web', [
  { key: 'host.name', value: 'web-1' },
  { key: 'telemetry.sdk.language', value: 'nodejs' },
]);
const ORDERS = resource('orders', [{ key: 'host.name', value: 'orders-1' }]);
const HTTP = { ...SCOPE, name: '@opentelemetry/instrumentation-http', version: '0.200.0' };

/** Two traces that have something of everything: all types, an error, events, links, a skewed clock, an orphan, a shared id. */
export const GOLDEN_SPANS: readonly Span[] = [
  span({
    name: 'GET /checkout',
    kind: 'server',
    flags: 1,
    traceState: 'vendor=1',
    endTimeUnixNano: NOON + 100n * MS,
    resource: WEB,
    scope: HTTP,
    attributes: [
      { key: 'url.path', value: '/checkout' },
      { key: 'http.response.status_code', value: 500n },
      { key: 'big', value: 9_007_199_254_740_993n },
      { key: 'ratio', value: 0.25 },
      { key: 'retried', value: true },
      { key: 'bytes', value: new Uint8Array([1, 2, 255]) },
      { key: 'list', value: ['a', 1n, false] },
    ],
    status: { code: 'error', message: 'checkout failed' },
    events: [
      event({
        name: 'exception',
        timeUnixNano: NOON + 90n * MS,
        attributes: [{ key: 'exception.message', value: 'no <stock>' }],
      }),
    ],
    links: [link({ traceId: TRACE_SHORT, spanId: id(1) })],
  }),
  span({ spanId: id(2), parentSpanId: id(1), name: 'POST /orders', kind: 'client', resource: WEB, scope: HTTP }),
  span({ spanId: id(2), parentSpanId: id(1), name: 'POST /orders', kind: 'server', resource: ORDERS }),
  span({
    spanId: id(3),
    parentSpanId: id(2),
    name: 'INSERT',
    kind: 'client',
    resource: ORDERS,
    startTimeUnixNano: NOON + 5n * MS,
    endTimeUnixNano: NOON + 4n * MS,
    attributes: [{ key: 'peer.ipv4', value: 167_772_161n }],
  }),
  span({ spanId: id(9), parentSpanId: id(8), name: '', resource: ORDERS }),
  span({
    traceId: TRACE_SHORT,
    name: 'sweep',
    kind: 'internal',
    resource: ORDERS,
    status: { code: 'ok', message: '' },
  }),
];
