import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BinaryReader, binaryProtocol, CompactReader, compactProtocol } from '@spoor/thrift';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { GOLDEN_SPANS } from './golden-spans.ts';
import { GOLDEN_LIST } from './v1/golden-list.ts';
import { decodeZipkinV1Json } from './v1/json-decode.ts';
import { decodeZipkinThrift, readZipkinThrift } from './v1/thrift-decode.ts';
import { decodeZipkinJson } from './v2/json-decode.ts';
import { encodeZipkinJson } from './v2/json-encode.ts';
import { decodeZipkinProto } from './v2/proto-decode.ts';
import { encodeZipkinProto } from './v2/proto-encode.ts';

const golden = (name: string) => readFileSync(join(import.meta.dirname, '../golden', name), 'utf8');
const goldenBytes = (name: string) => Buffer.from(golden(name).replace(/\s/g, ''), 'hex');

test('the spans encode to the golden JSON and decode from it', () => {
  expect(new TextDecoder().decode(encodeZipkinJson(GOLDEN_SPANS))).toBe(
    JSON.stringify(JSON.parse(golden('spans.zipkin_json'))),
  );
  expect(decodeZipkinJson(Buffer.from(golden('spans.zipkin_json')))).toStrictEqual(GOLDEN_SPANS);
});

test('the spans encode to the golden protobuf and decode from it', () => {
  const bytes = goldenBytes('spans.zipkin_proto.hex');
  expect(Buffer.from(encodeZipkinProto(GOLDEN_SPANS)).toString('hex')).toBe(bytes.toString('hex'));
  expect(decodeZipkinProto(bytes)).toStrictEqual(GOLDEN_SPANS);
});

test('an independent protobuf library reads and writes the same', () => {
  const root = protobuf.loadSync(join(import.meta.dirname, '../proto/zipkin.proto'));
  const ListOfSpans = root.lookupType('zipkin.proto3.ListOfSpans');
  const message = ListOfSpans.decode(goldenBytes('spans.zipkin_proto.hex'));
  expect(ListOfSpans.verify(message)).toBeNull();
  expect(ListOfSpans.toObject(message, { enums: String, longs: String })).toMatchObject({
    spans: [
      {
        kind: 'CLIENT',
        name: 'op',
        timestamp: '1767225600000001',
        duration: '1000',
        localEndpoint: { serviceName: 'shop', port: 8080 },
        remoteEndpoint: { serviceName: 'store', port: 443 },
        tags: { s: '€', 'host.name': 'h', error: 'true' },
      },
      { localEndpoint: { serviceName: 'f' }, tags: { 'otlp.service.name.source': 'faas.name' } },
    ],
  });
  expect(decodeZipkinProto(ListOfSpans.encode(message).finish())).toStrictEqual(GOLDEN_SPANS);
});

test('the golden Thrift list is the same in both protocols, and both halves of a shared span come out', () => {
  const binary = goldenBytes('list.zipkin_thrift.hex');
  const compact = goldenBytes('list.thrift_compact.hex');
  expect(binaryProtocol.encode(GOLDEN_LIST).toString('hex')).toBe(binary.toString('hex'));
  expect(compactProtocol.encode(GOLDEN_LIST).toString('hex')).toBe(compact.toString('hex'));
  const spans = decodeZipkinThrift(binary);
  expect(readZipkinThrift(new CompactReader(compact, 'a test'))).toStrictEqual(spans);
  expect(readZipkinThrift(new BinaryReader(binary, 'a test'))).toStrictEqual(spans);
  const ids = {
    traceId: '000102030405060708090a0b0c0d0e0f',
    spanId: '1011121314151617',
    parentSpanId: '2021222324252627',
    name: 'op',
  };
  expect(spans).toMatchObject([
    {
      ...ids,
      kind: 'client',
      startTimeUnixNano: 1_767_225_600_000_000_000n,
      endTimeUnixNano: 1_767_225_600_000_040_000n,
      status: { code: 'error' },
      attributes: [
        { key: 'bool', value: true },
        { key: 'bytes', value: Uint8Array.of(255, 0) },
        { key: 'i16', value: -1n },
        { key: 'i32', value: 5n },
        { key: 'i64', value: 6n },
        { key: 'double', value: 0.5 },
        { key: 'string', value: '€' },
        { key: 'short', value: 'Cannot parse Zipkin value AQ==: its 1 bytes are not of I32' },
        { key: 'component', value: 'component' },
        { key: 'peer.service', value: 'store' },
        { key: 'peer.ipv4', value: 0xffffffffn },
        { key: 'peer.ipv6', value: Uint8Array.from({ length: 16 }, (_, i) => i) },
        { key: 'peer.port', value: 0xffffn },
        { key: 'error.message', value: 'it broke' },
        { key: '@jaeger@flags', value: 2n },
      ],
      events: [
        { name: 'e', attributes: [{ key: 'k', value: 'v' }] },
        { name: 'plain', attributes: [] },
      ],
      resource: {
        attributes: [
          { key: 'service.name', value: 'shop' },
          { key: 'opencensus.exporterversion', value: 'Jaeger-Go-2.30' },
          { key: 'host.name', value: 'h' },
          { key: 'ip', value: 0x0a000001n },
        ],
      },
    },
    {
      ...ids,
      kind: 'server',
      startTimeUnixNano: 1_767_225_600_000_010_000n,
      endTimeUnixNano: 1_767_225_600_000_030_000n,
      attributes: [{ key: '@jaeger@flags', value: 2n }],
      events: [],
    },
    {
      traceId: '00000000000000000000000000000001',
      kind: 'unspecified',
      startTimeUnixNano: 1_767_225_600_000_000_000n,
      endTimeUnixNano: 1_767_225_600_000_007_000n,
      resource: { attributes: [{ key: 'service.name', value: 'unknown-service-name' }] },
    },
  ]);
});

test('the golden v1 JSON, as old clients write it, with the peer as `true`', () => {
  const spans = decodeZipkinV1Json(Buffer.from(golden('spans.v1.json')));
  expect(spans).toMatchObject([
    {
      traceId: '0000000000000000a1b2c3d4e5f60718',
      spanId: 'a1b2c3d4e5f60718',
      parentSpanId: '',
      name: 'get',
      kind: 'client',
      startTimeUnixNano: 1_767_225_600_000_000_000n,
      endTimeUnixNano: 1_767_225_600_000_150_000n,
      attributes: [
        { key: 'http.status_code', value: '200' },
        { key: 'retries', value: 2n },
        { key: 'peer.service', value: 'store' },
        { key: 'peer.ipv4', value: 0x0a000002n },
        { key: 'peer.port', value: 9000n },
        { key: 'errZeroParentID', value: '0' },
      ],
      events: [{ name: 'flushed', timeUnixNano: 1_767_225_600_000_100_000n }],
      resource: {
        attributes: [
          { key: 'service.name', value: 'shop' },
          { key: 'ip', value: 0x0a000001n },
        ],
      },
    },
  ]);
});
