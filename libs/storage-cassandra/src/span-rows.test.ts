import type { Attribute, Span } from '@spoor/model';
import { describe, expect, test } from 'vitest';
import { PLAIN_SPAN } from '../../../test/fixtures/plain-span.ts';
import { NamesCache } from './names-cache.ts';
import { OversizedSpans } from './oversized-spans.ts';
import type { Partition } from './partitions.ts';
import { cassandraConfig, cassandraSettings } from './settings.ts';
import { SpanRows } from './span-rows.ts';

const config = cassandraConfig(cassandraSettings.parse({})).write;

function spanOf(changes: Partial<Span> & { service?: string } = {}): Span {
  const { service = 'shop', ...rest } = changes;
  return {
    ...PLAIN_SPAN,
    resource: { attributes: [{ key: 'service.name', value: service }], droppedAttributesCount: 0, schemaUrl: '' },
    ...rest,
  };
}

let nowMs = 0;
const clock = { nowMs: () => nowMs };

function rowsOf(spans: readonly Span[], known = new NamesCache(1_000, clock), changes: Partial<typeof config> = {}) {
  const rows = new SpanRows({ ...config, ...changes }, known);
  rows.add('default', spans, new OversizedSpans());
  return rows;
}

const of = (rows: SpanRows, table: Partition['table']) => rows.partitions.requests((one) => one === table);
const keysOf = (partitions: readonly Partition[]) =>
  partitions.map(({ key }) => key.map((part) => part.toString()).join('|')).sort();

describe('the rows of a flush', () => {
  test('of one partition are together, those of others apart', () => {
    const rows = rowsOf([
      spanOf({ spanId: '0000000000000001' }),
      spanOf({ spanId: '0000000000000002', startTimeUnixNano: 5_000n }),
      spanOf({ spanId: '0000000000000003', name: 'pay', traceId: 'f'.repeat(32) }),
    ]);
    expect(of(rows, 'spans').map((partition) => partition.rows.length)).toEqual([2, 1]);
    expect(keysOf(of(rows, 'operations'))).toEqual(['shop|buy', 'shop|pay']);
    expect(keysOf(of(rows, 'tags'))).toEqual(['shop|span.kind|server']);
    expect(of(rows, 'tags')[0]?.rows).toHaveLength(3);
    expect(of(rows, 'durations')).toHaveLength(3);
    expect(rows.spans).toBe(3);
  });

  test('of names that hold what separates them are of their own partitions', () => {
    const tagged = (key: string, value: string): Attribute[] => [{ key, value }];
    const rows = rowsOf([
      spanOf({ attributes: tagged('a\nb', 'c') }),
      spanOf({ attributes: tagged('a', 'b\nc') }),
      spanOf({ service: 'shop\na', attributes: tagged('b', 'c') }),
      spanOf({ attributes: tagged('1 a', 'x') }),
      spanOf({ attributes: tagged('1', ' ax') }),
    ]);
    expect(keysOf(of(rows, 'tags')).filter((key) => !key.includes('span.kind'))).toEqual(
      ['shop|a\nb|c', 'shop|a|b\nc', 'shop\na|b|c', 'shop|1 a|x', 'shop|1| ax'].sort(),
    );
  });

  test('are split where a request would be too large, and lose none', () => {
    const spans = Array.from({ length: 1_200 }, (_, i) => spanOf({ spanId: (i + 1).toString(16).padStart(16, '0') }));
    const partitions = of(rowsOf(spans), 'operations');
    expect(partitions.map((partition) => partition.rows.length)).toEqual([500, 500, 200]);
    const large = [
      spanOf({ attributes: [{ key: 'k', value: 'x'.repeat(200_000) }] }),
      spanOf({ spanId: '00000000000000ff' }),
    ];
    expect(of(rowsOf(large), 'spans').map((partition) => partition.rows.length)).toEqual([1, 1]);
  });

  test('of a large span go by themselves, and one that no mutation holds has none', () => {
    const spans = [10, 120_000, 10, 2 ** 23].map((length, i) =>
      spanOf({ spanId: (i + 1).toString(16).padStart(16, '0'), attributes: [{ key: 'k', value: 'x'.repeat(length) }] }),
    );
    const [rows, oversized] = [new SpanRows(config, new NamesCache(1_000, clock)), new OversizedSpans()];
    rows.add('default', spans, oversized);
    const large = spanOf({ spanId: '00000000000000ff', attributes: [{ key: 'k', value: 'x'.repeat(130_000) }] });
    rows.add('default', [large], oversized);
    expect(of(rows, 'spans').map((partition) => partition.rows.length)).toEqual([3, 1]);
    expect(of(rows, 'operations').map((partition) => partition.rows.length)).toEqual([4]);
    expect(oversized.rejections()).toMatchObject([{ reason: 'too_large', spanCount: 1 }]);
  });

  test('have a name once, until it is forgotten', () => {
    const known = new NamesCache(1_000, clock);
    const first = rowsOf([spanOf(), spanOf({ spanId: '0000000000000002' })], known);
    expect([of(first, 'serviceNames'), of(first, 'operationNames')].map((some) => some[0]?.rows.length)).toEqual([
      1, 1,
    ]);
    // Not stored yet.
    expect(of(rowsOf([spanOf()], known), 'serviceNames')).toHaveLength(1);
    known.add(first.names);
    expect(of(rowsOf([spanOf()], known), 'serviceNames')).toEqual([]);
    expect(keysOf(of(rowsOf([spanOf({ kind: 'client' })], known), 'operationNames'))).toEqual(['shop']);
    nowMs += 1_000;
    expect(of(rowsOf([spanOf()], known), 'serviceNames')).toHaveLength(1);
  });

  test('are those that the settings want', () => {
    const span = spanOf({
      attributes: [{ key: 'a', value: '1' }],
      events: [{ timeUnixNano: 0n, name: '', attributes: [{ key: 'b', value: '2' }], droppedAttributesCount: 0 }],
    });
    const tags = (changes: Partial<typeof config.tags>) =>
      keysOf(of(rowsOf([span], undefined, { tags: { ...config.tags, ...changes } }), 'tags'));
    expect(tags({})).toEqual(['shop|a|1', 'shop|b|2', 'shop|span.kind|server']);
    expect(tags({ spanTags: false })).toEqual(['shop|b|2']);
    expect(tags({ logs: false })).toEqual(['shop|a|1', 'shop|span.kind|server']);
    expect(tags({ include: ['b'] })).toEqual(['shop|b|2']);
    expect(tags({ exclude: ['a', 'span.kind'] })).toEqual(['shop|b|2']);
    expect(of(rowsOf([span], undefined, { durations: false }), 'durations')).toEqual([]);
  });

  test('tell an error and a missing kind that only other tags tell', () => {
    const attributes = [{ key: 'http.status_code', value: 503n }];
    expect(keysOf(of(rowsOf([spanOf({ kind: 'unspecified', attributes })]), 'tags'))).toEqual([
      'shop|error|true',
      'shop|http.status_code|503',
      'shop|span.kind|unspecified',
    ]);
    const ofClient = spanOf({ attributes: [{ key: 'http.status_code', value: 404n }] });
    expect(keysOf(of(rowsOf([ofClient]), 'tags'))).not.toContain('shop|error|true');
  });
});
