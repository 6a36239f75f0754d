import { type OffsetRange, toldSpanCount } from '@spoor/span-log';
import type { CommandContext } from '../kafka-command.ts';

export interface PartitionLag {
  readonly partition: number;
  readonly start: bigint;
  readonly end: bigint;
  /** `undefined` where the group never committed. */
  readonly committed: bigint | undefined;
  readonly records: number;
  /** How long the oldest record that is not committed has been in the topic; 0 where there is none. */
  readonly ms: number;
}

/** What lies in a partition, by its newest records. */
export interface PartitionFlow {
  readonly partition: number;
  /** Of the last minute. */
  readonly recordsPerSecond: number;
  /** Spans a record, of those of the newest records that tell; `undefined` where none does. */
  readonly spansPerRecord: number | undefined;
}

const RATE_MS = 60_000;
const SAMPLE_RECORDS = 20n;

export async function flowOf(context: CommandContext, topic: string): Promise<readonly PartitionFlow[]> {
  const { admin } = await context.topics();
  const before = await admin.offsetsAt(topic, context.nowMs() - RATE_MS);
  const ranges = await admin.ranges(topic);
  return Promise.all(
    ranges.map(async ({ partition, start, end }) => {
      const newest = end - SAMPLE_RECORDS > start ? end - SAMPLE_RECORDS : start;
      return {
        partition,
        recordsPerSecond: Number(end - (before.get(partition) ?? end)) / (RATE_MS / 1000),
        spansPerRecord: await spansPerRecord(context, topic, { partition, start: newest, end }),
      };
    }),
  );
}

async function spansPerRecord(context: CommandContext, topic: string, range: OffsetRange): Promise<number | undefined> {
  const { records } = await context.topics();
  let counted = 0;
  let spans = 0;
  for await (const record of records.read(topic, range)) {
    const told = toldSpanCount(record);
    if (told === undefined) continue;
    counted += 1;
    spans += told;
  }
  return counted === 0 ? undefined : spans / counted;
}

/** How far a group is behind, by partition. Without a commit it begins with the earliest record. */
export async function lagOf(context: CommandContext, topic: string, group: string): Promise<readonly PartitionLag[]> {
  const { admin } = await context.topics();
  // The commits first: a group that goes on meanwhile seems further behind than it is, never ahead.
  const committed = await admin.committed(group, topic);
  const ranges = await admin.ranges(topic);
  return Promise.all(
    ranges.map(async (range) => {
      const { partition, start, end } = range;
      const from = committed.get(partition) ?? start;
      const next = from > start ? from : start;
      const oldestMs = await timeOf(context, topic, { partition, start: next, end });
      return {
        partition,
        start,
        end,
        committed: committed.get(partition),
        records: Number(end > next ? end - next : 0n),
        ms: oldestMs === undefined ? 0 : Math.max(0, context.nowMs() - oldestMs),
      };
    }),
  );
}

/** What a group has not committed of a partition of so many bytes on disk, taking its records for equally large. */
export function lagBytesOf({ start, end, records }: PartitionLag, partitionBytes: number): number {
  return records === 0 ? 0 : (partitionBytes * records) / Number(end - start);
}

/** When the first record of a range was appended; `undefined` where there is none. */
async function timeOf(context: CommandContext, topic: string, range: OffsetRange): Promise<number | undefined> {
  const { records } = await context.topics();
  for await (const { timestampMs } of records.read(topic, range)) return timestampMs;
  return undefined;
}
