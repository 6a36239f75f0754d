import type { AttributeValue, Span } from '@spoor/model';
import { SPAN_KINDS, STATUS_CODES } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { AttributeCondition, TraceQuery } from '@spoor/storage';
import { evaluate } from '@spoor/storage/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foundOrSkipped, type SearchServer, startElasticsearch, startOpenSearch } from '../../harness/index.ts';
import { openSearchStore, TRAITS } from './open-search-store.ts';

const SERVERS = { elasticsearch: await startElasticsearch(), opensearch: await startOpenSearch() };
const BEGINNING = 1_767_225_600_000_000_000n;
/** The mapping of the peer indexes 256 characters. */
const LONG = 'x'.repeat(300);
const WIDE = '🦊'.repeat(140);

// Keys that mean something else once a document is read, and values that the index has in other forms or not at all.
const key = fc.constantFrom(
  ...['hostname', 'host.name', 'jaeger.version', 'opencensus.exporterversion', 'service.name', 'event', '', LONG],
  ...[
    'otel.status_code',
    'otel.status_description',
    'otel.scope.name',
    'w3c.tracestate',
    '@jaeger@warnings',
    '@jaeger@flags',
  ],
  ...['http.status_code', 'error', 'span.kind', 'a@b', 'a.b'],
);
const text = fc.constantFrom(
  ...['x', 'true', 'false', 'ERROR', 'error', 'OK', 'unset', 'server', 'client', 'unspecified', '', LONG, WIDE],
  ...['0', '1', '2', '10', '200', '404', '500', '+500', '5000', '1e+21', '10000000000', '1e-7', '0.00001', 'null'],
  ...['Jaeger-1', '00ab', 'AKs=', '["w"]', 'empty-service-name', 'missing-service-name'],
);
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  text,
  fc.boolean(),
  fc.constantFrom(0n, 1n, 2n, 10n, 404n, 500n, 5_000n, 10_000_000_000n),
  fc.constantFrom(1, 500, 0.5, -0, 1e21, 1e-7, 1e10, 0.000_01, Number.NaN, Number.POSITIVE_INFINITY),
  fc.constantFrom(Uint8Array.of(0, 0xab), new Uint8Array(0)),
  fc.constantFrom<AttributeValue>(null, ['w'], ['x', 1n]),
);
const attributes = fc.array(fc.record({ key, value }), { maxLength: 3 });
const hex = (digits: number, max: number) =>
  fc.integer({ min: 1, max }).map((number) => number.toString(16).padStart(digits, '0'));
const serviceName = fc.constantFrom<AttributeValue>('s', 't', '', 'missing-service-name', LONG, 5n);

const span: fc.Arbitrary<Span> = fc
  .record({
    traceId: hex(32, 15),
    spanId: hex(16, 50),
    name: fc.constantFrom('o', '', LONG, 'empty-span-name'),
    kind: fc.constantFrom(...SPAN_KINDS),
    startMicros: fc.bigInt({ min: 0n, max: 30n }),
    attributes,
    status: fc.record({ code: fc.constantFrom(...STATUS_CODES), message: fc.constantFrom('', 'x') }),
    events: fc.array(attributes, { maxLength: 1 }),
    service: fc.option(serviceName),
    resource: attributes,
    scopeName: fc.constantFrom('', 'x'),
  })
  .map(({ startMicros, events, service, resource, scopeName, ...fields }) => ({
    ...fields,
    parentSpanId: '',
    traceState: '',
    flags: 0,
    startTimeUnixNano: BEGINNING + startMicros * 1_000n,
    endTimeUnixNano: BEGINNING + startMicros * 1_000n + 1_000_000n,
    droppedAttributesCount: 0,
    events: events.map((one) => ({
      timeUnixNano: BEGINNING,
      name: 'happened',
      attributes: one,
      droppedAttributesCount: 0,
    })),
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    resource: {
      attributes: [...(service === null ? [] : [{ key: 'service.name', value: service }]), ...resource],
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
    scope: { name: scopeName, version: '', attributes: [], droppedAttributesCount: 0, schemaUrl: '' },
  }));

const condition: fc.Arbitrary<AttributeCondition> = fc.oneof(
  fc.record({ key, value: text, operator: fc.constantFrom('eq', 'ne') }),
  fc.record({
    key,
    value: fc.constantFrom('0', '0.5', '1', '500', '-1', '9999999999'),
    operator: fc.constantFrom('gt', 'gte', 'lt', 'lte'),
  }),
);
const query: fc.Arbitrary<TraceQuery> = fc
  .record(
    {
      attributes: fc.array(condition, { maxLength: 2 }),
      limit: fc.integer({ min: 1, max: 20 }),
      serviceName: fc.constantFrom('s', 'empty-service-name', 'missing-service-name', 'service-name-wrong-type', LONG),
      operationName: fc.constantFrom('o', 'empty-span-name', LONG),
      spanKind: fc.constantFrom(...SPAN_KINDS),
    },
    { requiredKeys: ['attributes', 'limit'] },
  )
  .map((conditions) => ({ ...conditions, time: { startUnixNano: BEGINNING, endUnixNano: BEGINNING + 40_000n } }));

const scenarios = fc.sample(
  fc.record({
    spans: fc.array(span, { minLength: 60, maxLength: 120 }),
    queries: fc.array(query, { minLength: 40, maxLength: 40 }),
  }),
  { seed: 5, numRuns: 3 },
);

for (const [flavour, outside] of Object.entries(SERVERS)) {
  test(`there is ${flavour}`, (context) => {
    foundOrSkipped<SearchServer>(outside, (note) => context.skip(note));
  });

  describe.skipIf('missing' in outside)(`${flavour}, layout jaeger: what the index cannot tell`, () => {
    if ('missing' in outside) return;
    test.each([false, true])('is answered as if it could; all tags as fields: %s', async (all) => {
      const store = await openSearchStore(outside.found.url, { layout: 'jaeger', tagsAsFields: { all } });
      try {
        for (const [i, { spans, queries }] of scenarios.entries()) {
          const context = { tenant: `scenario-${i}`, signal: new AbortController().signal };
          const bytes = encodeTraces(spans);
          const batch = { tenant: context.tenant, encoding: 'otlp_proto' as const, spanCount: spans.length, bytes };
          await store.writer.write([batch], context);
          const stored = spans.map((one) => TRAITS.jaeger.asStored!(one));
          for (const one of queries) {
            const { items } = await store.reader.findTraces(one, context);
            const asked = JSON.stringify(one, (_, part) => (typeof part === 'bigint' ? String(part) : part));
            expect(items, asked.replaceAll(LONG, 'LONG')).toEqual(evaluate(one, stored).slice(0, one.limit));
          }
        }
      } finally {
        await store.close();
      }
    });
  });
}
