import type { Clock } from '@spoor/model';
import type { LeaseStore, OperationProbability, OperationThroughput, SamplingStore } from '@spoor/storage';

/** Throughput that is older than any collector asks for. */
const KEPT_MS = 3_600_000;

/** What adaptive sampling needs where one process is all there is. It is gone with the process. */
export function createMemorySamplingStore(clock: Clock): SamplingStore {
  let rows: { readonly atMs: number; readonly throughput: readonly OperationThroughput[] }[] = [];
  let latest: readonly OperationProbability[] = [];
  return {
    async insertThroughput(throughput) {
      const atMs = clock.nowMs();
      rows = [...rows.filter((row) => row.atMs > atMs - KEPT_MS), { atMs, throughput }];
    },
    getThroughput: async (afterMs, untilMs) =>
      rows.filter(({ atMs }) => atMs > afterMs && atMs <= untilMs).flatMap(({ throughput }) => throughput),
    async insertProbabilities(_hostname, probabilities) {
      latest = probabilities;
    },
    getLatestProbabilities: async () => latest,
  };
}

/** Leases among those who share it. */
export function createMemoryLeaseStore(clock: Clock): LeaseStore {
  const held = new Map<string, { readonly owner: string; readonly untilMs: number }>();
  const ownerOf = (resource: string): string | undefined => {
    const lease = held.get(resource);
    return lease !== undefined && lease.untilMs > clock.nowMs() ? lease.owner : undefined;
  };
  return {
    async acquire(resource, owner, ttlMs) {
      const before = ownerOf(resource);
      if (before !== undefined && before !== owner) return false;
      held.set(resource, { owner, untilMs: clock.nowMs() + ttlMs });
      return true;
    },
    async forfeit(resource, owner) {
      if (ownerOf(resource) !== owner) return false;
      held.delete(resource);
      return true;
    },
  };
}
