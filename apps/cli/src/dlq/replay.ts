import { SpoorError } from '@spoor/model';
import type { KafkaDeadLetter, OffsetRange } from '@spoor/span-log';
import { z } from 'zod';
import { moment } from '../flags.ts';
import { type CommandContext, command } from '../kafka-command.ts';
import { letterAt, letterRanges, lettersIn, placeOf, reasonFlag } from './letters.ts';
import { ReplayProgress } from './progress.ts';

const MAX_CHUNK_LETTERS = 500;

interface Outcome {
  replayed: number;
  spans: number;
  before: number;
  strangers: number;
}

export const replayLetters = command({
  summary: 'Puts the original records back into the topics they came from, each letter once',
  operands: '[<partition>/<offset> …]',
  flags: {
    reason: reasonFlag(),
    since: moment()
      .optional()
      .meta({ description: 'Only letters that were set aside from then on; older ones count as done with' }),
    limit: z.number().int().min(1).optional().meta({ description: 'How many letters are replayed at the most' }),
    group: z
      .string()
      .min(1)
      .default('spoor-dlq-replay')
      .meta({ description: 'The consumer group under which the brokers remember what was replayed' }),
    again: z.boolean().default(false).meta({ description: 'Replays also what was replayed before' }),
    'dry-run': z.boolean().default(false).meta({ description: 'Only counts what would be replayed' }),
  },
  async run({ reason, since, limit, group, again, 'dry-run': isDryRun }, context) {
    const outcome: Outcome = { replayed: 0, spans: 0, before: 0, strangers: 0 };
    const writer = new OriginWriter(context);
    const put = async (letters: readonly KafkaDeadLetter[]): Promise<void> => {
      if (!isDryRun) await writer.write(letters);
      outcome.replayed += letters.length;
      outcome.spans += letters.reduce((sum, { spanCount }) => sum + spanCount, 0);
    };
    if (context.operands.length > 0) {
      // Asked for by name: what was replayed before does not count, and the progress stays where it is.
      const places = context.operands.map(placeOf);
      const letters: KafkaDeadLetter[] = [];
      for (const place of places) letters.push(await letterAt(context, place));
      for (const letter of letters) await put([letter]);
      return result(outcome, isDryRun);
    }
    const progress = await ReplayProgress.read(context, group);
    for (const range of await letterRanges(context, since)) {
      const from = again ? 0n : progress.next(range.partition, reason);
      const start = from > range.start ? from : range.start;
      const chunks = chunksOf(context, { ...range, start }, (letter) => {
        if (reason !== undefined && letter.reason !== reason) return false;
        if (again || !progress.wasReplayed(letter)) return true;
        outcome.before += 1;
        return false;
      });
      for await (const { letters, next, strangers } of chunks) {
        const room = (limit ?? Number.POSITIVE_INFINITY) - outcome.replayed;
        const taken = letters.slice(0, room);
        await put(taken);
        outcome.strangers += strangers;
        const reached = taken.length < letters.length ? letters[taken.length]!.offset : next;
        if (!isDryRun) await progress.advance(range.partition, reached, reason);
        if (room <= letters.length) return result(outcome, isDryRun);
      }
    }
    return result(outcome, isDryRun);
  },
});

function result({ replayed, spans, before, strangers }: Outcome, isDryRun: boolean) {
  const count = `${replayed} ${replayed === 1 ? 'letter' : 'letters'} with ${spans} spans`;
  const lines = [
    isDryRun ? `would replay ${count}; nothing was written` : `replayed ${count}`,
    ...(before > 0 ? [`${before} were replayed before; --again replays them too`] : []),
    ...(strangers > 0 ? [`${strangers} records are no dead letters of Spoor's and stay where they are`] : []),
  ];
  return { json: { dryRun: isDryRun, replayed, spans, replayedBefore: before, strangers }, text: lines.join('\n') };
}

interface Chunk {
  readonly letters: readonly KafkaDeadLetter[];
  /** The offset after everything that was looked at for this chunk. */
  readonly next: bigint;
  readonly strangers: number;
}

/** The wanted letters of a partition, as many at a time as one request may have; the last chunk may have none. */
async function* chunksOf(
  context: CommandContext,
  range: OffsetRange,
  isWanted: (letter: KafkaDeadLetter) => boolean,
): AsyncGenerator<Chunk> {
  let letters: KafkaDeadLetter[] = [];
  let bytes = 0;
  let strangers = 0;
  for await (const found of lettersIn(context, range)) {
    if ('stranger' in found) {
      strangers += 1;
      continue;
    }
    const { letter } = found;
    if (!isWanted(letter)) continue;
    const size = letter.value?.length ?? 0;
    const isFull = letters.length >= MAX_CHUNK_LETTERS || bytes + size > context.kafka.maxRequestBytesPerPartition;
    if (letters.length > 0 && isFull) {
      yield { letters, next: letter.offset, strangers };
      letters = [];
      bytes = 0;
      strangers = 0;
    }
    letters.push(letter);
    bytes += size;
  }
  if (range.end > range.start) yield { letters, next: range.end, strangers };
}

/** Writes to the partition that a letter came from, with its key; where the topic has fewer by now, to one that it has. */
class OriginWriter {
  private readonly context: CommandContext;
  private readonly partitionCounts = new Map<string, number>();

  constructor(context: CommandContext) {
    this.context = context;
  }

  async write(letters: readonly KafkaDeadLetter[]): Promise<void> {
    const { records } = await this.context.topics();
    for (const [topic, ofTopic] of Map.groupBy(letters, ({ origin }) => origin.topic)) {
      const count = await this.partitionCount(topic);
      await records.write(
        topic,
        ofTopic.map(({ key, value, headers, origin }) => ({
          key,
          value,
          headers,
          partition: origin.partition % count,
        })),
      );
    }
  }

  private async partitionCount(topic: string): Promise<number> {
    const known = this.partitionCounts.get(topic);
    if (known !== undefined) return known;
    const { admin } = await this.context.topics();
    const described = await admin.describe(topic);
    if (described === undefined)
      throw new SpoorError(
        'SPOOR_NOT_FOUND',
        `the topic ${topic}, which letters came from, does not exist; create it first`,
      );
    this.partitionCounts.set(topic, described.partitions.length);
    return described.partitions.length;
  }
}
