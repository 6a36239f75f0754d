import { expect, test } from 'vitest';
import { filterConditions } from '../../../query/src/filter/conditions.ts';
import { filterOf } from './filter.ts';

const TIME = { startUnixNano: 1n, endUnixNano: 2n };
const NOTHING = {
  serviceName: undefined,
  operationName: undefined,
  durationMin: undefined,
  durationMax: undefined,
};

test('the server reads from the filter what was asked for', () => {
  const attributes = [
    { key: 'http.status_code', operator: 'gte', value: '500' },
    { key: 'peer', operator: 'ne', value: 'db' },
  ] as const;
  expect(filterConditions(filterOf({ ...NOTHING, attributes: [attributes[0]] }), 'filter', TIME)).toEqual({
    attributes: [attributes[0]],
    time: TIME,
  });
  const all = {
    serviceName: 'shop',
    operationName: 'GET "/"',
    durationMin: '5ns',
    durationMax: '1500000000ns',
    attributes: [...attributes, { key: 'error', operator: 'eq' as const, value: 'true' }],
  };
  expect(filterConditions(filterOf(all), 'filter', TIME)).toEqual({
    serviceName: 'shop',
    operationName: 'GET "/"',
    minDurationNanos: 5n,
    maxDurationNanos: 1_500_000_000n,
    attributes: [...attributes, { key: 'error', value: 'true' }],
    time: TIME,
  });
});
