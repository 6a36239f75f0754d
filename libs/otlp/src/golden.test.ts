import { expect, test } from 'vitest';
import { decodeTraces } from './decode.ts';
import { encodeTraces } from './encode.ts';
import { protobufFromJson } from './json-decode.ts';
import { tracesToJson } from './json-encode.ts';

/** A message with every field, written by hand from the field numbers: one line a field. */
const MESSAGE = `
  0a d401
    0a 11  0a 0d 0a 01 72 12 08 0a 06 e2 82 ac 41 42 43  10 01
    12 ba01
      0a 14  0a 01 6e  12 01 76  1a 0a 0a 01 73 12 05 3a 03 01 02 ff  20 02
      12 9e01
        0a 10 000102030405060708090a0b0c0d0e0f
        12 08 1011121314151617
        1a 01 74
        22 08 2021222324252627
        2a 02 6f70
        30 02
        39 0100000000000080
        41 0200000000000080
        4a 10 0a 01 69 12 0b 18 ffffffffffffffffff01
        50 03
        5a 17 09 0500000000000000 12 01 65 1a 07 0a 01 62 12 02 10 01 20 04
        60 06
        6a 1d 0a 01 aa 12 01 bb 1a 01 6c 22 0b 0a 01 64 12 06 2a 04 0a 02 10 00 28 05 35 07000000
        70 08
        7a 05 12 01 78 18 02
        8501 01010000
      1a 01 75
    1a 02 7775
`;

const SPAN = {
  traceId: '000102030405060708090a0b0c0d0e0f',
  spanId: '1011121314151617',
  parentSpanId: '2021222324252627',
  traceState: 't',
  flags: 0x101,
  name: 'op',
  kind: 'server',
  startTimeUnixNano: (1n << 63n) + 1n,
  endTimeUnixNano: (1n << 63n) + 2n,
  attributes: [{ key: 'i', value: -1n }],
  droppedAttributesCount: 3,
  events: [{ timeUnixNano: 5n, name: 'e', attributes: [{ key: 'b', value: true }], droppedAttributesCount: 4 }],
  droppedEventsCount: 6,
  links: [
    {
      traceId: 'aa',
      spanId: 'bb',
      traceState: 'l',
      attributes: [{ key: 'd', value: [false] }],
      droppedAttributesCount: 5,
      flags: 7,
    },
  ],
  droppedLinksCount: 8,
  status: { code: 'error', message: 'x' },
  resource: { attributes: [{ key: 'r', value: '€ABC' }], droppedAttributesCount: 1, schemaUrl: 'wu' },
  scope: {
    name: 'n',
    version: 'v',
    attributes: [{ key: 's', value: new Uint8Array([1, 2, 255]) }],
    droppedAttributesCount: 2,
    schemaUrl: 'u',
  },
} as const;

const JSON_TEXT =
  '{"resourceSpans":[{"resource":{"attributes":[{"key":"r","value":{"stringValue":"€ABC"}}],"droppedAttributesCount":1},' +
  '"schemaUrl":"wu","scopeSpans":[{"scope":{"name":"n","version":"v","attributes":[{"key":"s","value":{"bytesValue":"AQL/"}}],' +
  '"droppedAttributesCount":2},"schemaUrl":"u","spans":[{"traceId":"000102030405060708090a0b0c0d0e0f",' +
  '"spanId":"1011121314151617","traceState":"t","parentSpanId":"2021222324252627","flags":257,"name":"op","kind":2,' +
  '"startTimeUnixNano":"9223372036854775809","endTimeUnixNano":"9223372036854775810",' +
  '"attributes":[{"key":"i","value":{"intValue":"-1"}}],"droppedAttributesCount":3,' +
  '"events":[{"timeUnixNano":"5","name":"e","attributes":[{"key":"b","value":{"boolValue":true}}],"droppedAttributesCount":4}],' +
  '"droppedEventsCount":6,"links":[{"traceId":"aa","spanId":"bb","traceState":"l",' +
  '"attributes":[{"key":"d","value":{"arrayValue":{"values":[{"boolValue":false}]}}}],"droppedAttributesCount":5,"flags":7}],' +
  '"droppedLinksCount":8,"status":{"message":"x","code":2}}]}]}]}';

const message = Uint8Array.from(Buffer.from(MESSAGE.replace(/\s/g, ''), 'hex'));

test('a message with every field decodes to its span', () => {
  expect(decodeTraces(message)).toStrictEqual([SPAN]);
});

test('the span as JSON is the golden text, and the text is the span', () => {
  expect(tracesToJson([SPAN])).toBe(JSON_TEXT);
  expect(decodeTraces(protobufFromJson(new TextEncoder().encode(JSON_TEXT)).bytes)).toStrictEqual([SPAN]);
  expect(tracesToJson([])).toBe('{"resourceSpans":[]}');
});

test('the span encodes to the golden bytes', () => {
  expect(Buffer.from(encodeTraces([SPAN])).toString('hex')).toBe(Buffer.from(message).toString('hex'));
});
