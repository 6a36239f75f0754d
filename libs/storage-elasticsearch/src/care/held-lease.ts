import type { SearchServer } from '../transport/search-server.ts';
import { giveLeaseBack, type LeaseOptions, takeLease } from './lease.ts';

const GIVE_BACK_MS = 2_000;

/**
 * Does the work under a lease that is taken again and again while it lasts, however long that is. False when another process has
 * the lease. The signal that the work gets aborts with `signal`, and when the lease is lost. Throws what `ask` and the work throw.
 */
export async function underLease(
  server: SearchServer,
  lease: LeaseOptions,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  if (!(await takeLease(server, lease, signal))) return false;
  const lost = new AbortController();
  const both = AbortSignal.any([signal, lost.signal]);
  let heldUntilMs = lease.nowMs() + lease.ttlMs;
  const renew = async () => {
    const until = lease.nowMs() + lease.ttlMs;
    // Trouble with the servers may pass before it has run out.
    const isHeld = await takeLease(server, lease, both).catch(() => lease.nowMs() < heldUntilMs && undefined);
    if (isHeld === true) heldUntilMs = until;
    if (isHeld === false) lost.abort();
  };
  const timer = setInterval(() => void renew(), Math.ceil(lease.ttlMs / 4));
  timer.unref();
  try {
    await work(both);
  } finally {
    clearInterval(timer);
    await giveLeaseBack(server, lease, AbortSignal.timeout(GIVE_BACK_MS));
  }
  return true;
}
