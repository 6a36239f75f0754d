import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatLogfmt, parseLogfmt, tokenise } from './logfmt.ts';

describe('parseLogfmt', () => {
  test('reads bare and quoted values', () => {
    expect(parseLogfmt('http.status_code=500  error=true db.statement="select \\"a\\" = 1"')).toEqual({
      tags: [
        { key: 'http.status_code', value: '500' },
        { key: 'error', value: 'true' },
        { key: 'db.statement', value: 'select "a" = 1' },
      ],
    });
  });

  test('keeps every equals sign after the first', () => {
    expect(parseLogfmt('url.query=a=b&c=d')).toEqual({ tags: [{ key: 'url.query', value: 'a=b&c=d' }] });
  });

  test('reads comparisons, whose keys may come again', () => {
    expect(parseLogfmt('http.status_code>=500 n>1 n<-2.5e3 peer!=db "a b"<=0 k=>5')).toEqual({
      tags: [
        { key: 'http.status_code', comparison: '>=', value: '500' },
        { key: 'n', comparison: '>', value: '1' },
        { key: 'n', comparison: '<', value: '-2.5e3' },
        { key: 'peer', comparison: '!=', value: 'db' },
        { key: 'a b', comparison: '<=', value: '0' },
        { key: 'k', value: '>5' },
      ],
    });
    expect(parseLogfmt('"a>b"=c wow!=d hey!')).toMatchObject({ problem: { at: 15 } });
  });

  test('no text is no tags', () => {
    expect(parseLogfmt('  ')).toEqual({ tags: [] });
  });

  test.each([
    ['error', 'has no value', 0],
    ['a=1 error', 'has no value', 4],
    ['error=', 'empty value', 6],
    ['=true', 'without its key', 0],
    ['msg="two words', 'never closed', 4],
    ['a="1"b=2', 'A space is missing', 5],
    ['a=1 a=2', 'comes twice', 4],
    ['a>', 'write a>value', 2],
    ['a>five', 'only numbers compare with >', 0],
    ['>=5', 'without its key', 0],
  ])('says what is wrong with %s', (text, message, at) => {
    const result = parseLogfmt(text);
    expect(result).toMatchObject({ problem: { at } });
    expect('problem' in result && result.problem.message).toContain(message);
  });

  test('reads back what formatLogfmt writes, whatever the words', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1 });
    const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);
    const tag = fc.oneof(
      fc.record({ key: word, value: word }),
      fc.record({ key: word, value: word, comparison: fc.constant('!=' as const) }),
      fc.record({ key: word, value: number, comparison: fc.constantFrom('>', '>=', '<', '<=') }),
    );
    const tags = fc.uniqueArray(tag, { selector: ({ key }) => key });
    fc.assert(
      fc.property(tags, (written) => {
        expect(parseLogfmt(formatLogfmt(written))).toEqual({ tags: written });
      }),
    );
  });
});

test('tokenise ends, and covers everything but white space, whatever is typed', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '=', '<', '!', '"', '\\', ' ') }), (text) => {
      const covered = tokenise(text).reduce((sum, token) => sum + text.slice(token.start, token.end).length, 0);
      expect(covered).toBeGreaterThanOrEqual(text.replaceAll(' ', '').length);
    }),
  );
});
