/** How to wait: until when, and what to call the thing in the message when it does not come. */
export interface WaitOptions {
  /** Default 30 s: generous, because suites share the machine. Nothing asserts how long a wait took. */
  readonly deadlineMs?: number;
  /** Completes the sentence "waited 30000 ms for …". */
  readonly describe: string;
  /** Between two tries. Default 50. */
  readonly intervalMs?: number;
}

/**
 * Resolves with the first value of `condition` that is neither `undefined`, `null` nor `false`.
 * A condition that throws counts as not met; at the deadline its last error is the cause of the one thrown.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { deadlineMs = 30_000, describe, intervalMs = 50 }: WaitOptions,
): Promise<Exclude<T, undefined | null | false>> {
  const endMs = Date.now() + deadlineMs;
  let lastError: unknown;
  do {
    try {
      const value = await condition();
      if (value !== undefined && value !== null && value !== false)
        return value as Exclude<T, undefined | null | false>;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  } while (Date.now() < endMs);
  const because = lastError instanceof Error ? `: ${lastError.message}` : '';
  throw new Error(`waited ${deadlineMs} ms for ${describe}${because}`, { cause: lastError });
}
