import { expect, test } from 'vitest';
import { event, id, link, NOON, resource, SCOPE, span, TRACE_A, TRACE_SHORT } from '../test/spans.ts';
import { readTraceId } from './ids.ts';
import { jaegerTrace, jaegerTraces, jaegerTraceText } from './trace.ts';

const RICH = span({
  traceId: TRACE_SHORT,
  parentSpanId: id(5),
  kind: 'server',
  flags: 0x103,
  traceState: 'a=b',
  status: { code: 'error', message: 'boom' },
  startTimeUnixNano: NOON + 1_999n,
  endTimeUnixNano: NOON + 4_500n,
  scope: { ...SCOPE, name: 'lib', version: '1.2' },
  attributes: [
    { key: 's', value: 'text' },
    { key: 'b', value: false },
    { key: 'i', value: 7n },
    { key: 'big', value: 9_007_199_254_740_993n },
    { key: 'f', value: 0.5 },
    { key: 'nan', value: Number.NaN },
    { key: 'bin', value: new Uint8Array([255, 0]) },
    { key: 'list', value: [1n, 'x', { entries: [{ key: 'k', value: null }] }] },
    { key: '@jaeger@warnings', value: ['careful'] },
  ],
  events: [
    event({ name: 'named', attributes: [{ key: 'k', value: 'v' }] }),
    event({ name: 'named', attributes: [{ key: 'event', value: 'own' }] }),
  ],
  links: [
    link({ traceId: TRACE_SHORT, spanId: id(5) }),
    link({ attributes: [{ key: 'opentracing.ref_type', value: 'child_of' }] }),
    link({ traceId: TRACE_SHORT }),
  ],
});

test('debug and firehose are flags, and no tags', () => {
  const debug = span({ flags: 1, attributes: [{ key: '@jaeger@flags', value: 10n }] });
  expect(jaegerTrace(TRACE_A, [debug]).spans[0]).toMatchObject({ flags: 11, tags: [] });
});

test('everything of a span has its place', () => {
  expect(jaegerTrace(TRACE_SHORT, [RICH]).spans[0]).toEqual({
    traceID: '8448eb211c80319c',
    spanID: id(1),
    flags: 1,
    operationName: 'op',
    references: [
      { refType: 'CHILD_OF', traceID: '8448eb211c80319c', spanID: id(5) },
      { refType: 'CHILD_OF', traceID: TRACE_A, spanID: id(99) },
      { refType: 'FOLLOWS_FROM', traceID: '8448eb211c80319c', spanID: id(99) },
    ],
    startTime: 1_769_860_800_000_001,
    duration: 2,
    tags: [
      { key: 'otel.scope.name', type: 'string', value: 'lib' },
      { key: 'otel.scope.version', type: 'string', value: '1.2' },
      { key: 's', type: 'string', value: 'text' },
      { key: 'b', type: 'bool', value: false },
      { key: 'i', type: 'int64', value: 7 },
      { key: 'big', type: 'int64', value: '9007199254740993' },
      { key: 'f', type: 'float64', value: 0.5 },
      { key: 'nan', type: 'float64', value: 'NaN' },
      { key: 'bin', type: 'binary', value: '/wA=' },
      { key: 'list', type: 'string', value: '[1,"x",{"k":null}]' },
      { key: 'span.kind', type: 'string', value: 'server' },
      { key: 'otel.status_code', type: 'string', value: 'ERROR' },
      { key: 'error', type: 'bool', value: true },
      { key: 'otel.status_description', type: 'string', value: 'boom' },
      { key: 'w3c.tracestate', type: 'string', value: 'a=b' },
    ],
    logs: [
      {
        timestamp: 1_769_860_800_000_000,
        fields: [
          { key: 'event', type: 'string', value: 'named' },
          { key: 'k', type: 'string', value: 'v' },
        ],
      },
      { timestamp: 1_769_860_800_000_000, fields: [{ key: 'event', type: 'string', value: 'own' }] },
    ],
    processID: 'p1',
    warnings: ['careful'],
  });
});

test('a bare span has empty lists, no flags and null warnings', () => {
  const [bare] = jaegerTrace(TRACE_A, [span()]).spans;
  expect(bare).toMatchObject({ references: [], tags: [], logs: [], warnings: null });
  expect(bare).not.toHaveProperty('flags');
});

test('processes are numbered in the order of the spans, equal ones are one', () => {
  const web = resource('web', [{ key: 'host.name', value: 'a' }]);
  const trace = jaegerTrace(TRACE_A, [span({ resource: web }), span(), span({ resource: structuredClone(web) })]);
  expect(trace.spans.map(({ processID }) => processID)).toEqual(['p1', 'p2', 'p1']);
  expect(trace.processes).toEqual({
    p1: { serviceName: 'web', tags: [{ key: 'host.name', type: 'string', value: 'a' }] },
    p2: { serviceName: 'shop', tags: [] },
  });
});

test.each([0, 1, 499, 500, 501, 1_000])('the pieces of %s spans are the text of the whole', (count) => {
  const spans = Array.from({ length: count }, (_, index) => span({ spanId: id(index + 1) }));
  const text = [...jaegerTraceText(TRACE_A, spans)].join('');
  expect(text).toBe(JSON.stringify(jaegerTrace(TRACE_A, spans)));
});

test('spans of several traces are sorted out', () => {
  const traces = jaegerTraces([span(), span({ traceId: TRACE_SHORT }), span({ spanId: id(2) })]);
  expect(traces.map(({ traceID, spans }) => [traceID, spans.length])).toEqual([
    [TRACE_A, 2],
    ['8448eb211c80319c', 1],
  ]);
});

test.each([
  [TRACE_A, TRACE_A],
  [TRACE_A.toUpperCase(), TRACE_A],
  ['8448eb211c80319c', TRACE_SHORT],
  ['1', `${'0'.repeat(31)}1`],
  [Buffer.from(TRACE_A, 'hex').toString('base64'), TRACE_A],
  [Buffer.from(TRACE_A, 'hex').toString('base64url'), TRACE_A],
])('the trace id %s is read', (text, traceId) => {
  expect(readTraceId(text)).toBe(traceId);
});

test.each(['', '0', 'x', `${TRACE_A}0`, 'AAAAAAAAAAAAAAAAAAAAAA==', '../etc'])('%s is no trace id', (text) => {
  expect(readTraceId(text)).toBeUndefined();
});
