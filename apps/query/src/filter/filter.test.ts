import { expect, test } from 'vitest';
import { filterConditions } from './conditions.ts';

const TIME = { startUnixNano: 10n, endUnixNano: 2_000_000_000n };

const attr = (key: string) => ({ attr: { key } });
const field = (name: string) => ({ field: { level: name.split('.')[0], name: name.split('.')[1] } });
const scalar = (value: string) => ({ scalar: { value } });
const call = (op: string, ...args: unknown[]) => ({ call: { op, args } });
const bare = (op: string, ...args: unknown[]) => ({ op, args });
const read = (filter: unknown) => filterConditions(filter, 'query.filter', TIME);

test('a comparison of an attribute, bare or within call', () => {
  const expected = { attributes: [{ key: 'http.status_code', operator: 'gte', value: '500' }], time: TIME };
  expect(read(bare('gte', attr('http.status_code'), scalar('500')))).toEqual(expected);
  expect(read(call('gte', attr('http.status_code'), scalar('500')))).toEqual(expected);
  expect(read(bare('gte', attr('http.status_code'), { scalar: { value: '500', type: 'int' } }))).toEqual(expected);
  // As protobuf leaves out what is empty.
  expect(read(bare('eq', { attr: { key: 'a', level: '' } }, { scalar: {} }))).toMatchObject({
    attributes: [{ key: 'a', value: '' }],
  });
});

test('and joins comparisons of attributes and of fields, however it is nested', () => {
  const filter = call(
    'and',
    call('eq', field('resource.service'), scalar('shop')),
    call(
      'and',
      call('eq', field('span.name'), scalar('GET /')),
      call('eq', field('span.kind'), scalar('server')),
      call('ne', attr('a'), scalar('b')),
    ),
    call('gt', attr('n'), scalar('-1.5e3')),
    call('lt', attr('n'), scalar('7')),
  );
  expect(read(filter)).toEqual({
    serviceName: 'shop',
    operationName: 'GET /',
    spanKind: 'server',
    attributes: [
      { key: 'a', operator: 'ne', value: 'b' },
      { key: 'n', operator: 'gt', value: '-1.5e3' },
      { key: 'n', operator: 'lt', value: '7' },
    ],
    time: TIME,
  });
});

test('durations and times become bounds, the narrower one where there are several', () => {
  const duration = (op: string, value: string) => call(op, field('span.duration'), scalar(value));
  const bounds = (...calls: unknown[]) => read(bare('and', ...calls));
  expect(bounds(duration('gt', '1us'), duration('lte', '1.5ms'))).toMatchObject({
    minDurationNanos: 1_001n,
    maxDurationNanos: 1_500_000n,
  });
  expect(bounds(duration('gte', '1us'), duration('gt', '1us'), duration('lt', '2us'))).toMatchObject({
    minDurationNanos: 1_001n,
    maxDurationNanos: 1_999n,
  });
  expect(read(duration('eq', '1us'))).toMatchObject({ minDurationNanos: 1_000n, maxDurationNanos: 1_000n });
  const start = (op: string, value: string) => call(op, field('span.startTime'), scalar(value));
  expect(read(start('gt', '1970-01-01T00:00:01Z'))).toMatchObject({
    time: { startUnixNano: 1_000_000_001n, endUnixNano: TIME.endUnixNano },
  });
  expect(read(start('lte', '2100-01-01T00:00:00Z'))).toMatchObject({ time: TIME });
});

const fine = call('eq', attr('a'), scalar('b'));

test.each([
  [null, 'query.filter must be an object'],
  [[fine], 'query.filter must be an object'],
  [{}, 'query.filter.op is missing'],
  [{ op: 'eq' }, 'query.filter.args is missing'],
  [{ op: 'eq', args: [], extra: 1 }, 'query.filter has "extra"'],
  [{ ...fine, more: 1 }, 'query.filter must have exactly one of'],
  [bare('or', fine, fine), 'query.filter.op is "or", which is not supported'],
  [call('not', fine), 'query.filter.call.op is "not"'],
  [bare('and', fine), '"and" takes two or more'],
  [bare('and', fine, call('regex', attr('a'), scalar('b'))), 'query.filter.args[1].call.op is "regex"'],
  [bare('and', fine, attr('a')), 'query.filter.args[1] is "attr"'],
  [bare('eq', attr('a')), 'args has 1 elements; "eq" takes two'],
  [bare('eq', scalar('b'), attr('a')), 'query.filter.args[1] is "attr", which is not supported; it must be a scalar'],
  [bare('eq', attr('a'), attr('b')), 'query.filter.args[1] is "attr"'],
  [bare('eq', attr('a'), { list: { values: ['b'] } }), 'query.filter.args[1] is "list"'],
  [bare('eq', { nested: { level: 'event' } }, scalar('b')), 'query.filter.args[0] is "nested"'],
  [bare('eq', { attr: { key: 'a', level: 'span' } }, scalar('b')), 'query.filter.args[0].attr.level is "span"'],
  [bare('eq', { attr: {} }, scalar('b')), 'query.filter.args[0].attr.key is missing'],
  [bare('eq', attr('a'), { scalar: { value: 5 } }), 'query.filter.args[1].scalar.value must be a text'],
  [bare('eq', attr('a'), { scalar: { value: '5', type: 'int' } }), 'scalar.type is "int", which is not supported'],
  [bare('gt', attr('a'), { scalar: { value: '5', type: 'string' } }), 'only numbers are compared'],
  [bare('gt', attr('a'), scalar('five')), 'query.filter compares "a" with "five", which is no decimal number'],
  [bare('eq', field('span.status'), scalar('error')), 'the field "span.status", which is not supported'],
  [bare('eq', field('span.constructor'), scalar('x')), 'the field "span.constructor", which is not supported'],
  [bare('ne', field('resource.service'), scalar('a')), 'compares resource.service with ne; only eq is supported'],
  [bare('eq', field('span.kind'), scalar('x')), 'query.filter: expected one of'],
  [bare('gt', field('span.duration'), scalar('5')), 'query.filter: '],
  [bare('gt', field('span.startTime'), scalar('now')), 'query.filter: '],
  [bare('ne', field('span.duration'), scalar('5s')), 'op is "ne"'],
  [
    bare('and', ...['a', 'b'].map((name) => call('eq', field('resource.service'), scalar(name)))),
    'query.filter.args[1].call compares resource.service a second time',
  ],
  [bare('and', ...Array.from({ length: 101 }, () => fine)), 'the search has 101 conditions'],
])('what is not understood is refused with its place: %j', (filter, message) => {
  expect(() => read(filter)).toThrow(
    expect.objectContaining({ code: 'SPOOR_INVALID_REQUEST', message: expect.stringContaining(message) }),
  );
});

test('nesting is bounded', () => {
  let filter: unknown = fine;
  for (let depth = 0; depth < 100; depth += 1) filter = call('and', fine, filter);
  expect(() => read(filter)).toThrow('stands 16 calls deep');
});
