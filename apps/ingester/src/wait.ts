import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after `milliseconds`, or as soon as `signal` aborts. */
export async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
