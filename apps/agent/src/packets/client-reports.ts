import type { AgentMetrics } from '../metrics.ts';
import type { ClientReport } from './decode.ts';

interface Client {
  sequence: bigint;
  readonly dropped: Record<Cause, bigint>;
}

export const CAUSES = ['full-queue', 'too-large', 'send-failure'] as const;
export type Cause = (typeof CAUSES)[number];

/** Clients beyond push out those that were silent for longest. */
const MAX_CLIENTS = 2_000;
/** A client that numbers its batches wildly is not believed. */
const MAX_GAP = 1_000_000n;

/**
 * Clients number their batches, and tell in each how many spans they dropped themselves since they began. So we know of
 * packets that never came and of spans that were never sent.
 */
export class ClientReports {
  private readonly clients = new Map<string, Client>();
  private readonly metrics: AgentMetrics;

  constructor(metrics: AgentMetrics) {
    this.metrics = metrics;
  }

  note({ id, sequence, stats }: ClientReport): void {
    const known = this.clients.get(id);
    const client: Client = known ?? { sequence, dropped: { 'full-queue': 0n, 'too-large': 0n, 'send-failure': 0n } };
    this.clients.delete(id);
    this.clients.set(id, client);
    const oldest = this.clients.keys().next().value;
    if (this.clients.size > MAX_CLIENTS && oldest !== undefined) this.clients.delete(oldest);

    const missing = sequence - client.sequence - 1n;
    if (known !== undefined && missing > 0n && missing < MAX_GAP) this.metrics.neverArrived(Number(missing));
    if (sequence > client.sequence) client.sequence = sequence;
    if (stats === undefined) return;
    this.count(client, 'full-queue', stats.fullQueueDroppedSpans);
    this.count(client, 'too-large', stats.tooLargeDroppedSpans);
    this.count(client, 'send-failure', stats.failedToEmitSpans);
  }

  /** The totals grow; one that is smaller than before came late. */
  private count(client: Client, cause: Cause, total: bigint): void {
    const more = total - client.dropped[cause];
    if (more <= 0n || more > BigInt(Number.MAX_SAFE_INTEGER)) return;
    client.dropped[cause] = total;
    this.metrics.droppedByClient(cause, Number(more));
  }
}
