import type { Span } from '@spoor/model';

/** A span with everything that the peer's message can say. Its records are the files in `golden`. */
export const GOLDEN_SPAN: Span = {
  traceId: '000102030405060708090a0b0c0d0e0f',
  spanId: '1011121314151617',
  parentSpanId: '2021222324252627',
  traceState: 'a=b',
  flags: 1,
  name: 'op',
  kind: 'server',
  startTimeUnixNano: 1_767_225_600_000_000_001n,
  endTimeUnixNano: 1_767_225_600_001_000_001n,
  attributes: [
    { key: 's', value: '€' },
    { key: 'b', value: true },
    { key: 'i', value: -1n },
    { key: 'f', value: 0.5 },
    { key: 'bin', value: new Uint8Array([255, 0]) },
    { key: 'empty', value: '' },
    { key: '@jaeger@warnings', value: ['w'] },
  ],
  droppedAttributesCount: 0,
  events: [{ timeUnixNano: 5n, name: 'e', attributes: [{ key: 'k', value: false }], droppedAttributesCount: 0 }],
  droppedEventsCount: 0,
  links: [
    {
      traceId: 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
      spanId: '3031323334353637',
      traceState: '',
      attributes: [],
      droppedAttributesCount: 0,
      flags: 0,
    },
    {
      traceId: '000102030405060708090a0b0c0d0e0f',
      spanId: '4041424344454647',
      traceState: '',
      attributes: [{ key: 'opentracing.ref_type', value: 'child_of' }],
      droppedAttributesCount: 0,
      flags: 0,
    },
  ],
  droppedLinksCount: 0,
  status: { code: 'error', message: 'x' },
  resource: {
    attributes: [
      { key: 'service.name', value: 'shop' },
      { key: 'host.name', value: 'h' },
    ],
    droppedAttributesCount: 0,
    schemaUrl: '',
  },
  scope: { name: 'n', version: 'v', attributes: [], droppedAttributesCount: 0, schemaUrl: '' },
};
