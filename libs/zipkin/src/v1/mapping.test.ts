import { expect, test } from 'vitest';
import { decodeZipkinV1Json } from './json-decode.ts';

const T = 1_767_225_600_000_000;
const at = (micros: number, value: string, serviceName = '') => ({
  timestamp: T + micros,
  value,
  endpoint: { serviceName },
});

function spansOf(fields: object) {
  return decodeZipkinV1Json(Buffer.from(JSON.stringify([{ traceId: '1', id: '2', name: 'op', ...fields }])));
}

const nanos = (micros: number) => BigInt(T + micros) * 1000n;

test.each([
  {
    says: 'sr tells the start of a root',
    given: { annotations: [at(3, 'sr'), at(9, 'ss')] },
    want: { kind: 'server', startTimeUnixNano: nanos(3), endTimeUnixNano: nanos(9), events: [] },
  },
  {
    says: 'the duration is at least a microsecond',
    given: { timestamp: T },
    want: { startTimeUnixNano: nanos(0), endTimeUnixNano: nanos(1) },
  },
  {
    says: 'a negative duration is told as it was',
    given: { timestamp: T, duration: -4 },
    want: { endTimeUnixNano: nanos(1), attributes: [{ key: 'errNegativeDuration', value: '-4' }] },
  },
  {
    says: 'any two annotations span a time',
    given: { annotations: [at(1, 'a'), at(5, 'b')] },
    want: { startTimeUnixNano: nanos(1), endTimeUnixNano: nanos(5), events: [{ name: 'a' }, { name: 'b' }] },
  },
  {
    says: 'an error with a text has a message',
    given: { timestamp: T, binaryAnnotations: [{ key: 'error', value: 'x' }] },
    want: { status: { code: 'error' }, attributes: [{ key: 'error.message', value: 'x' }] },
  },
  {
    says: 'an error that is empty is one',
    given: { timestamp: T, binaryAnnotations: [{ key: 'error', value: '' }] },
    want: { status: { code: 'error' }, attributes: [] },
  },
  {
    says: 'an error that is false is none',
    given: { timestamp: T, binaryAnnotations: [{ key: 'error', value: 'FALSE' }] },
    want: { status: { code: 'unset' }, attributes: [{ key: 'error', value: false }] },
  },
  {
    says: 'the peer as "true"',
    given: { timestamp: T, binaryAnnotations: [{ key: 'sa', value: 'true', endpoint: { serviceName: 'p' } }] },
    want: { attributes: [{ key: 'peer.service', value: 'p' }] },
  },
  {
    says: 'the service of core annotations wins over that of others',
    given: { annotations: [at(0, 'x', 'other'), at(1, 'cs', 'own')] },
    want: { resource: { attributes: [{ key: 'service.name', value: 'own' }] } },
  },
  {
    says: 'the service of a local component wins over that of other annotations',
    given: {
      annotations: [at(0, 'x', 'other')],
      binaryAnnotations: [{ key: 'lc', value: '', endpoint: { serviceName: 'own' } }],
    },
    want: { resource: { attributes: [{ key: 'service.name', value: 'own' }] } },
  },
  {
    says: 'debug is a flag, and does not make a span sampled',
    given: { timestamp: T, debug: true },
    want: { flags: 0, attributes: [{ key: '@jaeger@flags', value: 2n }] },
  },
  {
    says: 'typed values',
    given: {
      timestamp: T,
      binaryAnnotations: [
        { key: 'i', value: '9007199254740993', type: 'I64' },
        { key: 'd', value: 1, type: 'DOUBLE' },
        { key: 'b', value: 'AQ==', type: 'BYTES' },
        { key: 's', value: '5' },
        { key: 'f', value: 0.5 },
      ],
    },
    want: {
      attributes: [
        { key: 'i', value: 9_007_199_254_740_993n },
        { key: 'd', value: 1 },
        { key: 'b', value: Uint8Array.of(1) },
        { key: 's', value: '5' },
        { key: 'f', value: 0.5 },
      ],
    },
  },
])('$says', ({ given, want }) => {
  const spans = spansOf(given);
  expect(spans).toHaveLength(1);
  expect(spans[0]).toMatchObject(want);
});

test('server first: the other half is the client', () => {
  const [server, client] = spansOf({ annotations: [at(2, 'sr'), at(1, 'cs'), at(5, 'ss'), at(9, 'cr')] });
  expect(server).toMatchObject({ kind: 'server', startTimeUnixNano: nanos(1) });
  expect(client).toMatchObject({ kind: 'client', startTimeUnixNano: nanos(1), endTimeUnixNano: nanos(9) });
});
