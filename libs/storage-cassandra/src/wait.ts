import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after the milliseconds, or as soon as the signal aborts. */
export async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
