import type { KafkaDeadLetter } from '@spoor/span-log';
import { z } from 'zod';
import { moment } from '../flags.ts';
import { command } from '../kafka-command.ts';
import { table, timeText } from '../table.ts';
import { letterJson, letterRanges, lettersIn, reasonFlag } from './letters.ts';

interface Tally {
  letters: number;
  spans: number;
  oldestMs: number;
  newestMs: number;
}

function add(tallies: Map<string, Tally>, key: string, { spanCount, timeMs }: KafkaDeadLetter): void {
  const tally = tallies.get(key) ?? { letters: 0, spans: 0, oldestMs: timeMs, newestMs: timeMs };
  tally.letters += 1;
  tally.spans += spanCount;
  tally.oldestMs = Math.min(tally.oldestMs, timeMs);
  tally.newestMs = Math.max(tally.newestMs, timeMs);
  tallies.set(key, tally);
}

export const listLetters = command({
  summary: 'Counts the letters by partition and by reason, and lists the first ones',
  flags: {
    reason: reasonFlag(),
    since: moment().optional().meta({ description: 'Only letters that were set aside from then on' }),
    limit: z.number().int().min(0).default(20).meta({ description: 'How many letters are listed; all are counted' }),
  },
  async run({ reason, since, limit }, context) {
    const partitions = new Map<string, Tally>();
    const reasons = new Map<string, Tally>();
    const listed: KafkaDeadLetter[] = [];
    let strangers = 0;
    for (const range of await letterRanges(context, since)) {
      for await (const found of lettersIn(context, range)) {
        if ('stranger' in found) strangers += 1;
        else if (reason === undefined || found.letter.reason === reason) {
          add(partitions, String(range.partition), found.letter);
          add(reasons, found.letter.reason, found.letter);
          if (listed.length < limit) listed.push(found.letter);
        }
      }
    }
    const total = [...reasons.values()].reduce((sum, { letters }) => sum + letters, 0);
    const rowsOf = (tallies: Map<string, Tally>) =>
      [...tallies].map(([key, { letters, spans, oldestMs, newestMs }]) => [
        key,
        letters,
        spans,
        timeText(oldestMs),
        timeText(newestMs),
      ]);
    const jsonOf = (key: string, tallies: Map<string, Tally>) =>
      [...tallies].map(([name, { letters, spans, oldestMs, newestMs }]) => ({
        [key]: key === 'partition' ? Number(name) : name,
        letters,
        spans,
        oldest: timeText(oldestMs),
        newest: timeText(newestMs),
      }));
    const sections = [
      `${context.deadLetterTopic}: ${total} ${total === 1 ? 'letter' : 'letters'}`,
      ...(total === 0
        ? []
        : [
            table(['PARTITION', 'LETTERS', 'SPANS', 'OLDEST', 'NEWEST'], rowsOf(partitions)),
            table(['REASON', 'LETTERS', 'SPANS', 'OLDEST', 'NEWEST'], rowsOf(reasons)),
          ]),
      ...(listed.length === 0
        ? []
        : [
            table(
              ['LETTER', 'TIME', 'REASON', 'SPANS', 'BYTES', 'FROM', 'MESSAGE'],
              listed.map((letter) => [
                `${letter.partition}/${letter.offset}`,
                timeText(letter.timeMs),
                letter.reason,
                letter.spanCount,
                letter.value?.length ?? 0,
                `${letter.origin.topic} ${letter.origin.partition}/${letter.origin.offset}`,
                letter.message.slice(0, 100),
              ]),
            ),
          ]),
      ...(total > listed.length ? [`${total - listed.length} more; --limit lists more of them`] : []),
      ...(strangers > 0 ? [`${strangers} records are no dead letters of Spoor's`] : []),
    ];
    return {
      json: {
        topic: context.deadLetterTopic,
        letters: total,
        strangers,
        partitions: jsonOf('partition', partitions),
        reasons: jsonOf('reason', reasons),
        listed: listed.map(letterJson),
      },
      text: sections.join('\n\n'),
    };
  },
});
