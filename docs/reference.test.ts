import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { referencePages } from './reference-pages.ts';

const directory = join(import.meta.dirname, 'reference');
const pages = Object.entries(referencePages());

test.each(pages)('%s says what the code says; npm run docs brings it up to date', (name, text) => {
  expect(readFileSync(join(directory, name), 'utf8')).toBe(text);
});

test('no page is there that the code does not make', () => {
  expect(readdirSync(directory).sort()).toEqual(pages.map(([name]) => name).sort());
});
