import { DISCARD_REASONS, type DiscardReason } from '@spoor/model';
import { type KafkaDeadLetter, letterOf, type OffsetRange } from '@spoor/span-log';
import { z } from 'zod';
import { UsageError } from '../command.ts';
import { atMs } from '../flags.ts';
import type { CommandContext } from '../kafka-command.ts';

export function reasonFlag() {
  return z
    .enum(Object.keys(DISCARD_REASONS) as [DiscardReason, ...DiscardReason[]])
    .optional()
    .meta({ description: 'Only letters with this reason' });
}

/** Where a letter lies, as people write it: `partition/offset`. */
export interface LetterPlace {
  readonly partition: number;
  readonly offset: bigint;
}

export function placeOf(operand: string): LetterPlace {
  const match = /^(\d{1,9})\/(\d{1,18})$/.exec(operand);
  if (match === null)
    throw new UsageError(
      `${operand} is not the place of a letter, which is <partition>/<offset>; spoor dlq list tells them`,
    );
  return { partition: Number(match[1]), offset: BigInt(match[2] ?? '') };
}

/** What each partition of the dead-letter topic holds now, from `since` on. Letters that come later are not in it. */
export async function letterRanges(
  { topics, deadLetterTopic, nowMs }: CommandContext,
  since?: number,
): Promise<readonly OffsetRange[]> {
  const { admin } = await topics();
  const ranges = await admin.ranges(deadLetterTopic);
  if (since === undefined) return ranges;
  const from = await admin.offsetsAt(deadLetterTopic, atMs(since, nowMs()));
  return ranges.map((range) => ({ ...range, start: from.get(range.partition) ?? range.start }));
}

/** A letter, or only its place where what lies there is none of Spoor's. */
export type Found = { readonly letter: KafkaDeadLetter } | { readonly stranger: LetterPlace };

export async function* lettersIn(context: CommandContext, range: OffsetRange): AsyncGenerator<Found> {
  const { records } = await context.topics();
  for await (const record of records.read(context.deadLetterTopic, range)) {
    const letter = letterOf(record);
    yield letter === undefined ? { stranger: { partition: record.partition, offset: record.offset } } : { letter };
  }
}

/** The one at a place; a `UsageError` where there is none. */
export async function letterAt(context: CommandContext, { partition, offset }: LetterPlace): Promise<KafkaDeadLetter> {
  const range = (await letterRanges(context)).find((one) => one.partition === partition);
  if (range === undefined || offset < range.start || offset >= range.end)
    throw new UsageError(
      range === undefined
        ? `${context.deadLetterTopic} has no partition ${partition}`
        : `partition ${partition} of ${context.deadLetterTopic} has offsets from ${range.start} to before ${range.end}, not ${offset}`,
    );
  for await (const found of lettersIn(context, { partition, start: offset, end: offset + 1n }))
    if ('letter' in found) return found.letter;
  throw new UsageError(`at ${partition}/${offset} of ${context.deadLetterTopic} there is no dead letter of Spoor's`);
}

export function letterJson({ partition, offset, reason, message, spanCount, timeMs, origin, value }: KafkaDeadLetter) {
  return {
    partition,
    offset: String(offset),
    reason,
    message,
    spanCount,
    time: new Date(timeMs).toISOString(),
    origin: { topic: origin.topic, partition: origin.partition, offset: String(origin.offset) },
    bytes: value?.length ?? null,
  };
}
