import type { Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';

const resource = {
  attributes: [
    { key: 'service.name', value: 'shop' },
    { key: 'host.name', value: 'h' },
  ],
  droppedAttributesCount: 0,
  schemaUrl: '',
};
const scope = { name: 'n', version: 'v', attributes: [], droppedAttributesCount: 0, schemaUrl: '' };

/** Says only what every encoding has a place for, so that each gives it back as it was. */
function span(traceId: string, spanId: string, parentSpanId: string): Span {
  return {
    traceId,
    spanId,
    parentSpanId,
    traceState: 'a=b',
    flags: 0,
    name: 'op',
    kind: 'server',
    startTimeUnixNano: 1_767_225_600_000_001_000n,
    endTimeUnixNano: 1_767_225_600_001_001_000n,
    attributes: [{ key: 's', value: '€' }],
    droppedAttributesCount: 0,
    events: [
      {
        timeUnixNano: 1_767_225_600_000_002_000n,
        name: 'e',
        attributes: [{ key: 'k', value: false }],
        droppedAttributesCount: 0,
      },
    ],
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
    ],
    droppedLinksCount: 0,
    status: { code: 'error', message: 'x' },
    resource,
    scope,
  };
}

/** The second span has a trace id of 64 bits. Their records are the files in `golden`. */
export const GOLDEN_TRACES: readonly Span[] = [
  span('000102030405060708090a0b0c0d0e0f', '1011121314151617', '2021222324252627'),
  span('00000000000000008182838485868788', '9192939495969798', ''),
];
export const GOLDEN_BYTES: Uint8Array = encodeTraces(GOLDEN_TRACES);
