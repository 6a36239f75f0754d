import type { Row } from './queries.ts';

/** Enough for most traces, and not too much where each span is as large as they come. */
const FIRST_ROWS = 64;
const MIN_ROWS = 4;
const MAX_ROWS = 2_000;
/** What an answer shall have about. */
const TARGET_BYTES = 4 * 2 ** 20;

/** How many spans the next answer may have: as many as are likely to have so many bytes, going by those before. */
export class PageSize {
  rows = FIRST_ROWS;

  /** Of an answer. */
  learn(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    const bytes = rows.reduce((sum, row) => sum + bytesOf(row), 0);
    const fitting = Math.floor((TARGET_BYTES * rows.length) / bytes);
    // What comes may be larger than what came.
    this.rows = Math.max(MIN_ROWS, Math.min(MAX_ROWS, this.rows * 8, fitting));
  }
}

/** Of a value more than the bytes of its texts: the objects that hold it. */
const ENTRY_BYTES = 100;

interface Entry {
  readonly key: string | null;
  readonly value_string: string | null;
  readonly value_binary: Buffer | null;
}

/** About what the row takes in memory. */
function bytesOf(row: Row): number {
  const { tags, logs, refs, process } = row as unknown as {
    readonly tags?: readonly Entry[] | null;
    readonly logs?: readonly { readonly fields: readonly Entry[] | null }[] | null;
    readonly refs?: readonly unknown[] | null;
    readonly process?: { readonly tags: readonly Entry[] | null } | null;
  };
  let bytes = 5 * ENTRY_BYTES + ENTRY_BYTES * (refs?.length ?? 0) + entriesBytes(tags) + entriesBytes(process?.tags);
  for (const { fields } of logs ?? []) bytes += ENTRY_BYTES + entriesBytes(fields);
  return bytes;
}

function entriesBytes(entries: readonly Entry[] | null | undefined): number {
  let bytes = 0;
  for (const { key, value_string: text, value_binary: binary } of entries ?? [])
    bytes += ENTRY_BYTES + (key?.length ?? 0) + (text?.length ?? 0) + (binary?.length ?? 0);
  return bytes;
}
