import { join } from 'node:path';
import type { Attribute, Span } from '@spoor/model';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { arbitrarySpans } from '../../../test/fixtures/arbitrary-spans.ts';
import { decodeJaegerSpanJson } from './json-decode.ts';
import { encodeJaegerSpanJson } from './json-encode.ts';
import { decodeJaegerSpan } from './proto-decode.ts';
import { encodeJaegerSpan } from './proto-encode.ts';

const SEED = { seed: 20_260_102, numRuns: 300 };
const NONE = { droppedAttributesCount: 0, schemaUrl: '' };

const arbitrarySpan = arbitrarySpans.filter((spans) => spans.length > 0).map((spans) => spans[0]!);

function isScalar({ value }: Attribute): boolean {
  return value !== null && (typeof value !== 'object' || value instanceof Uint8Array);
}

/** What is left of a span when everything is taken away that the peer's message has no place for. */
function expressible(span: Span): Span {
  const scope = { ...NONE, name: span.scope.name, version: span.scope.version, attributes: [] };
  const links = span.links.filter(({ spanId }) => !/^0+$/.test(spanId));
  return {
    ...span,
    flags: span.flags & 1,
    attributes: span.attributes.filter(isScalar),
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    events: span.events.map((event) => ({
      ...event,
      attributes: event.attributes.filter(isScalar),
      droppedAttributesCount: 0,
    })),
    links: links.map((link, index) => ({
      ...link,
      traceState: '',
      attributes: index === 0 && span.parentSpanId !== '' ? [{ key: 'opentracing.ref_type', value: 'child_of' }] : [],
      droppedAttributesCount: 0,
      flags: 0,
    })),
    resource: { ...NONE, attributes: span.resource.attributes.filter(isScalar) },
    scope,
  };
}

test('decoding undoes encoding, for all that the message can say', () => {
  fc.assert(
    fc.property(arbitrarySpan.map(expressible), (span) => {
      expect(decodeJaegerSpan(encodeJaegerSpan(span))).toStrictEqual(span);
    }),
    SEED,
  );
});

test('protobuf and JSON say the same of any span', () => {
  fc.assert(
    fc.property(arbitrarySpan, (span) => {
      const back = decodeJaegerSpan(encodeJaegerSpan(span));
      expect(decodeJaegerSpanJson(encodeJaegerSpanJson(span))).toStrictEqual(back);
    }),
    SEED,
  );
});

test('a span that was one of the peer stays as it is', () => {
  fc.assert(
    fc.property(arbitrarySpan, (span) => {
      const once = decodeJaegerSpan(encodeJaegerSpan(span));
      expect(decodeJaegerSpan(encodeJaegerSpan(once))).toStrictEqual(once);
    }),
    SEED,
  );
});

const root = protobuf.loadSync(join(import.meta.dirname, '../proto/jaeger/api_v2/model.proto'));
const SpanMessage = root.lookupType('jaeger.api_v2.Span');

test('an independent protobuf library reads what the encoder writes, and the decoder what it writes', () => {
  fc.assert(
    fc.property(arbitrarySpan.map(expressible), (span) => {
      const message = SpanMessage.decode(encodeJaegerSpan(span));
      expect(SpanMessage.verify(message)).toBeNull();
      expect(message).toMatchObject({ operationName: span.name, flags: span.flags });
      expect(decodeJaegerSpan(SpanMessage.encode(message).finish())).toStrictEqual(span);
    }),
    SEED,
  );
});
