import type { Span } from '@spoor/model';
import { expect, test } from 'vitest';
import { event, id, MS, NOON, resource, span, warningsIn } from '../test/spans.ts';
import { adjustClockSkew } from './clock-skew.ts';

const HOUR = 3_600_000n * MS;
const WEB = resource('web', [{ key: 'host.name', value: 'a' }]);
const API = resource('api', [{ key: 'host.name', value: 'b' }]);

function on(where: Span['resource'], number: number, parent: number, start: bigint, duration: bigint): Span {
  return span({
    spanId: id(number),
    parentSpanId: parent === 0 ? '' : id(parent),
    resource: where,
    startTimeUnixNano: NOON + start * MS,
    endTimeUnixNano: NOON + (start + duration) * MS,
  });
}

test('a child on another host is moved to the middle of its parent, with its events and what runs below it', () => {
  const child = { ...on(API, 2, 1, -50n, 60n), events: [event({ timeUnixNano: NOON - 40n * MS })] };
  const after = adjustClockSkew([on(WEB, 1, 0, 0n, 100n), child, on(API, 3, 2, -45n, 10n)], HOUR);
  // The slack of 40 ms is shared by both sides: from -50 to 20.
  expect(after[1]?.startTimeUnixNano).toBe(NOON + 20n * MS);
  expect(after[1]?.endTimeUnixNano).toBe(NOON + 80n * MS);
  expect(after[1]?.events[0]?.timeUnixNano).toBe(NOON + 30n * MS);
  expect(after[2]?.startTimeUnixNano).toBe(NOON + 25n * MS);
  expect(warningsIn(after[1])).toEqual(["This span's timestamps were adjusted by 70ms"]);
});

test('with 0 nothing is shifted and a warning tells what would have been', () => {
  const spans = [on(WEB, 1, 0, 0n, 100n), on(API, 2, 1, -50n, 60n)];
  const after = adjustClockSkew(spans, 0n);
  expect(after[0]).toBe(spans[0]);
  expect(after[1]?.startTimeUnixNano).toBe(spans[1]?.startTimeUnixNano);
  expect(warningsIn(after[1])).toEqual(['clock skew adjustment disabled; not applying calculated delta of 70ms']);
});

test('a shift beyond the maximum is not made', () => {
  const [, child] = adjustClockSkew([on(WEB, 1, 0, 0n, 100n), on(API, 2, 1, -50n, 60n)], 60n * MS);
  expect(child?.startTimeUnixNano).toBe(NOON - 50n * MS);
  expect(warningsIn(child)).toEqual([
    'max clock skew adjustment delta of 60ms exceeded; not applying calculated delta of 70ms',
  ]);
});

test('a child that outlasts its parent is only moved forward to where the parent starts', () => {
  const [, early] = adjustClockSkew([on(WEB, 1, 0, 0n, 10n), on(API, 2, 1, -5n, 20n)], HOUR);
  expect(early?.startTimeUnixNano).toBe(NOON);
  const late = [on(WEB, 1, 0, 0n, 10n), on(API, 2, 1, 5n, 20n)];
  expect(adjustClockSkew(late, HOUR)).toBe(late);
});

test('children on the host of their parent keep their times, whatever these are', () => {
  const spans = [on(WEB, 1, 0, 0n, 100n), on(WEB, 2, 1, -50n, 60n)];
  expect(adjustClockSkew(spans, HOUR)).toBe(spans);
});

test('without a host nothing is known to agree', () => {
  const [, child] = adjustClockSkew([on(resource('web'), 1, 0, 0n, 100n), on(resource('web'), 2, 1, -50n, 60n)], HOUR);
  expect(child?.startTimeUnixNano).toBe(NOON + 20n * MS);
});

test('repeated ids and missing parents get warnings', () => {
  const [, twin, orphan] = adjustClockSkew([on(WEB, 1, 0, 0n, 9n), on(WEB, 1, 0, 1n, 9n), on(WEB, 3, 8, 2n, 9n)], HOUR);
  expect(warningsIn(twin)).toEqual(['duplicate span IDs; skipping clock skew adjustment']);
  expect(warningsIn(orphan)).toEqual([`invalid parent span IDs=${id(8)}; skipping clock skew adjustment`]);
});

test('spans that are one another’s parent do not hang it', () => {
  const spans = [on(WEB, 1, 2, 0n, 9n), on(API, 2, 1, 0n, 9n), on(WEB, 3, 3, 0n, 9n)];
  expect(adjustClockSkew(spans, HOUR)).toBe(spans);
});

test('a chain of 50,000 calls is followed to its end', () => {
  const depth = 50_000;
  const spans = Array.from({ length: depth }, (_, index) =>
    on(index % 2 === 0 ? WEB : API, index + 1, index, BigInt(index % 2 === 0 ? 0 : -1), 10n),
  );
  const after = adjustClockSkew(spans, HOUR);
  expect(after.at(-1)?.startTimeUnixNano).toBe(NOON);
});
