import { SpoorError } from '@spoor/model';
import type { SearchServer } from '../transport/search-server.ts';
import { ask } from './ask.ts';
import { listIndices } from './list.ts';

/** One kind of document behind aliases. */
export interface Rotated {
  /** Prefix and stem, such as `prod-jaeger-span`. */
  readonly base: string;
  readonly readAlias: string;
  readonly writeAlias: string;
}

/** Any that is met makes a new index. As the servers take them: `{"max_age":"2d"}`. */
export type RolloverConditions = Readonly<Record<string, string | number>>;

export interface FirstIndexOptions {
  /** A life-cycle policy rolls over only an index that is marked as the one to write to. */
  readonly markWriteIndex: boolean;
  /** Settings of the first index beside those of its template. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

/** Makes `<base>-000001` with both aliases, or what of it is missing. Idempotent; leaves aliases that are used alone. */
export async function createFirstIndex(
  server: SearchServer,
  { base, readAlias, writeAlias }: Rotated,
  { markWriteIndex, settings, signal }: FirstIndexOptions,
): Promise<void> {
  const aliased = await indicesOfAliases(server, [readAlias, writeAlias], signal);
  const written = aliased.get(writeAlias) ?? [];
  let index = written[0];
  if (index === undefined) {
    index = `${base}-000001`;
    const created = await ask(server, {
      method: 'PUT',
      path: `/${index}`,
      json: settings === undefined ? {} : { settings },
      expected: [400],
      signal,
    });
    if (created.status === 400 && !JSON.stringify(created.json).includes('already_exists'))
      throw new SpoorError('SPOOR_INVALID_REQUEST', `${index} cannot be created: ${JSON.stringify(created.json)}`);
  }
  const missing = [
    ...(written.length > 0 ? [] : [{ alias: writeAlias, ...(markWriteIndex ? { is_write_index: true } : {}) }]),
    ...(aliased.get(readAlias)?.includes(index) ? [] : [{ alias: readAlias }]),
  ];
  if (missing.length > 0)
    await changeAliases(
      server,
      missing.map((add) => ({ add: { index, ...add } })),
      signal,
    );
}

export interface Rollover {
  readonly rolledOver: boolean;
  readonly oldIndex: string;
  /** The index that is written to from now on, or would be. */
  readonly newIndex: string;
}

/**
 * Begins a new index where one of the conditions is met, and lets readers see it. Throws `SPOOR_NOT_FOUND` where there is no
 * write alias yet. Two callers at once begin one index at most, because the second finds the conditions not met.
 */
export async function rollOver(
  server: SearchServer,
  { readAlias, writeAlias }: Rotated,
  conditions: RolloverConditions,
  signal: AbortSignal,
): Promise<Rollover> {
  const { json } = await ask(server, {
    method: 'POST',
    path: `/${writeAlias}/_rollover`,
    // Readers see the new index from its first moment on.
    json: { aliases: { [readAlias]: {} }, ...(Object.keys(conditions).length === 0 ? {} : { conditions }) },
    signal,
  });
  const answer = json as { rolled_over: boolean; old_index: string; new_index: string };
  const { rolled_over: rolledOver, old_index: oldIndex, new_index: newIndex } = answer;
  // Also when nothing was rolled over: an earlier caller may have ended between the two steps.
  const current = rolledOver ? newIndex : oldIndex;
  const aliased = await indicesOfAliases(server, [readAlias], signal);
  if (!aliased.get(readAlias)?.includes(current))
    await changeAliases(server, [{ add: { index: current, alias: readAlias } }], signal);
  return { rolledOver, oldIndex, newIndex };
}

/** Takes indices made before `beforeMs` out of the read alias, except the one that is written to. Gives their names. */
export async function lookBack(
  server: SearchServer,
  { readAlias, writeAlias }: Rotated,
  beforeMs: number,
  signal: AbortSignal,
): Promise<string[]> {
  const aliased = await indicesOfAliases(server, [readAlias, writeAlias], signal);
  const readable = aliased.get(readAlias) ?? [];
  if (readable.length === 0) return [];
  const listed = await listIndices(server, [readAlias], signal);
  const old = listed.filter(
    ({ name, createdMs, aliases }) =>
      createdMs < beforeMs && aliases.includes(readAlias) && !aliased.get(writeAlias)?.includes(name),
  );
  const names = old.map(({ name }) => name);
  if (names.length > 0)
    await changeAliases(
      server,
      names.map((index) => ({ remove: { index, alias: readAlias } })),
      signal,
    );
  return names;
}

/** Which indices each alias stands for; those that do not exist are missing. */
async function indicesOfAliases(
  server: SearchServer,
  aliases: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, string[]>> {
  const { json } = await ask(server, { method: 'GET', path: `/_alias/${aliases.join(',')}`, expected: [404], signal });
  const found = new Map<string, string[]>();
  for (const [index, content] of Object.entries((json ?? {}) as Record<string, { aliases?: object }>)) {
    // A 404 for one of them tells about the others as well, beside `error` and `status`.
    for (const alias of Object.keys(content?.aliases ?? {})) found.set(alias, [...(found.get(alias) ?? []), index]);
  }
  return found;
}

async function changeAliases(server: SearchServer, actions: readonly object[], signal: AbortSignal): Promise<void> {
  await ask(server, { method: 'POST', path: '/_aliases', json: { actions }, signal });
}
