import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findChromium } from './chromium.ts';
import { freePorts } from './free-ports.ts';
import { parseMetrics } from './metrics.ts';
import { foundOrSkipped } from './outside.ts';
import { processUsage } from './process-usage.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { waitFor } from './wait-for.ts';

test('waiting ends with the value as soon as the condition holds', async () => {
  let tries = 0;
  const value = await waitFor(() => (tries += 1) >= 3 && 'there', { describe: 'a third try', intervalMs: 1 });
  expect(value).toBe('there');
  expect(tries).toBe(3);
});

test('waiting in vain names what was waited for and what went wrong last', async () => {
  const waiting = waitFor(
    () => {
      throw new Error('connection refused');
    },
    { describe: 'the broker', deadlineMs: 5, intervalMs: 1 },
  );
  await expect(waiting).rejects.toThrow('waited 5 ms for the broker: connection refused');
});

test('free ports differ, and are none that the near end of a connection gets', async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

test('metrics are read with labels, escapes and special numbers', () => {
  const metrics = parseMetrics(
    [
      '# HELP spans_total Spans.',
      '# TYPE spans_total counter',
      'spans_total{transport="http",format="otlp"} 3',
      'spans_total{transport="grpc",format="otlp"} 4 1700000000000',
      'odd{text="a \\"quoted\\", back\\\\slash\\n"} +Inf',
      'plain 1.5e3',
      '',
    ].join('\n'),
  );
  expect(metrics.sum('spans_total')).toBe(7);
  expect(metrics.sum('spans_total', { transport: 'grpc' })).toBe(4);
  expect(metrics.sum('absent_total')).toBe(0);
  expect(metrics.samples[2]).toEqual({ name: 'odd', labels: { text: 'a "quoted", back\\slash\n' }, value: Infinity });
  expect(metrics.sum('plain')).toBe(1500);
  expect(() => parseMetrics('<html>')).toThrow('not a line of the Prometheus text format');
});

test('what is missing outside fails with CI set and is skipped with reason and remedy without', () => {
  const before = process.env['CI'];
  const missing = { missing: 'There is no broker', remedy: 'Start one' };
  const skip = (note: string): never => {
    throw new Error(`skipped: ${note}`);
  };
  try {
    process.env['CI'] = 'true';
    expect(() => foundOrSkipped(missing, skip)).toThrow('There is no broker. Start one (CI is set');
    delete process.env['CI'];
    expect(() => foundOrSkipped(missing, skip)).toThrow('skipped: There is no broker. Start one');
  } finally {
    if (before === undefined) delete process.env['CI'];
    else process.env['CI'] = before;
  }
});

test('the browser is taken from CHROME_PATH, and a wrong path is told', () => {
  expect(findChromium({ CHROME_PATH: process.execPath })).toEqual({ found: process.execPath });
  expect(findChromium({ CHROME_PATH: '/no/such/browser' })).toMatchObject({
    missing: 'CHROME_PATH is /no/such/browser, which is not a program',
  });
});

test('a temporary directory exists until it is removed', () => {
  let path: string;
  {
    using directory = temporaryDirectory('harness');
    path = directory.path;
    expect(existsSync(join(path))).toBe(true);
  }
  expect(existsSync(path)).toBe(false);
});

test('a process is measured from outside', () => {
  const usage = processUsage(process.pid);
  expect(usage.rssBytes).toBeGreaterThan(10 * 1024 * 1024);
  expect(usage.peakRssBytes).toBeGreaterThanOrEqual(usage.rssBytes);
  expect(usage.cpuSeconds).toBeGreaterThan(0);
});
