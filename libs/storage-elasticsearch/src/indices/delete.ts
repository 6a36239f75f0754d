import type { SearchServer } from '../transport/search-server.ts';
import { ask } from './ask.ts';

/** The servers take a first line of a request of at most 4 KiB. */
const MAX_TARGET_CHARACTERS = 3_000;

export interface DeletionOptions {
  readonly signal: AbortSignal;
  /** How long the servers may take for each request. */
  readonly timeoutMs?: number;
}

/** Deletes indices for good. Those that are gone already are no fault. Repeating it is safe. */
export async function deleteIndices(
  server: SearchServer,
  names: readonly string[],
  { signal, timeoutMs }: DeletionOptions,
): Promise<void> {
  for (const target of targetsOf(names)) {
    await ask(server, {
      method: 'DELETE',
      path: `/${target}`,
      query: {
        ignore_unavailable: true,
        ...(timeoutMs === undefined ? {} : { master_timeout: `${timeoutMs}ms`, timeout: `${timeoutMs}ms` }),
      },
      ...(timeoutMs === undefined ? {} : { timeoutMs: timeoutMs + 1_000 }),
      expected: [404],
      signal,
    });
  }
}

/** Names joined by commas, as few requests as the length of their first line allows. */
function targetsOf(names: readonly string[]): string[] {
  const targets: string[] = [];
  for (const name of names.map(encodeURIComponent)) {
    const last = targets.at(-1);
    if (last === undefined || last.length + name.length >= MAX_TARGET_CHARACTERS) targets.push(name);
    else targets[targets.length - 1] = `${last},${name}`;
  }
  return targets;
}
