import type { Clock } from '@spoor/model';
import type { AgentMetrics } from '../metrics.ts';
import type { ClientReport } from './decode.ts';

interface Client {
  sequence: bigint;
  heardAtMs: number;
  readonly dropped: Record<Cause, bigint>;
}

export const CAUSES = ['full-queue', 'too-large', 'send-failure'] as const;
export type Cause = (typeof CAUSES)[number];

/** Clients beyond push out those that were silent for longest. */
const MAX_CLIENTS = 2_000;
const NOTHING: Readonly<Record<Cause, bigint>> = { 'full-queue': 0n, 'too-large': 0n, 'send-failure': 0n };
/** The number of a client's first batch. */
const FIRST = 1n;
/** A client that numbers its batches wildly is not believed. */
const MAX_GAP = 1_000_000n;
/** A client that was silent for longer is gone, as Jaeger's agent has it. */
const GONE_AFTER_MS = 3_600_000;

/**
 * Clients number their batches, and tell in each how many spans they dropped themselves since they began. So we know of
 * packets that never came and of spans that were never sent.
 */
export class ClientReports {
  private readonly clients = new Map<string, Client>();
  private readonly metrics: AgentMetrics;

  private readonly clock: Clock;

  constructor(metrics: AgentMetrics, clock: Clock) {
    this.metrics = metrics;
    this.clock = clock;
  }

  /** Clients that reported lately. */
  heardOf(): number {
    const sinceMs = this.clock.nowMs() - GONE_AFTER_MS;
    return this.clients.values().reduce((count, { heardAtMs }) => (heardAtMs > sinceMs ? count + 1 : count), 0);
  }

  note({ id, sequence, stats }: ClientReport): void {
    const nowMs = this.clock.nowMs();
    const known = this.clients.get(id);
    const client: Client = known ?? { sequence: 0n, heardAtMs: nowMs, dropped: { ...NOTHING } };
    this.clients.delete(id);
    this.clients.set(id, client);
    const oldest = this.clients.keys().next().value;
    if (this.clients.size > MAX_CLIENTS && oldest !== undefined) this.clients.delete(oldest);
    client.heardAtMs = nowMs;

    // What a client did before it was first heard of may be long ago, unless that was its first batch.
    const isCounted = known !== undefined || sequence === FIRST;
    const sent = sequence - client.sequence;
    const isBelieved = isCounted && sent > 0n && sent <= MAX_GAP;
    if (sequence > 0n) this.metrics.numbered(isBelieved ? Number(sent) : 0);
    if (isBelieved && sent > 1n) this.metrics.neverArrived(Number(sent - 1n));
    if (sequence > client.sequence) client.sequence = sequence;
    if (stats === undefined) return;
    this.count(client, 'full-queue', stats.fullQueueDroppedSpans, isCounted);
    this.count(client, 'too-large', stats.tooLargeDroppedSpans, isCounted);
    this.count(client, 'send-failure', stats.failedToEmitSpans, isCounted);
  }

  /** The totals grow; one that is smaller than before came late. */
  private count(client: Client, cause: Cause, total: bigint, isCounted: boolean): void {
    const more = total - client.dropped[cause];
    if (more <= 0n || more > BigInt(Number.MAX_SAFE_INTEGER)) return;
    client.dropped[cause] = total;
    if (isCounted) this.metrics.droppedByClient(cause, Number(more));
  }
}
