import type { Logger } from 'pino';
import { troubleOf } from '../errors.ts';
import type { Partition } from '../partitions.ts';
import type { Requests } from '../requests.ts';
import { GAPS_PARTITION } from './gaps-table.ts';
import type { IndexedRows } from './index-coverage.ts';
import { leftOutOf } from './left-out.ts';

export interface GapNotesDeps {
  readonly requests: Pick<Requests, 'write'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Notes go so far ahead of the spans that one a minute is enough. */
const AHEAD_MICROS = 60_000_000n;

/** Writes down what a writer leaves out of the index tables, so that those who search need not be told. */
export class GapNotes {
  private readonly leftOut: string | undefined;
  private readonly deps: GapNotesDeps;
  private notedMicros = -1n;
  private isWarned = false;

  constructor(indexed: IndexedRows, deps: GapNotesDeps) {
    this.leftOut = leftOutOf(indexed);
    this.deps = deps;
  }

  /**
   * Resolves when searches can know what spans lack that start by then; before that, they must not count as stored. Throws
   * `SPOOR_STORAGE_UNAVAILABLE`. A keyspace without the table stays as it is, and somebody is told once.
   */
  async cover(newestStartMicros: bigint, signal: AbortSignal): Promise<void> {
    const { leftOut, deps } = this;
    if (leftOut === undefined || newestStartMicros <= this.notedMicros) return;
    const until = newestStartMicros + AHEAD_MICROS;
    try {
      await deps.requests.write([noteOf(leftOut, until)], signal);
    } catch (error) {
      if (troubleOf((error as Error).cause) !== 'schema') throw error;
      if (!this.isWarned) deps.logger.warn({ err: error }, NOT_NOTED);
      this.isWarned = true;
    }
    if (until > this.notedMicros) this.notedMicros = until;
  }
}

const NOT_NOTED =
  'what is left out of the index (storage.cassandra.index) cannot be noted in the keyspace: give query processes the same settings, or add the table with `spoor schema apply --storage cassandra`';

function noteOf(leftOut: string, untilMicros: bigint): Partition {
  const until = int64(untilMicros);
  const text = Buffer.from(leftOut);
  return { table: 'gaps', key: [Buffer.from(GAPS_PARTITION)], rows: [[text, until, until]], bytes: text.length };
}

function int64(value: bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(value);
  return buffer;
}
