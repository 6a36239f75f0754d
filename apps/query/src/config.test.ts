import { expect, test } from 'vitest';
import { queryConfig } from './config.ts';

test('the defaults are those of the peer’s ports, on loopback', () => {
  expect(queryConfig.parse({})).toEqual({
    http: { endpoint: { host: '127.0.0.1', port: 16_686 } },
    grpc: { endpoint: { host: '127.0.0.1', port: 16_685 } },
    basePath: '/',
    maxSearchDepth: 10_000,
    maxTraceSpans: 200_000,
    maxClockSkewAdjustment: 0,
    requestTimeout: 60_000,
    additionalHeaders: {},
    compression: true,
  });
});

test.each(['/tracing', '/a/b-c', '/'])('the base path %s', (basePath) => {
  expect(queryConfig.parse({ basePath }).basePath).toBe(basePath);
});

test.each(['tracing', '/tracing/', '/a/../b', '//', '/a"b', ''])('no base path: %s', (basePath) => {
  expect(() => queryConfig.parse({ basePath })).toThrow('must start with /');
});

test('headers that cannot be sent are refused', () => {
  expect(() => queryConfig.parse({ additionalHeaders: { 'bad name': 'x' } })).toThrow();
  expect(() => queryConfig.parse({ additionalHeaders: { good: 'a\r\nb: c' } })).toThrow();
});
