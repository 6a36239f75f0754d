import { type Clock, classify, SpoorError } from '@spoor/model';
import type { LeaseStore } from '@spoor/storage';
import { forfeitLease, type LeaseOptions, takeLease } from '../care/lease.ts';
import { prefixed } from '../index-names.ts';
import type { ElasticsearchConfig } from '../settings.ts';
import type { SearchServer } from '../transport/search-server.ts';

/**
 * Leases as documents, taken by optimistic concurrency: the peer has none on Elasticsearch, which is why it cannot sample
 * adaptively there (CONTRACT §3.4). Clocks of the owners may differ by less than the time a lease is held for.
 */
export function createLeaseStore(
  { indexPrefix }: ElasticsearchConfig,
  { server, clock }: { readonly server: SearchServer; readonly clock: Clock },
): LeaseStore {
  const optionsOf = (resource: string, holder: string, ttlMs: number): LeaseOptions => ({
    index: prefixed(indexPrefix, 'spoor-care'),
    resource: `lease-${resource}`,
    holder,
    ttlMs,
    nowMs: () => clock.nowMs(),
  });
  return {
    acquire: (resource, owner, ttlMs, signal) =>
      takeLease(server, optionsOf(resource, owner, ttlMs), signal).catch(refuse),
    forfeit: (resource, owner, signal) => forfeitLease(server, optionsOf(resource, owner, 0), signal).catch(refuse),
  };
}

function refuse(thrown: unknown): never {
  const error = classify(thrown);
  if (error.kind === 'retryable') throw error;
  throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', error.message, { cause: error });
}
