import type { Span } from '@spoor/model';
import { operationNameOf, serviceNameOf, summariseTrace, summarySpanOf } from '@spoor/model';
import { attributeText } from '@spoor/otlp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OpenStoreForTest } from './contract.ts';
import { contextOf, EPOCH, findAll, readTrace, spanIdOf, spanOf, traceIdOf, write } from './contract-spans.ts';
import { freshStore } from './contract-store.ts';
import type { TraceHit, TraceQuery } from './reader.ts';

const RUNS = 15;
const QUERIES_PER_RUN = 12;
const SEED = 20_261_121;

const values = fc.constantFrom('x', 'true', 'ü', '', '7', 'server');
const keys = fc.constantFrom('k', 'error', 'span.kind', 'service.name');
const attributes = fc.dictionary(keys, fc.oneof(values, fc.constantFrom(true, 7n, 0.5)), { maxKeys: 2 });
const services = fc.constantFrom('a', 'b', 'c');

const spans: fc.Arbitrary<Span> = fc
  .record({
    trace: fc.nat(12),
    span: fc.nat(30),
    parent: fc.option(fc.nat(30)),
    service: services,
    name: fc.constantFrom('', 'get', 'put'),
    kind: fc.constantFrom('unspecified', 'server', 'client'),
    start: fc.nat(20),
    duration: fc.nat(5),
    code: fc.constantFrom('unset', 'error'),
    attributes,
    eventAttributes: attributes,
    resourceAttributes: fc.dictionary(fc.constantFrom('k', 'zone'), values, { maxKeys: 1 }),
  })
  .map(({ trace, span, parent, start, duration, code, ...rest }) =>
    spanOf({
      ...rest,
      traceId: traceIdOf(trace),
      spanId: spanIdOf(span),
      parentSpanId: parent === null ? '' : spanIdOf(parent),
      startTimeUnixNano: EPOCH + BigInt(start),
      endTimeUnixNano: EPOCH + BigInt(start + duration),
      status: { code, message: '' },
    }),
  );

const queries: fc.Arbitrary<TraceQuery> = fc
  .record(
    {
      serviceName: services,
      operationName: fc.constantFrom('empty-span-name', 'get', 'put'),
      spanKind: fc.constantFrom('unspecified', 'server', 'client'),
      minDurationNanos: fc.nat(5).map(BigInt),
      maxDurationNanos: fc.nat(5).map(BigInt),
      attributes: fc.array(
        fc.record({ key: fc.oneof(keys, fc.constant('zone')), value: fc.oneof(values, fc.constant('false')) }),
        {
          maxLength: 2,
        },
      ),
      time: fc.tuple(fc.nat(20), fc.nat(20)).map(([from, length]) => ({
        startUnixNano: EPOCH + BigInt(from),
        endUnixNano: EPOCH + BigInt(from + length),
      })),
      limit: fc.integer({ min: 1, max: 6 }),
    },
    { requiredKeys: ['attributes', 'time', 'limit'] },
  )
  .map((query) => query as TraceQuery);

/** The answer by going through all spans. */
function evaluate(stored: readonly Span[], query: TraceQuery): TraceHit[] {
  const newest = new Map<string, bigint>();
  for (const span of stored) {
    if (!matches(span, query)) continue;
    const known = newest.get(span.traceId);
    if (known === undefined || span.startTimeUnixNano > known) newest.set(span.traceId, span.startTimeUnixNano);
  }
  return [...newest]
    .map(([traceId, newestMatchUnixNano]) => ({ traceId, newestMatchUnixNano }))
    .sort(
      (a, b) =>
        Number(b.newestMatchUnixNano - a.newestMatchUnixNano) ||
        (a.traceId < b.traceId ? -1 : a.traceId > b.traceId ? 1 : 0),
    );
}

function matches(span: Span, query: TraceQuery): boolean {
  const duration = span.endTimeUnixNano - span.startTimeUnixNano;
  return (
    (query.serviceName === undefined || query.serviceName === serviceNameOf(span.resource)) &&
    (query.operationName === undefined || query.operationName === operationNameOf(span)) &&
    (query.spanKind === undefined || query.spanKind === span.kind) &&
    (query.minDurationNanos === undefined || duration >= query.minDurationNanos) &&
    (query.maxDurationNanos === undefined || duration <= query.maxDurationNanos) &&
    span.startTimeUnixNano >= query.time.startUnixNano &&
    span.startTimeUnixNano <= query.time.endUnixNano &&
    query.attributes.every(({ key, value }) => attributeHolds(span, key, value))
  );
}

function attributeHolds(span: Span, key: string, value: string): boolean {
  const lists = [
    span.attributes,
    span.resource.attributes,
    span.scope.attributes,
    ...span.events.map((e) => e.attributes),
  ];
  const has = (text: string) => lists.flat().some((a) => a.key === key && attributeText(a.value) === text);
  if (key === 'error' && value === 'true') return span.status.code === 'error' || has('true');
  if (key === 'error' && value === 'false') return span.status.code !== 'error' && !has('true');
  return has(value) || (key === 'span.kind' && span.kind === value);
}

const textOf = (value: unknown) => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}n` : v));

function distinct(all: readonly Span[]): Span[] {
  return [...new Map(all.map((span) => [textOf(span), span])).values()];
}

export function describeModel(open: OpenStoreForTest): void {
  describe('model', () => {
    const store = freshStore(open);
    const scenarios = fc.sample(
      fc.record({
        batches: fc.array(fc.array(spans, { minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 6 }),
        queries: fc.array(queries, { minLength: QUERIES_PER_RUN, maxLength: QUERIES_PER_RUN }),
        reopens: fc.boolean(),
      }),
      { numRuns: RUNS, seed: SEED },
    );

    test.each(scenarios.map((scenario, number) => ({ number, ...scenario })))(
      'answers are those of going through all spans: scenario $number',
      async ({ batches, queries: asked, reopens }) => {
        for (const batch of batches) await write(store(), batch);
        if (reopens) await store().reopen();
        const stored = distinct(batches.flat());
        for (const query of asked) {
          expect(await findAll(store(), query), textOf(query)).toEqual(evaluate(stored, query));
        }
        const byTrace = Map.groupBy(stored, (span) => span.traceId);
        const summaries = await store().reader.summariseTraces([...byTrace.keys()], contextOf());
        for (const [i, [traceId, expected]] of [...byTrace].entries()) {
          expect((await readTrace(store(), traceId)).map(textOf).sort()).toEqual(expected.map(textOf).sort());
          const { rootServiceName, rootOperationName, ...counts } = summariseTrace(
            traceId,
            expected.map(summarySpanOf),
          );
          // Spans that share an id and a start leave open which of them names the trace.
          expect(summaries[i]).toMatchObject(counts);
          expect([rootServiceName, rootOperationName]).not.toContain('');
        }
      },
    );
  });
}
