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
  const reports = new ClientReports(createAgentMetrics(registry));
  reports.note({ id: 'a', sequence: 5n, stats: stats(2n) });
  reports.note({ id: 'a', sequence: 6n, stats: stats(2n, 1n) });
  reports.note({ id: 'a', sequence: 9n, stats: stats(5n, 1n, 4n) });
  // Late, and a client that began anew.
  reports.note({ id: 'a', sequence: 8n, stats: stats(3n) });
  reports.note({ id: 'b', sequence: 100n, stats: undefined });
  reports.note({ id: 'b', sequence: 1n << 60n, stats: undefined });
  const value = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values;
  expect(await value('spoor_agent_packets_missing_total')).toMatchObject([{ value: 2 }]);
  expect(await value('spoor_agent_client_dropped_spans_total')).toMatchObject([
    { labels: { cause: 'full-queue' }, value: 5 },
    { labels: { cause: 'too-large' }, value: 1 },
    { labels: { cause: 'send-failure' }, value: 4 },
  ]);
});
