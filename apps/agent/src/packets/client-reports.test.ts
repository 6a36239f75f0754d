import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createAgentMetrics } from '../metrics.ts';
import { ClientReports } from './client-reports.ts';

const stats = (full: bigint, large = 0n, failed = 0n) => ({
  fullQueueDroppedSpans: full,
  tooLargeDroppedSpans: large,
  failedToEmitSpans: failed,
});

test('gaps in the numbers of batches are packets that never came, totals of lost spans grow', async () => {
  const registry = new Registry();
  const clock = { at: 0, nowMs: () => clock.at };
  const reports = new ClientReports(createAgentMetrics(registry), clock);
  reports.note({ id: 'a', sequence: 1n, stats: stats(2n) });
  reports.note({ id: 'a', sequence: 6n, stats: stats(2n, 1n) });
  reports.note({ id: 'a', sequence: 9n, stats: stats(5n, 1n, 4n) });
  // Late, and a client that began anew.
  reports.note({ id: 'a', sequence: 8n, stats: stats(3n) });
  reports.note({ id: 'b', sequence: 100n, stats: undefined });
  reports.note({ id: 'b', sequence: 1n << 60n, stats: undefined });
  const value = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values;
  expect(await value('spoor_agent_packets_missing_total')).toMatchObject([{ value: 4 + 2 }]);
  expect(await value('spoor_agent_client_dropped_spans_total')).toMatchObject([
    { labels: { cause: 'full-queue' }, value: 5 },
    { labels: { cause: 'too-large' }, value: 1 },
    { labels: { cause: 'send-failure' }, value: 4 },
  ]);
  expect(await value('jaeger_agent_client_stats_batches_sent_total')).toMatchObject([{ value: 9 }]);
  expect(await value('jaeger_agent_client_stats_batches_received_total')).toMatchObject([{ value: 6 }]);
  expect(reports.heardOf()).toBe(2);
  clock.at = 3_600_000;
  reports.note({ id: 'a', sequence: 10n, stats: stats(5n) });
  expect(reports.heardOf()).toBe(1);
});

test('what a client did long before it was heard of first does not count', async () => {
  const registry = new Registry();
  const reports = new ClientReports(createAgentMetrics(registry), { nowMs: () => 0 });
  reports.note({ id: 'a', sequence: 500n, stats: stats(70n) });
  reports.note({ id: 'a', sequence: 501n, stats: stats(71n) });
  const sum = async (name: string) =>
    (await registry.getSingleMetric(name)?.get())?.values.reduce((total, one) => total + one.value, 0);
  expect(await sum('jaeger_agent_client_stats_spans_dropped_total')).toBe(1);
  expect(await sum('jaeger_agent_client_stats_batches_sent_total')).toBe(1);
  expect(await sum('spoor_agent_packets_missing_total')).toBe(0);
});
