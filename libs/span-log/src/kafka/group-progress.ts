import type { LogLag } from '../span-log.ts';

/** What the brokers say of a partition. */
export interface PartitionOffsets {
  /** The next offset to read by the group's last commit; −1 where it never committed. */
  readonly committed: bigint;
  /** Of the earliest record that is left. */
  readonly start: bigint;
  /** Of the record that comes next. */
  readonly end: bigint;
}

/** What is fetched of a partition and not finished. */
export interface Held {
  readonly records: number;
  readonly bytes: number;
  /** Of the records that tell their span count. */
  readonly spans: number;
  /** Records that do not tell it. */
  readonly uncounted: number;
  /** When the first of them was appended, milliseconds since the Unix epoch. */
  readonly oldestMs: number | undefined;
}

interface Partition {
  /** Of the first record that the group has not committed. */
  next: bigint | undefined;
  /** Whether `next` is what we committed ourselves; the brokers may be asked before that and answer after it. */
  isOurs: boolean;
  /** Everything before it was fetched, or holds nothing to fetch. */
  position: bigint | undefined;
  end: bigint | undefined;
  /** When the last record that was finished was appended, while others wait behind it. */
  finishedMs: number | undefined;
  /** When the partition was first seen to be behind. */
  behindSinceMs: number | undefined;
}

const UNKNOWN: LogLag = { records: Number.NaN, spans: Number.NaN, bytes: Number.NaN, seconds: Number.NaN };

/** How far a member is with its partitions: what it fetched and committed, and what the brokers say that there is. */
export class GroupProgress {
  private readonly partitions = new Map<number, Partition>();
  private counted = { records: 0, spans: 0 };
  private seen = { records: 0, bytes: 0 };
  private wasAssigned = false;
  private lastLag = UNKNOWN;

  /** What is known of partitions that stay counts on until the brokers tell better, so that a rebalance hides no lag. */
  assign(partitions: readonly number[]): void {
    this.wasAssigned = true;
    for (const partition of this.partitions.keys())
      if (!partitions.includes(partition)) this.partitions.delete(partition);
    for (const partition of partitions) {
      const known = this.partitions.get(partition);
      if (known === undefined) this.partitions.set(partition, blank());
      else Object.assign(known, { isOurs: false, position: undefined });
    }
  }

  /** Everything before `next` was fetched, or there is nothing to fetch; the partition ends at `end`, as far as that is told. */
  fetched(partition: number, next: bigint, end: bigint | undefined): void {
    const known = this.partitions.get(partition);
    if (known === undefined) return;
    known.position = next;
    if (end !== undefined) known.end = end;
  }

  /** For the averages. */
  saw(held: Held): void {
    this.counted.records += held.records - held.uncounted;
    this.counted.spans += held.spans;
    this.seen.records += held.records;
    this.seen.bytes += held.bytes;
  }

  /** `finishedMs`: when the last finished record was appended. */
  committed(partition: number, next: bigint, finishedMs: number | undefined): void {
    const known = this.partitions.get(partition);
    if (known === undefined) return;
    Object.assign(known, { next, isOurs: true, finishedMs });
  }

  told(partition: number, { committed, start, end }: PartitionOffsets, nowMs: number): void {
    const known = this.partitions.get(partition);
    if (known === undefined) return;
    if (!known.isOurs || known.next === undefined) known.next = committed > start ? committed : start;
    else if (known.next < start) known.next = start;
    // A fetch may have told a later one meanwhile.
    if (known.end === undefined || end > known.end || known.end < start) known.end = end;
    if (behind(known) === 0n) Object.assign(known, { behindSinceMs: undefined, finishedMs: undefined });
    else known.behindSinceMs ??= nowMs;
  }

  /** What is known of a partition; `undefined` before its first commit or answer. */
  of(partition: number): { readonly next: bigint; readonly position: bigint; readonly end: bigint } | undefined {
    const { next, position, end } = this.partitions.get(partition) ?? {};
    if (next === undefined || end === undefined) return undefined;
    return { next, position: position ?? next, end };
  }

  /** Of the first record that is not fetched. */
  positionOf(partition: number): bigint | undefined {
    return this.partitions.get(partition)?.position;
  }

  assigned(): readonly number[] {
    return [...this.partitions.keys()];
  }

  /**
   * Records by offset. Spans and bytes are those of what is held; what is not fetched yet is taken for records like those seen
   * so far, and for one span each before any was seen. What was known last until every partition is known.
   */
  lag(heldOf: (partition: number) => Held | undefined, nowMs: number): LogLag {
    if (!this.wasAssigned) return UNKNOWN;
    const sum = { records: 0, spans: 0, bytes: 0, seconds: 0 };
    const spansPerRecord = this.counted.records === 0 ? 1 : this.counted.spans / this.counted.records;
    const bytesPerRecord = this.seen.records === 0 ? 0 : this.seen.bytes / this.seen.records;
    for (const [partition, known] of this.partitions) {
      if (known.next === undefined || known.end === undefined) return this.lastLag;
      const records = Number(behind(known));
      if (records === 0) continue;
      const held = heldOf(partition);
      const others = Math.max(0, records - (held?.records ?? 0));
      sum.records += records;
      sum.spans += (held?.spans ?? 0) + (others + (held?.uncounted ?? 0)) * spansPerRecord;
      sum.bytes += (held?.bytes ?? 0) + others * bytesPerRecord;
      const oldestMs = held?.oldestMs ?? known.finishedMs ?? known.behindSinceMs ?? nowMs;
      sum.seconds = Math.max(sum.seconds, (nowMs - oldestMs) / 1000);
    }
    this.lastLag = { ...sum, spans: Math.round(sum.spans), bytes: Math.round(sum.bytes) };
    return this.lastLag;
  }
}

function blank(): Partition {
  return {
    next: undefined,
    isOurs: false,
    position: undefined,
    end: undefined,
    finishedMs: undefined,
    behindSinceMs: undefined,
  };
}

function behind({ next, end }: Partition): bigint {
  return next === undefined || end === undefined || end <= next ? 0n : end - next;
}
