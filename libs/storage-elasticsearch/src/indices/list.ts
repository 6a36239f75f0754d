import { SpoorError } from '@spoor/model';
import type { SearchServer } from '../transport/search-server.ts';
import { ask } from './ask.ts';

/** An index as it stands on the servers. */
export interface IndexDescription {
  readonly name: string;
  /** When it was made, whatever its name says. */
  readonly createdMs: number;
  readonly aliases: readonly string[];
  /** The alias among them that writes go to by this index; `undefined` for none and where the servers decide by themselves. */
  readonly writeAlias: string | undefined;
  readonly shards: number;
  readonly replicas: number;
  /** Of Lucene: also those inside nested documents. 0 for a closed index. */
  readonly documents: number;
  /** With all copies. 0 for a closed index. */
  readonly bytes: number;
  readonly health: string;
}

interface Settings {
  readonly settings?: Readonly<Record<string, string>>;
  readonly aliases?: Readonly<Record<string, { readonly is_write_index?: boolean }>>;
}

type Row = Readonly<Record<string, string | null>>;

/** The indices that match the patterns, open and closed, oldest first; the same age by name. */
export async function listIndices(
  server: SearchServer,
  patterns: readonly string[],
  signal: AbortSignal,
): Promise<IndexDescription[]> {
  const target = patterns.map(encodeURIComponent).join(',');
  const which = { expand_wildcards: 'open,closed', ignore_unavailable: true, allow_no_indices: true };
  const described = await ask(server, {
    method: 'GET',
    path: `/${target}`,
    query: { ...which, flat_settings: true, filter_path: '*.aliases,*.settings' },
    signal,
  });
  const counted = await ask(server, {
    method: 'GET',
    path: `/_cat/indices/${target}`,
    query: {
      expand_wildcards: which.expand_wildcards,
      format: 'json',
      bytes: 'b',
      h: 'index,health,docs.count,store.size',
    },
    // Older servers answer so when nothing matches.
    expected: [404],
    signal,
  });
  const rows = new Map((counted.status === 404 ? [] : (counted.json as Row[])).map((row) => [row['index'], row]));
  return Object.entries((described.json ?? {}) as Record<string, Settings>)
    .map(([name, { settings = {}, aliases = {} }]) => {
      const row = rows.get(name);
      return {
        name,
        createdMs: createdMsOf(name, settings),
        aliases: Object.keys(aliases).sort(),
        writeAlias: Object.entries(aliases).find(([, alias]) => alias.is_write_index === true)?.[0],
        shards: Number(settings['index.number_of_shards'] ?? 0),
        replicas: Number(settings['index.number_of_replicas'] ?? 0),
        documents: Number(row?.['docs.count'] ?? 0),
        bytes: Number(row?.['store.size'] ?? 0),
        health: row?.['health'] ?? 'unknown',
      };
    })
    .sort((a, b) => a.createdMs - b.createdMs || (a.name < b.name ? -1 : 1));
}

/** Without it an index would seem as old as can be, and be deleted. */
function createdMsOf(name: string, settings: Readonly<Record<string, string>>): number {
  const createdMs = Number(settings['index.creation_date']);
  if (createdMs > 0) return createdMs;
  throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', `the servers do not tell when ${name} was made`);
}
