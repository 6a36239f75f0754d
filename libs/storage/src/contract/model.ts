import type { Span } from '@spoor/model';
import { SPAN_KINDS, STATUS_CODES, summariseTrace, summarySpanOf } from '@spoor/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AttributeCondition, TraceHit, TraceQuery } from '../reader.ts';
import { evaluate } from './evaluate.ts';
import { attributesOf, BEGINNING, eventOf, resourceOf, spanOf } from './spans.ts';
import type { CurrentStore } from './store.ts';
import { TenantOfTest } from './store.ts';
import type { StorageTraits } from './traits.ts';
import { distinctAsStored, textOf } from './traits.ts';

// Few values, so that they meet.
const key = fc.constantFrom('a', 'b', 'error', 'span.kind', 'service.name');
const text = fc.constantFrom('x', 'true', 'false', '1', 'server', 'ü', '');
const value = fc.oneof(text, fc.boolean(), fc.constantFrom(0n, 1n), fc.constantFrom(1, 0.5));
const tags = fc.dictionary(key, value, { maxKeys: 2, noNullPrototype: true });

/** Times are multiples of `tick`. */
const spanIn = (tick: bigint): fc.Arbitrary<Span> =>
  fc
    .record({
      trace: fc.integer({ min: 1, max: 12 }),
      span: fc.integer({ min: 1, max: 20 }),
      parent: fc.integer({ min: 1, max: 40 }),
      resource: fc
        .tuple(fc.constantFrom('s', 't', ''), fc.dictionary(fc.constantFrom('a', 'zone'), text, { maxKeys: 1 }))
        .map(([service, others]) => resourceOf({ 'service.name': service, ...others })),
      scope: tags.map((values) => ({
        name: '',
        version: '',
        attributes: attributesOf(values),
        droppedAttributesCount: 0,
        schemaUrl: '',
      })),
      name: fc.constantFrom('o', 'p', ''),
      kind: fc.constantFrom(...SPAN_KINDS),
      start: fc.bigInt({ min: 0n, max: 30n }).map((ticks) => ticks * tick),
      duration: fc.bigInt({ min: -1n, max: 5n }).map((ticks) => ticks * tick),
      tags,
      events: fc.array(
        tags.map((values) => eventOf('e', values)),
        { maxLength: 2 },
      ),
      status: fc.record({ code: fc.constantFrom(...STATUS_CODES), message: fc.constant('') }),
    })
    // A third of the spans is a root.
    .map(({ parent, ...rest }) => spanOf(parent > 26 ? rest : { ...rest, parent }));

const conditionKey = fc.oneof(key, fc.constant('zone'));
const condition: fc.Arbitrary<AttributeCondition> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ key: conditionKey, value: text }) },
  fc.record({ key: conditionKey, value: text, operator: fc.constantFrom('eq', 'ne') }),
  fc.record({
    key: conditionKey,
    value: fc.constantFrom('0', '0.5', '1', '-1'),
    operator: fc.constantFrom('gt', 'gte', 'lt', 'lte'),
  }),
);

/** Bounds lie on multiples of `tick` and between them. */
const queryIn = (tick: bigint): fc.Arbitrary<TraceQuery> =>
  fc
    .record(
      {
        attributes: fc.array(condition, { maxLength: 2 }),
        from: fc.bigInt({ min: 0n, max: 15n * tick }),
        length: fc.bigInt({ min: 0n, max: 30n * tick }),
        limit: fc.integer({ min: 1, max: 6 }),
        serviceName: fc.constantFrom('s', 't', 'empty-service-name'),
        operationName: fc.constantFrom('o', 'p', 'empty-span-name'),
        spanKind: fc.constantFrom(...SPAN_KINDS),
        minDurationNanos: fc.bigInt({ min: -tick, max: 5n * tick }),
        maxDurationNanos: fc.bigInt({ min: 0n, max: 5n * tick }),
      },
      { requiredKeys: ['attributes', 'from', 'length', 'limit'] },
    )
    .map(({ from, length, ...conditions }) => ({
      ...conditions,
      time: { startUnixNano: BEGINNING + from, endUnixNano: BEGINNING + from + length },
    }));

async function allPages(tenant: TenantOfTest, asked: TraceQuery): Promise<TraceHit[]> {
  const hits: TraceHit[] = [];
  let next: string | undefined;
  do {
    const page = await tenant.find(next === undefined ? asked : { ...asked, page: next });
    hits.push(...page.items);
    next = page.nextPage;
  } while (next !== undefined);
  return hits;
}

export function describeModel(store: CurrentStore, traits: StorageTraits): void {
  const { resolutionNanos: tick, scenarios: numRuns } = traits;
  describe('against the obvious evaluation', () => {
    const scenarios = fc.sample(
      fc.record({
        batches: fc.array(fc.array(spanIn(tick), { minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 6 }),
        queries: fc.array(queryIn(tick), { minLength: 12, maxLength: 12 }),
        reopens: fc.boolean(),
      }),
      { seed: 1611, numRuns },
    );

    test.each(scenarios.map((scenario, number) => ({ number, ...scenario })))(
      'any spans, any searches: scenario $number',
      async ({ batches, queries, reopens }) => {
        const tenant = new TenantOfTest(store);
        for (const batch of batches) await tenant.write(batch);
        if (reopens) await store().reopen();
        const stored = distinctAsStored(batches.flat(), traits);
        for (const one of queries) {
          const expected = evaluate(one, stored);
          expect((await tenant.find(one)).items, textOf(one)).toEqual(expected.slice(0, one.limit));
          expect(await allPages(tenant, one), textOf(one)).toEqual(expected);
        }
        const byTrace = Map.groupBy(stored, (one) => one.traceId);
        const summaries = await store().reader.summariseTraces([...byTrace.keys()], tenant.context);
        for (const [i, [traceId, spans]] of [...byTrace].entries()) {
          expect((await tenant.trace(traceId)).map(textOf).sort()).toEqual(spans.map(textOf).sort());
          const { rootServiceName, rootOperationName, ...counts } = summariseTrace(traceId, spans.map(summarySpanOf));
          // Spans that share an id and a start leave open which of them names the trace.
          expect(summaries[i]).toMatchObject(counts);
          expect([rootServiceName, rootOperationName]).not.toContain('');
        }
      },
    );
  });
}
