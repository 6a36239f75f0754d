import { expect, test } from 'vitest';
import { completionsAt } from './tag-completion.ts';

const source = {
  keys: () => ['error', 'http.route', 'http.request.method', 'peer name'],
  values: (key: string) => (key === 'http.request.method' ? ['GET', 'POST', 'say "hi"'] : []),
};

function complete(marked: string) {
  const caret = marked.indexOf('|');
  return completionsAt(marked.replace('|', ''), caret, source).map(({ label, text, caret: at }) => [
    label,
    `${text.slice(0, at)}|${text.slice(at)}`,
  ]);
}

test('offers keys that are not used yet', () => {
  expect(complete('error=true htt|').map(([label]) => label)).toEqual(['http.route', 'http.request.method']);
  expect(complete('error=true |').map(([label]) => label)).not.toContain('error');
});

test('replaces the key under the caret and leaves the rest', () => {
  expect(complete('rou| error=true')).toEqual([['http.route', 'http.route=| error=true']]);
});

test('offers values after the equals sign, quoted where they must be', () => {
  expect(complete('http.request.method=p|')).toEqual([['POST', 'http.request.method=POST|']]);
  expect(complete('http.request.method=say|')).toEqual([['say "hi"', 'http.request.method="say \\"hi\\""|']]);
});

test('keeps the comparison before a value', () => {
  expect(complete('http.request.method!=p|')).toEqual([['POST', 'http.request.method!=POST|']]);
});

test('offers nothing when the value stands already', () => {
  expect(complete('http.request.method=POST|')).toEqual([]);
});
