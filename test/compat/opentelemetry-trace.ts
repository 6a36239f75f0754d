import { expect } from 'vitest';
import { parentOf, serviceOf, traceWith, type UiSpan } from '../harness/query-api.ts';

const tagsOf = (span: UiSpan) => Object.fromEntries(span.tags.map(({ key, type, value }) => [key, { type, value }]));

/** What the application of a language is called, as both of its services have it. */
export interface OpenTelemetryApplication {
  readonly language: string;
  readonly version: string;
  readonly traceId: string;
}

/**
 * The same two services in every language: `say-hello` calls `format`, which calls `handle` in the other service by the
 * headers of W3C, with a link, an event, baggage, an error and an attribute of each type.
 */
export async function expectOpenTelemetryTrace(queryAddress: string, app: OpenTelemetryApplication): Promise<void> {
  const trace = await traceWith(queryAddress, app.traceId, 3);
  const named = (name: string) => trace.spans.find(({ operationName }) => operationName === name)!;
  expect(trace.spans.map(({ operationName }) => operationName).sort()).toEqual(['format', 'handle', 'say-hello']);
  expect(named('say-hello').references).toEqual([]);
  expect(parentOf(trace, named('format'))).toBe(named('say-hello'));
  expect(parentOf(trace, named('handle'))).toBe(named('format'));
  expect(named('format').references.map(({ refType, spanID }) => ({ refType, spanID }))).toEqual([
    // The link leads to the parent, and is one with it.
    { refType: 'CHILD_OF', spanID: named('say-hello').spanID },
  ]);
  expect([serviceOf(trace, named('format')), serviceOf(trace, named('handle'))]).toEqual([
    `hello-opentelemetry-${app.language}`,
    `formatter-opentelemetry-${app.language}`,
  ]);
  expect(tagsOf(named('say-hello'))).toMatchObject({
    'hello-to': { type: 'string', value: 'Bryan' },
    'otel.scope.name': { type: 'string', value: 'hello' },
  });
  expect(tagsOf(named('format'))).toMatchObject({
    'span.kind': { type: 'string', value: 'client' },
    count: { type: 'int64', value: 3 },
    ratio: { type: 'float64', value: 0.5 },
    done: { type: 'bool', value: true },
    list: { type: 'string', value: '["a","b"]' },
  });
  expect(tagsOf(named('handle'))).toMatchObject({
    'span.kind': { type: 'string', value: 'server' },
    'otel.status_code': { type: 'string', value: 'ERROR' },
    'otel.status_description': { type: 'string', value: 'it broke' },
    error: { type: 'bool', value: true },
  });
  expect(named('handle').logs).toHaveLength(2);
  // Events come by name, as the peer gives them.
  const [exception, event] = named('handle').logs;
  expect(event?.fields).toMatchObject([
    { key: 'event', type: 'string', value: 'string-format' },
    { key: 'value', type: 'string', value: 'Bonjour' },
  ]);
  expect(exception?.fields).toEqual(
    expect.arrayContaining([
      { key: 'event', type: 'string', value: 'exception' },
      { key: 'exception.message', type: 'string', value: 'it broke' },
    ]),
  );
  expect(trace.processes[named('handle').processID]?.tags).toContainEqual({
    key: 'service.version',
    type: 'string',
    value: app.version,
  });
}
