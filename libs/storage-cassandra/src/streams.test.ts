import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { intersectionOf } from './intersection.ts';
import type { Moment, StartStream } from './start-stream.ts';
import { unionOf } from './union.ts';

type Row = { readonly start: number; readonly trace: number };

/** Rows in memory, each a span of its own. */
function streamOf(rows: readonly Row[]): StartStream {
  const starts = [...new Set(rows.map(({ start }) => start))].sort((a, b) => b - a);
  return {
    next: async (atMost) => {
      const start = starts.find((one) => BigInt(one) <= atMost);
      if (start === undefined) return undefined;
      const here = rows.filter((row) => row.start === start);
      return {
        startMicros: BigInt(start),
        rows: here.map(({ trace }) => ({ traceId: String(trace), spanId: BigInt(trace) })),
        tells: 'spans',
      };
    },
  };
}

async function all(stream: StartStream): Promise<string[]> {
  const found: string[] = [];
  for (let bound = 100n; ; ) {
    const moment: Moment | undefined = await stream.next(bound);
    if (moment === undefined) return found;
    expect(moment.startMicros).toBeLessThanOrEqual(bound);
    expect(await stream.next(bound)).toEqual(moment);
    for (const traceId of [...new Set(moment.rows.map((row) => row.traceId))].sort())
      found.push(`${moment.startMicros} ${traceId}`);
    bound = moment.startMicros - 1n;
  }
}

const expected = (rows: readonly Row[]) =>
  [...new Set(rows.map(({ start, trace }) => `${start} ${trace}`))].sort(
    (a, b) => Number(b.split(' ')[0]) - Number(a.split(' ')[0]) || (a < b ? -1 : 1),
  );

const row = fc.record({ start: fc.integer({ min: 0, max: 12 }), trace: fc.integer({ min: 1, max: 4 }) });
const lists = fc.array(fc.array(row, { maxLength: 15 }), { minLength: 1, maxLength: 4 });

describe('streams of starts', () => {
  test('united have all rows, newest first', async () => {
    await fc.assert(
      fc.asyncProperty(lists, async (some) => {
        expect(await all(unionOf(some.map(streamOf)))).toEqual(expected(some.flat()));
      }),
    );
  });

  test('intersected have the rows that are in each', async () => {
    await fc.assert(
      fc.asyncProperty(lists, async (some) => {
        const [first = [], ...rest] = some;
        const isIn =
          ({ start, trace }: Row) =>
          (rows: readonly Row[]) =>
            rows.some((other) => other.start === start && other.trace === trace);
        const common = first.filter((one) => rest.every(isIn(one)));
        expect(await all(intersectionOf(some.map(streamOf)))).toEqual(expected(common));
      }),
    );
  });

  test('that keep one row of several rule out starts, but no rows', async () => {
    const lossy: StartStream = {
      next: async (atMost) =>
        atMost < 5n ? undefined : { startMicros: 5n, rows: [{ traceId: '9' }], tells: 'starts' },
    };
    const rows = [5, 7].map((start) => ({ start, trace: 1 }));
    expect(await all(intersectionOf([streamOf(rows), lossy]))).toEqual(['5 1']);
    expect(await all(lossy)).toEqual(['5 9']);
  });

  test('that tell nothing leave all to the others', async () => {
    const nothing: StartStream = { next: async (atMost) => ({ startMicros: atMost, rows: [], tells: 'nothing' }) };
    const rows = [5, 7].map((start) => ({ start, trace: 1 }));
    expect(await all(intersectionOf([nothing, streamOf(rows)]))).toEqual(['7 1', '5 1']);
  });
});
