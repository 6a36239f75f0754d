import type { TraceQuery } from '@spoor/storage';

/** A query as parameters of `/api/v3/trace-summaries`: as a filter where the plain ones cannot say it. */
export function searchParameters(query: TraceQuery): URLSearchParams {
  const parameters = new URLSearchParams(isPlain(query) ? plain(query) : asFilter(query));
  parameters.set('query.searchDepth', String(query.limit));
  if (query.page !== undefined) parameters.set('query.page', query.page);
  return parameters;
}

/** Times that are equal or the wrong way round, durations below zero, operators and kinds have no parameter. */
function isPlain({ attributes, spanKind, time, minDurationNanos, maxDurationNanos }: TraceQuery): boolean {
  return (
    spanKind === undefined &&
    attributes.every(({ operator = 'eq' }) => operator === 'eq') &&
    new Set(attributes.map(({ key }) => key)).size === attributes.length &&
    time.startUnixNano < time.endUnixNano &&
    (minDurationNanos ?? 0n) >= 0n &&
    (maxDurationNanos ?? 0n) >= 0n &&
    (minDurationNanos === undefined || maxDurationNanos === undefined || minDurationNanos <= maxDurationNanos)
  );
}

function plain(query: TraceQuery): Record<string, string> {
  const { serviceName, operationName, attributes, time, minDurationNanos, maxDurationNanos } = query;
  const map = Object.fromEntries(attributes.map(({ key, value }) => [key, value]));
  return {
    'query.startTimeMin': rfc3339(time.startUnixNano),
    'query.startTimeMax': rfc3339(time.endUnixNano),
    ...(serviceName === undefined ? {} : { 'query.serviceName': serviceName }),
    ...(operationName === undefined ? {} : { 'query.operationName': operationName }),
    ...(attributes.length === 0 ? {} : { 'query.attributes': JSON.stringify(map) }),
    ...(minDurationNanos === undefined ? {} : { 'query.durationMin': `${minDurationNanos}ns` }),
    ...(maxDurationNanos === undefined ? {} : { 'query.durationMax': `${maxDurationNanos}ns` }),
  };
}

function asFilter(query: TraceQuery): Record<string, string> {
  const { serviceName, operationName, spanKind, attributes, time, minDurationNanos, maxDurationNanos } = query;
  const args: unknown[] = [];
  const compare = (operand: object, op: string, value: string) =>
    args.push({ call: { op, args: [operand, { scalar: { value } }] } });
  const field = (level: string, name: string) => ({ field: { level, name } });
  compare(field('span', 'startTime'), 'gte', rfc3339(time.startUnixNano));
  compare(field('span', 'startTime'), 'lte', rfc3339(time.endUnixNano));
  if (serviceName !== undefined) compare(field('resource', 'service'), 'eq', serviceName);
  if (operationName !== undefined) compare(field('span', 'name'), 'eq', operationName);
  if (spanKind !== undefined) compare(field('span', 'kind'), 'eq', spanKind);
  if (minDurationNanos !== undefined) compare(field('span', 'duration'), 'gte', `${minDurationNanos}ns`);
  if (maxDurationNanos !== undefined) compare(field('span', 'duration'), 'lte', `${maxDurationNanos}ns`);
  for (const { key, operator = 'eq', value } of attributes) compare({ attr: { key } }, operator, value);
  return {
    'query.startTimeMin': '1970-01-01T00:00:00Z',
    'query.startTimeMax': '2500-01-01T00:00:00Z',
    'query.filter': JSON.stringify({ op: 'and', args }),
  };
}

function rfc3339(unixNano: bigint): string {
  const seconds = new Date(Number(unixNano / 1_000_000_000n) * 1_000).toISOString().slice(0, -5);
  return `${seconds}.${(unixNano % 1_000_000_000n).toString().padStart(9, '0')}Z`;
}
