import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseExactJson } from './exact-json.ts';

/** A value and a JSON text of it. */
type Written = readonly [value: unknown, json: string];

test.each([
  ['1767225600000000001', 1_767_225_600_000_000_001n],
  ['-9007199254740993', -9_007_199_254_740_993n],
  ['9007199254740991', 9_007_199_254_740_991],
  ['1234567890123456.5', 1_234_567_890_123_456.5],
  ['0.1250000000000000000', 0.125],
  ['12345678901234567890e-10', 1_234_567_890.123_456_7],
  ['1e0000000000000000001', 10],
  ['1e+0000000000000000001', 10],
  ['"1767225600000000001"', '1767225600000000001'],
  ['"a\\"1767225600000000001"', 'a"1767225600000000001'],
  ['["\\\\",1767225600000000001]', ['\\', 1_767_225_600_000_000_001n]],
  ['{"1767225600000000001":[1767225600000000001]}', { '1767225600000000001': [1_767_225_600_000_000_001n] }],
  [
    '["\uE000","\\uE0001","\\ue000\uE000",1767225600000000001]',
    ['\uE000', '\uE0001', '\uE000\uE000', 1_767_225_600_000_000_001n],
  ],
  ['{"\uE000a":1767225600000000001}', { '\uE000a': 1_767_225_600_000_000_001n }],
])('%s', (text, value) => {
  expect(parseExactJson(text)).toEqual(value);
});

test.each(['', '"', '{"a":', '"\\', '[1767225600000000001'])('%j is no JSON', (text) => {
  expect(() => parseExactJson(text)).toThrow(SyntaxError);
});

test('any JSON is what was written', () => {
  const integer = fc.bigInt({ min: -(1n << 70n), max: 1n << 70n }).map((one): Written => {
    return [Number.isSafeInteger(Number(one)) ? Number(one) : one, String(one)];
  });
  const double = fc
    .double({ noNaN: true, noDefaultInfinity: true, noInteger: true })
    .map((one): Written => [one, String(one)]);
  const text = fc
    .oneof(fc.string(), fc.constantFrom('\uE000', '\\', '"', '1767225600000000001'))
    .map((one): readonly [string, string] => [one, JSON.stringify(one)]);
  // V8 24 takes the key "\"" for one that is a backslash, once it has seen that in another object.
  const key = text.filter(([one]) => !one.includes('\\'));
  const { whole } = fc.letrec<{ whole: Written }>((tie) => ({
    whole: fc.oneof(
      { maxDepth: 4 },
      integer,
      double,
      text,
      fc.constantFrom<Written>([true, 'true'], [null, 'null']),
      fc
        .array(tie('whole'), { maxLength: 4 })
        .map((entries): Written => [entries.map(([one]) => one), `[${entries.map(([, json]) => json).join(',')}]`]),
      fc
        .uniqueArray(fc.tuple(key, tie('whole')), { maxLength: 4, selector: ([[key]]) => key })
        .map(
          (entries): Written => [
            Object.fromEntries(entries.map(([[key], [one]]) => [key, one])),
            `{${entries.map(([[, key], [, json]]) => `${key} :\n${json}`).join(', ')}}`,
          ],
        ),
    ),
  }));
  fc.assert(
    fc.property(whole, ([value, json]) => {
      expect(parseExactJson(json)).toEqual(value);
    }),
    { seed: 7, numRuns: 2_000 },
  );
});
