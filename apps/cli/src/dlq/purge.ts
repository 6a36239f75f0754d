import { z } from 'zod';
import { UsageError } from '../command.ts';
import { atMs, moment } from '../flags.ts';
import { command } from '../kafka-command.ts';
import { table } from '../table.ts';
import { type LetterPlace, letterRanges, placeOf } from './letters.ts';

export const purgeLetters = command({
  summary: 'Removes letters for good: all, those before a time, or those up to one of them',
  operands: '[<partition>/<offset> …]',
  flags: {
    before: moment().optional().meta({ description: 'Removes what was set aside before then' }),
    all: z.boolean().default(false).meta({ description: 'Removes everything that is there now' }),
    yes: z
      .boolean()
      .default(false)
      .meta({ description: 'Really removes; without it only what would be removed is told' }),
  },
  async run({ before, all, yes }, context) {
    const { operands, deadLetterTopic: topic, nowMs } = context;
    if ([before !== undefined, all, operands.length > 0].filter(Boolean).length !== 1)
      throw new UsageError(
        'say what to remove, in one way: --before=<time>, --all, or <partition>/<offset>, up to and with which letters go',
      );
    const { admin } = await context.topics();
    const ranges = await letterRanges(context);
    const ends = all
      ? new Map(ranges.map(({ partition, end }) => [partition, end]))
      : before !== undefined
        ? await admin.offsetsAt(topic, atMs(before, nowMs()))
        : endsOf(operands.map(placeOf));
    for (const [partition, end] of ends) {
      const range = ranges.find((one) => one.partition === partition);
      if (range === undefined) throw new UsageError(`${topic} has no partition ${partition}`);
      if (end > range.end)
        throw new UsageError(
          `partition ${partition} of ${topic} ends before offset ${range.end}, ${end - 1n} is not there`,
        );
    }
    const removed = ranges
      .map(({ partition, start }) => ({ partition, start, before: ends.get(partition) ?? start }))
      .filter(({ start, before: end }) => end > start);
    if (yes && removed.length > 0)
      await admin.deleteBefore(topic, new Map(removed.map(({ partition, before: end }) => [partition, end])));
    const isMissingYes = !yes && removed.length > 0;
    const head =
      removed.length === 0
        ? `${topic} holds nothing of that`
        : yes
          ? `removed from ${topic}`
          : `would remove from ${topic}`;
    const rows = removed.map(({ partition, start, before: end }) => [
      partition,
      String(start),
      String(end - 1n),
      Number(end - start),
    ]);
    const lines = [
      head,
      ...(rows.length === 0 ? [] : [table(['PARTITION', 'FROM', 'TO', 'OFFSETS'], rows)]),
      ...(isMissingYes ? ['nothing was removed; say --yes to do it'] : []),
    ];
    const json = removed.map(({ partition, start, before: end }) => ({
      partition,
      from: String(start),
      to: String(end - 1n),
    }));
    return { json: { topic, done: yes, removed: json }, text: lines.join('\n'), exitCode: isMissingYes ? 2 : 0 };
  },
});

/** Where the partitions of these letters are to begin. Two of one partition contradict each other: one is to stay, and is to go. */
function endsOf(places: readonly LetterPlace[]): ReadonlyMap<number, bigint> {
  const ends = new Map<number, bigint>();
  for (const { partition, offset } of places) {
    const other = ends.get(partition);
    if (other !== undefined)
      throw new UsageError(
        `${partition}/${other - 1n} and ${partition}/${offset} are of one partition, from which everything up to an offset goes; give the last one to remove`,
      );
    ends.set(partition, offset + 1n);
  }
  return ends;
}
