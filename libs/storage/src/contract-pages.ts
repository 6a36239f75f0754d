import { describe, expect, test } from 'vitest';
import type { OpenStoreForTest } from './contract.ts';
import { contextOf, EPOCH, findAll, queryOf, spanIdOf, spanOf, traceIdOf, write } from './contract-spans.ts';
import { freshStore } from './contract-store.ts';

export function describePages(open: OpenStoreForTest): void {
  describe('pages', () => {
    const store = freshStore(open);
    const traceCount = 53;

    async function fill(): Promise<void> {
      const spans = Array.from({ length: traceCount * 3 }, (_, i) =>
        spanOf({
          traceId: traceIdOf(i % traceCount),
          spanId: spanIdOf(i),
          // Many starts coincide.
          startTimeUnixNano: EPOCH + BigInt((i * 7) % 40),
          attributes: { even: i % 2 === 0 },
        }),
      );
      await write(store(), spans);
    }

    test.each([1, 2, 7, 53, 54])('pages of %i follow one another without gap or repetition', async (limit) => {
      await fill();
      const query = { attributes: [{ key: 'even', value: 'true' }] };
      const { items: whole } = await store().reader.findTraces(queryOf({ ...query, limit: 1000 }), contextOf());
      expect(whole).toHaveLength(traceCount);
      expect(await findAll(store(), { ...query, limit })).toEqual(whole);
    });

    test('while spans arrive, also for traces that were on an earlier page', async () => {
      await fill();
      const { items: whole } = await store().reader.findTraces(queryOf({ limit: 1000 }), contextOf());
      const hits = await findAll(store(), { limit: 10 }, async (pages) => {
        await write(store(), [
          spanOf({ traceId: traceIdOf(pages), spanId: spanIdOf(1000 + pages), startTimeUnixNano: EPOCH + 20n }),
          spanOf({ traceId: traceIdOf(1000 + pages), startTimeUnixNano: EPOCH + 10n }),
          spanOf({ traceId: traceIdOf(2000 + pages), startTimeUnixNano: EPOCH + 1000n }),
        ]);
      });
      expect(hits).toEqual(whole);
    });

    test('also over a restart', async () => {
      await fill();
      const { items: whole } = await store().reader.findTraces(queryOf({ limit: 1000 }), contextOf());
      expect(await findAll(store(), { limit: 20 }, () => store().reopen())).toEqual(whole);
    });

    test('a token for other conditions, or of nobody, is refused', async () => {
      await fill();
      const { nextPage = '' } = await store().reader.findTraces(queryOf({ limit: 5 }), contextOf());
      expect(nextPage).not.toBe('');
      for (const query of [
        { page: nextPage, serviceName: 'service' },
        { page: `${nextPage}0` },
        { page: 'nonsense' },
        { page: '' },
      ]) {
        await expect(store().reader.findTraces(queryOf(query), contextOf())).rejects.toMatchObject({
          code: 'SPOOR_INVALID_REQUEST',
        });
      }
    });
  });
}
