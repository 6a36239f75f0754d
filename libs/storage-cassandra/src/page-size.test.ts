import { expect, test } from 'vitest';
import { PageSize } from './page-size.ts';
import type { Row } from './queries.ts';

const rows = (count: number, bytes: number) =>
  Array.from({ length: count }, () => {
    const entry = { key: 'k', value_string: 'x'.repeat(bytes), value_binary: null };
    return { tags: [], logs: [{ fields: [entry] }], refs: null, process: { tags: [] } } as unknown as Row;
  });

test('answers have few spans at first, then as many as fit into 4 MiB', () => {
  const size = new PageSize();
  expect(size.rows).toBe(64);
  size.learn(rows(64, 50));
  expect(size.rows).toBe(512);
  size.learn(rows(512, 50));
  expect(size.rows).toBe(2_000);
  size.learn(rows(100, 100_000));
  expect(size.rows).toBe(41);
  size.learn(rows(2, 4_000_000));
  expect(size.rows).toBe(4);
  size.learn([]);
  expect(size.rows).toBe(4);
});
