import { expect, test } from 'vitest';
import { partsOf } from './Highlighted.tsx';

test('words are marked wherever they stand, the longer one first', () => {
  expect(partsOf('GET /cart', ['cart'])).toEqual(['GET /', 'cart', '']);
  expect(partsOf('aXbxc', ['x'])).toEqual(['a', 'X', 'b', 'x', 'c']);
  expect(partsOf('statement', ['state', 'statement'])).toEqual(['', 'statement', '']);
  expect(partsOf('nothing', ['cart', ''])).toEqual(['nothing']);
});

test('a text whose lower case is longer is left as it is', () => {
  expect(partsOf('İx', ['x'])).toEqual(['İx']);
});
