import { DISCARD_REASONS } from '@spoor/model';
import type { KafkaDeadLetter, Offsets } from '@spoor/span-log';
import type { CommandContext } from '../kafka-command.ts';

/**
 * How far letters were replayed, kept by the brokers as the commits of consumer groups on the dead-letter topic: one
 * group for replays of all letters, one for those of each reason. A letter was replayed when either is past it.
 */
export class ReplayProgress {
  private readonly context: CommandContext;
  private readonly group: string;
  private readonly all: Offsets;
  private readonly byReason: ReadonlyMap<string, Offsets>;

  private constructor(context: CommandContext, group: string, all: Offsets, byReason: ReadonlyMap<string, Offsets>) {
    this.context = context;
    this.group = group;
    this.all = all;
    this.byReason = byReason;
  }

  static async read(context: CommandContext, group: string): Promise<ReplayProgress> {
    const { admin } = await context.topics();
    const committed = (name: string) => admin.committed(name, context.deadLetterTopic);
    const byReason = new Map<string, Offsets>();
    for (const reason of Object.keys(DISCARD_REASONS)) byReason.set(reason, await committed(`${group}.${reason}`));
    return new ReplayProgress(context, group, await committed(group), byReason);
  }

  /** Where a replay of a partition goes on. */
  next(partition: number, reason: string | undefined): bigint {
    const all = this.all.get(partition) ?? 0n;
    const ofReason = reason === undefined ? 0n : (this.byReason.get(reason)?.get(partition) ?? 0n);
    return all > ofReason ? all : ofReason;
  }

  wasReplayed({ partition, offset, reason }: KafkaDeadLetter): boolean {
    return offset < this.next(partition, reason);
  }

  /** Never moves back: a replay that was asked for again leaves the progress where it was. */
  async advance(partition: number, next: bigint, reason: string | undefined): Promise<void> {
    if (next <= this.next(partition, reason)) return;
    const { admin } = await this.context.topics();
    const group = reason === undefined ? this.group : `${this.group}.${reason}`;
    await admin.commit(group, this.context.deadLetterTopic, new Map([[partition, next]]));
  }
}
