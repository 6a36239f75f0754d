import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBoundedJson } from './json-parse.ts';

const utf8 = new TextEncoder();
const parse = (json: string) => parseBoundedJson(utf8.encode(json), 8);

test.each([
  ['9007199254740991', 9_007_199_254_740_991],
  ['9007199254740992', 9_007_199_254_740_992n],
  ['9007199254740993', 9_007_199_254_740_993n],
  ['-9007199254740993', -9_007_199_254_740_993n],
  ['1767225600000001', 1_767_225_600_000_001],
  ['18446744073709551615', 18_446_744_073_709_551_615n],
  ['0.12345678901234566', Number('0.12345678901234566')],
  ['1e400', Number.POSITIVE_INFINITY],
])('the number %s keeps its value', (text, value) => {
  expect(parse(`{"a":[${text}]}`)).toEqual({ a: [value] });
});

test('integers of any length up to 64 bits are exact, among others and alone', () => {
  fc.assert(
    fc.property(
      fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), { minLength: 1, maxLength: 3 }),
      (numbers) => {
        const parsed = parse(JSON.stringify(numbers.map(String)).replaceAll('"', '')) as (number | bigint)[];
        expect(parsed.map((number) => BigInt(number))).toEqual(numbers);
      },
    ),
    { seed: 53, numRuns: 1_000 },
  );
  // About the number from which a double is no longer exact.
  for (let number = 2n ** 53n - 1_000n; number < 2n ** 53n + 1_000n; number += 1n)
    expect(BigInt(parse(String(number)) as number | bigint)).toBe(number);
});
