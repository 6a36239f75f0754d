import type { Span } from '@spoor/model';
import { expect, test } from 'vitest';
import { bytesOfIp, textOfIp } from './ip-bytes.ts';
import { decodeZipkinJson } from './json-decode.ts';
import { encodeZipkinJson } from './json-encode.ts';
import { decodeZipkinProto } from './proto-decode.ts';
import { encodeZipkinProto } from './proto-encode.ts';

function spanOf(fields: object): Span {
  const json = [{ traceId: '1', id: '2', timestamp: 1_767_225_600_000_000, duration: 5, ...fields }];
  return decodeZipkinJson(Buffer.from(JSON.stringify(json)))[0]!;
}

test.each([
  {
    says: 'short ids are filled up',
    given: {},
    want: { traceId: '1'.padStart(32, '0'), spanId: '2'.padStart(16, '0') },
  },
  {
    says: 'a parent that is the span itself is none',
    given: { parentId: '0000000000000002' },
    want: { parentSpanId: '' },
  },
  { says: 'a parent is kept', given: { parentId: '3' }, want: { parentSpanId: '0000000000000003' } },
  { says: 'a kind', given: { kind: 'PRODUCER' }, want: { kind: 'producer' } },
  { says: 'a kind in small letters is none', given: { kind: 'client' }, want: { kind: 'unspecified', attributes: [] } },
  { says: 'a kind that is no text is none', given: { kind: 3 }, want: { kind: 'unspecified', attributes: [] } },
  {
    says: 'internal is a tag, whatever the field says',
    given: { kind: 'INTERNAL', tags: { 'span.kind': 'internal' } },
    want: { kind: 'internal', attributes: [] },
  },
  {
    says: 'internal is a tag',
    given: { tags: { 'span.kind': 'internal' } },
    want: { kind: 'internal', attributes: [] },
  },
  {
    says: 'any other kind in a tag stays a tag',
    given: { tags: { 'span.kind': 'x' } },
    want: { kind: 'unspecified', attributes: [{ key: 'span.kind', value: 'x' }] },
  },
  {
    says: 'error=true is the status',
    given: { tags: { error: 'true' } },
    want: { status: { code: 'error', message: '' }, attributes: [] },
  },
  {
    says: 'any other error stays a tag',
    given: { tags: { error: '500' } },
    want: { status: { code: 'unset', message: '' }, attributes: [{ key: 'error', value: '500' }] },
  },
  {
    says: 'the status in tags',
    given: { tags: { 'otel.status_code': 'STATUS_CODE_OK', 'otel.status_description': 'd' } },
    want: { status: { code: 'ok', message: 'd' }, attributes: [] },
  },
  {
    says: 'a start that nobody told',
    given: { timestamp: undefined },
    want: {
      startTimeUnixNano: 0n,
      endTimeUnixNano: 5_000n,
      attributes: [{ key: 'otel.zipkin.absentField.startTime', value: true }],
    },
  },
  {
    says: 'tags about the resource move there',
    given: { localEndpoint: { serviceName: 's' }, tags: { 'k8s.pod.name': 'p', x: 'y' } },
    want: {
      attributes: [{ key: 'x', value: 'y' }],
      resource: {
        attributes: [
          { key: 'service.name', value: 's' },
          { key: 'k8s.pod.name', value: 'p' },
        ],
      },
    },
  },
  {
    says: 'the placeholder is no service name',
    given: { localEndpoint: { serviceName: 'OTLPResourceNoServiceName' } },
    want: { resource: { attributes: [] } },
  },
  {
    says: 'values that are no strings become strings, as is',
    given: { tags: { n: 5, b: true } },
    want: {
      attributes: [
        { key: 'n', value: '5' },
        { key: 'b', value: 'true' },
      ],
    },
  },
  {
    says: 'a text with bars that packs nothing is a name',
    given: { annotations: [{ timestamp: 1, value: 'a|{|c' }] },
    want: { events: [{ name: 'a|{|c', attributes: [] }] },
  },
  {
    says: 'a link that is none stays a tag',
    given: { tags: { 'otlp.link.0': 'x|y' } },
    want: { links: [], attributes: [{ key: 'otlp.link.0', value: 'x|y' }] },
  },
  {
    says: 'a time before 1970 is one that no span may have',
    given: { timestamp: -1 },
    want: { startTimeUnixNano: (1n << 64n) - 1n },
  },
])('$says', ({ given, want }) => {
  expect(spanOf(given)).toMatchObject(want);
});

test.each([
  { given: { traceId: 'x' }, says: '[0].traceId is not a string of up to 32 hex digits' },
  { given: { id: '' }, says: '[0].id is missing' },
  { given: { timestamp: 'now' }, says: '[0].timestamp is not a number of microseconds' },
  { given: { tags: { a: {} } }, says: '[0].tags.a is not a string' },
  { given: { annotations: [1] }, says: '[0].annotations[0] is not an object' },
  { given: { localEndpoint: { port: 70_000 } }, says: '[0].localEndpoint.port is not a number from 0 to 65535' },
])('JSON that is wrong says where and what: $says', ({ given, says }) => {
  expect(() => spanOf(given)).toThrow(says);
});

test('debug is a flag, in JSON and in protobuf', () => {
  const span = spanOf({ debug: true });
  expect(span.attributes).toEqual([{ key: '@jaeger@flags', value: 2n }]);
  expect(decodeZipkinProto(encodeZipkinProto([span]))).toStrictEqual([span]);
  expect(decodeZipkinJson(encodeZipkinJson([span]))).toStrictEqual([span]);
  expect(spanOf({ debug: false }).attributes).toEqual([]);
});

test('what is not UTF-8 stays bytes, under names that say so', () => {
  const sound = encodeZipkinProto([
    spanOf({
      name: 'n~e',
      localEndpoint: { serviceName: 's~e' },
      tags: { v: 'v~e', 'k~1': 'x', told: '\ufffd' },
      annotations: [{ timestamp: 1, value: 'a~n' }],
    }),
  ]);
  const proto = Buffer.from(
    Buffer.from(sound)
      .toString('latin1')
      .replaceAll(/(?<=\w)~(?=\w)/g, '\xff'),
    'latin1',
  );
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
  expect(decodeZipkinProto(proto)).toMatchObject([
    {
      name: 'invalid-span-name',
      attributes: [
        { key: 'told', value: '\ufffd' },
        { key: 'v', value: bytes('v\xffe') },
        { key: 'invalid-tag-key-1', value: bytes('k\xff1:x') },
        { key: 'invalid-span-name', value: bytes('n\xffe') },
      ],
      events: [{ name: '', attributes: [{ key: 'event', value: bytes('a\xffn') }] }],
      resource: { attributes: [{ key: 'service.name', value: 's\ufffde' }] },
    },
  ]);
});

test.each(['10.0.0.1', '::', '::1', '2001:db8::8:800:200c:417a', 'fe80::1:0:0:1'])('the address %s', (text) => {
  expect(textOfIp(bytesOfIp(text)!)).toBe(text);
});

test('what is no address has no bytes', () => {
  for (const text of ['', 'localhost', '10.0.0', 'fe80::1%eth0', '::g']) expect(bytesOfIp(text)).toBeUndefined();
  expect(bytesOfIp('::ffff:10.0.0.1')).toEqual(Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 1]));
  expect(textOfIp(Uint8Array.of(1))).toBe('');
});
