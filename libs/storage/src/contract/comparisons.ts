import { describe, expect, test } from 'vitest';
import type { AttributeOperator } from '../reader.ts';
import { attributesOf, eventOf, queryOf, resourceOf, type SpanSketch, spanOf, traceIdOf } from './spans.ts';
import type { CurrentStore } from './store.ts';
import { TenantOfTest } from './store.ts';
import type { StorageTraits } from './traits.ts';

const MAX_INT64 = 9_223_372_036_854_775_807n;

export function describeComparisons(store: CurrentStore, { asStored }: StorageTraits): void {
  /** One trace a sketch, numbered from 1. Gives the numbers of the traces that a condition finds. */
  async function stored(...sketches: Omit<SpanSketch, 'trace' | 'span'>[]) {
    const tenant = new TenantOfTest(store);
    await tenant.write(sketches.map((sketch, i) => spanOf({ ...sketch, trace: i + 1, span: 1 })));
    return async (key: string, operator: AttributeOperator, value: string): Promise<number[]> => {
      const ids = await tenant.found(queryOf({ attributes: [{ key, operator, value }] }));
      return ids.map((id) => Number.parseInt(id, 16)).sort((a, b) => a - b);
    };
  }

  describe('comparisons', () => {
    test('of integers and doubles, each bound in and out', async () => {
      const find = await stored({ tags: { n: 499n } }, { tags: { n: 500n } }, { tags: { n: 500.5 } }, { tags: {} });
      expect(await find('n', 'gt', '500')).toEqual([3]);
      expect(await find('n', 'gte', '500')).toEqual([2, 3]);
      expect(await find('n', 'lt', '500')).toEqual([1]);
      expect(await find('n', 'lte', '500')).toEqual([1, 2]);
      expect(await find('n', 'gt', '499.99')).toEqual([2, 3]);
      expect(await find('n', 'lte', '5.005e2')).toEqual([1, 2, 3]);
      expect(await find('n', 'lt', '+.5E3')).toEqual([1]);
      expect(await find('nobody', 'lt', '500')).toEqual([]);
    });

    test('of numbers below zero, and of both zeros', async () => {
      const find = await stored({ tags: { n: -10n } }, { tags: { n: -2.5 } }, { tags: { n: -0 } }, { tags: { n: 0n } });
      expect(await find('n', 'lt', '-2.5')).toEqual([1]);
      expect(await find('n', 'lte', '-2.5')).toEqual([1, 2]);
      expect(await find('n', 'gt', '-10')).toEqual([2, 3, 4]);
      expect(await find('n', 'gte', '0')).toEqual([3, 4]);
      expect(await find('n', 'lte', '-0')).toEqual([1, 2, 3, 4]);
    });

    test('are exact where doubles are not', async () => {
      const find = await stored(
        { tags: { n: 9_007_199_254_740_992n } },
        { tags: { n: 9_007_199_254_740_993n } },
        { tags: { n: 9_007_199_254_740_992 } },
        { tags: { n: MAX_INT64 } },
        { tags: { n: 2 ** 63 } },
      );
      expect(await find('n', 'gt', '9007199254740992')).toEqual([2, 4, 5]);
      expect(await find('n', 'lte', '9007199254740992')).toEqual([1, 3]);
      expect(await find('n', 'gt', '9007199254740992.5')).toEqual([2, 4, 5]);
      expect(await find('n', 'gt', '9223372036854775807')).toEqual([5]);
      expect(await find('n', 'gte', '9223372036854775807')).toEqual([4, 5]);
      expect(await find('n', 'gt', '1e19')).toEqual([]);
    });

    test('take a double for the decimal number that it is written as', async () => {
      const find = await stored({ tags: { n: 0.1 } }, { tags: { n: 5e-324 } }, { tags: { n: Number.MAX_VALUE } });
      // The double itself lies a little above 0.1.
      expect(await find('n', 'lte', '0.1')).toEqual([1, 2]);
      expect(await find('n', 'gt', '0.1')).toEqual([3]);
      expect(await find('n', 'gt', '0.09999999999999999999')).toEqual([1, 3]);
      expect(await find('n', 'lt', '0.10000000000000000001')).toEqual([1, 2]);
      expect(await find('n', 'gt', '0')).toEqual([1, 2, 3]);
      expect(await find('n', 'lt', '1e-323')).toEqual([2]);
      expect(await find('n', 'lt', '1e999')).toEqual([1, 2, 3]);
      expect(await find('n', 'gt', '1.7976931348623157e308')).toEqual([]);
      expect(await find('n', 'gte', '1.7976931348623157e308')).toEqual([3]);
    });

    test('find infinite values at their ends, and what is not a number nowhere', async () => {
      const find = await stored(
        { tags: { n: Number.POSITIVE_INFINITY } },
        { tags: { n: Number.NEGATIVE_INFINITY } },
        { tags: { n: Number.NaN } },
      );
      expect(await find('n', 'gt', '1e999')).toEqual([1]);
      expect(await find('n', 'lt', '-1e999')).toEqual([2]);
      expect(await find('n', 'lte', '0')).toEqual([2]);
      expect(await find('n', 'gte', '0')).toEqual([1]);
    });

    test('look at numbers only: not at texts, booleans, bytes, lists and maps', async () => {
      const find = await stored(
        { tags: { n: '600' } },
        { tags: { n: true } },
        { tags: { n: Uint8Array.of(6) } },
        { tags: { n: [600n] } },
        { tags: { n: { entries: attributesOf({ n: 600n }) } } },
        { attributes: [...attributesOf({ n: '600' }), ...attributesOf({ n: 600n })] },
      );
      expect(await find('n', 'gte', '-1e9')).toEqual([6]);
      expect(await find('n', 'lte', '1e9')).toEqual([6]);
    });

    test('look at the span, the resource, the scope and the events; any value of the key is enough', async () => {
      const scope = { name: '', version: '', droppedAttributesCount: 0, schemaUrl: '' };
      const inScope = { scope: { ...scope, attributes: attributesOf({ n: 7n }) } };
      const find = await stored(
        { tags: { n: 7n } },
        { resource: resourceOf({ 'service.name': 'shop', n: 7n }) },
        inScope,
        { events: [eventOf('a', { n: 1n }), eventOf('b', { n: 7n })] },
        { tags: { n: 1n } },
      );
      // Schemas of the peer have no place for a scope's attributes.
      const keepsScopes = asStored(spanOf({ ...inScope, trace: 1, span: 1 })).scope.attributes.length > 0;
      expect(await find('n', 'gt', '5')).toEqual(keepsScopes ? [1, 2, 3, 4] : [1, 2, 4]);
      expect(await find('n', 'lt', '5')).toEqual([4, 5]);
    });

    test('all hold on one and the same span, with other conditions', async () => {
      const tenant = new TenantOfTest(store);
      await tenant.write([
        spanOf({ trace: 1, span: 1, tags: { n: 1n, a: 'x' } }),
        spanOf({ trace: 1, span: 2, tags: { n: 9n, a: 'y' } }),
        spanOf({ trace: 2, span: 1, tags: { n: 9n, a: 'x' } }),
        spanOf({ trace: 3, span: 1, tags: { n: 5n, a: 'x' }, service: 'other' }),
      ]);
      const attributes = [
        { key: 'n', operator: 'gte', value: '5' },
        { key: 'a', value: 'x' },
      ] as const;
      expect(await tenant.found(queryOf({ attributes }))).toEqual([2, 3].map(traceIdOf));
      expect(await tenant.found(queryOf({ attributes, serviceName: 'shop' }))).toEqual([traceIdOf(2)]);
      const between = [
        { key: 'n', operator: 'gt', value: '1' },
        { key: 'n', operator: 'lt', value: '9' },
      ] as const;
      expect(await tenant.found(queryOf({ attributes: between }))).toEqual([traceIdOf(3)]);
    });

    test('eq and ne compare texts; ne wants the key', async () => {
      const find = await stored(
        { tags: { k: 'x' } },
        { tags: { k: 'y' } },
        { attributes: [...attributesOf({ k: 'x' }), ...attributesOf({ k: 'y' })] },
        { tags: {} },
        { tags: { k: 5n } },
        { tags: { k: 5 } },
      );
      expect(await find('k', 'eq', 'x')).toEqual([1, 3]);
      expect(await find('k', 'ne', 'x')).toEqual([2, 5, 6]);
      expect(await find('k', 'ne', '5')).toEqual([1, 2, 3]);
      expect(await find('k', 'ne', 'nobody')).toEqual([1, 2, 3, 5, 6]);
    });

    test('ne of the synthetic keys is the opposite of eq', async () => {
      const find = await stored(
        { kind: 'server', status: { code: 'error', message: '' } },
        { kind: 'client', tags: { error: 'timeout' } },
        { kind: 'unspecified', tags: { 'span.kind': 'server', error: true } },
      );
      expect(await find('span.kind', 'ne', 'server')).toEqual([2]);
      expect(await find('error', 'ne', 'true')).toEqual([2]);
      expect(await find('error', 'ne', 'false')).toEqual([1, 3]);
      expect(await find('error', 'ne', 'timeout')).toEqual([1, 3]);
    });

    test.each(['', 'five', '5ms', '0x10', '1_000', 'NaN', 'Infinity', ' 5', '1e99999', '.', '-'])(
      'with %j, which is no decimal number, are refused',
      async (value) => {
        const find = await stored({ tags: { n: 5n } });
        await expect(find('n', 'gt', value)).rejects.toMatchObject({ code: 'SPOOR_INVALID_REQUEST' });
      },
    );
  });
}
