import { settingsOf } from '@spoor/service';
import { expect, test } from 'vitest';
import { allInOneConfig } from './config.ts';

const settings = settingsOf(allInOneConfig);

test('every setting has a description that is a sentence without its full stop', () => {
  const wrong = settings.filter(({ description = '' }) => !/^[A-Z].*[^.]$/.test(description));
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

test('no two settings share an environment name', () => {
  const names = settings.flatMap(({ environmentNames }) => environmentNames);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test('every setting has a default, so that the all-in-one starts without any', () => {
  expect(() => allInOneConfig.parse({ collector: {}, query: {} })).not.toThrow();
  expect(() => allInOneConfig.parse({})).not.toThrow();
});
