import type { Span } from '@spoor/model';
import { SPAN_KINDS, STATUS_CODES } from '@spoor/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TraceQuery } from '../reader.ts';
import { evaluate } from './evaluate.ts';
import { BEGINNING, spanOf } from './spans.ts';
import type { CurrentStore } from './store.ts';
import { TenantOfTest } from './store.ts';

// Few values, so that they meet.
const key = fc.constantFrom('a', 'b', 'error', 'span.kind');
const text = fc.constantFrom('x', 'true', 'false', '1', 'server', '');
const value = fc.oneof(text, fc.boolean(), fc.constantFrom(0n, 1n), fc.constantFrom(1, 0.5));
const tags = fc.dictionary(key, value, { maxKeys: 3, noNullPrototype: true });
const service = fc.constantFrom('s', 't', '');
const operation = fc.constantFrom('o', 'p', '');

const span: fc.Arbitrary<Span> = fc
  .record({
    trace: fc.integer({ min: 1, max: 12 }),
    span: fc.integer({ min: 1, max: 6 }),
    service,
    name: operation,
    kind: fc.constantFrom(...SPAN_KINDS),
    start: fc.bigInt({ min: 0n, max: 30n }),
    duration: fc.bigInt({ min: -1n, max: 5n }),
    tags,
    status: fc.record({ code: fc.constantFrom(...STATUS_CODES), message: fc.constant('') }),
  })
  .map(spanOf);

const query: fc.Arbitrary<TraceQuery> = fc
  .record(
    {
      attributes: fc.array(fc.record({ key, value: text }), { maxLength: 2 }),
      from: fc.bigInt({ min: 0n, max: 15n }),
      length: fc.bigInt({ min: 0n, max: 30n }),
      limit: fc.integer({ min: 1, max: 8 }),
      serviceName: fc.constantFrom('s', 't', 'empty-service-name'),
      operationName: fc.constantFrom('o', 'p', 'empty-span-name'),
      spanKind: fc.constantFrom(...SPAN_KINDS),
      minDurationNanos: fc.bigInt({ min: -1n, max: 5n }),
      maxDurationNanos: fc.bigInt({ min: 0n, max: 5n }),
    },
    { requiredKeys: ['attributes', 'from', 'length', 'limit'] },
  )
  .map(({ from, length, ...conditions }) => ({
    ...conditions,
    time: { startUnixNano: BEGINNING + from, endUnixNano: BEGINNING + from + length },
  }));

export function describeModel(store: CurrentStore): void {
  describe('against the obvious evaluation', () => {
    test('any search over any spans has the same answer', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(span, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 4 }),
          fc.array(query, { minLength: 4, maxLength: 12 }),
          async (batches, queries) => {
            const tenant = new TenantOfTest(store);
            for (const batch of batches) await tenant.write(batch);
            for (const one of queries) expect((await tenant.find(one)).items).toEqual(evaluate(one, batches.flat()));
          },
        ),
        { seed: 1611, numRuns: 40 },
      );
    });
  });
}
