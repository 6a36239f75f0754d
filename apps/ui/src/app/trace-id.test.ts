import { expect, test } from 'vitest';
import { findTraceId } from './trace-id.ts';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';

test.each([
  [id, id],
  [` ${id.toUpperCase()}\n`, id],
  ['a3ce929d0e0e4736', 'a3ce929d0e0e4736'],
  ['4bf92f35-77b3-4da6-a3ce-929d0e0e4736', id],
  [`00-${id}-00f067aa0ba902b7-01`, id],
  [`traceparent: 00-${id}-00f067aa0ba902b7-01`, id],
  [`${id}:00f067aa0ba902b7:0:1`, id],
  [`https://tracing.example/trace/${id}?uiFind=error`, id],
  ['http://localhost:16686/trace/1f', '1f'],
  [`level=error trace_id=${id} msg="failed"`, id],
  [`{"traceId":"${id}","spanId":"00f067aa0ba902b7"}`, id],
])('finds the id in %s', (text, expected) => {
  expect(findTraceId(text)).toBe(expected);
});

test.each(['', 'hello', '0'.repeat(32), `${id}ab`, 'GET /trace/', '12 34'])('finds none in %j', (text) => {
  expect(findTraceId(text)).toBeUndefined();
});
