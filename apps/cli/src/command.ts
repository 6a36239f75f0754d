import { type KafkaSettings, type KafkaTopics, kafkaSettings } from '@spoor/span-log';
import { z } from 'zod';

/** What a command is given. */
export interface CommandContext {
  /** Opened with the first use, closed when the command ends. */
  readonly topics: () => Promise<KafkaTopics>;
  readonly kafka: KafkaSettings;
  /** The spans' topic and that of its dead letters. */
  readonly topic: string;
  readonly deadLetterTopic: string;
  /** What stands before the flags. */
  readonly operands: readonly string[];
  readonly nowMs: () => number;
}

/** What a command has to say: one value for machines, the same as lines for people. */
export interface CommandResult {
  /** JSON; offsets are text, since they may be larger than a number holds exactly. */
  readonly json: unknown;
  readonly text: string;
  /** 0 unless told otherwise; 1 where something was found to be wrong, 2 where a confirmation is missing. */
  readonly exitCode?: 0 | 1 | 2;
}

export interface Command<Flags extends z.core.$ZodLooseShape = z.core.$ZodLooseShape> {
  readonly summary: string;
  /** As `--help` shows them: `<partition>/<offset>`. */
  readonly operands?: string;
  readonly flags: Flags;
  readonly run: (flags: z.output<z.ZodObject<Flags>>, context: CommandContext) => Promise<CommandResult>;
}

/** Keeps the types of the flags together with the function that takes them. */
export function command<Flags extends z.core.$ZodLooseShape>(definition: Command<Flags>): Command {
  return definition as unknown as Command;
}

/** Every command's settings: its own flags, the output, and Kafka as every process has it. */
export function schemaOf(flags: z.core.$ZodLooseShape) {
  return z.strictObject({
    ...flags,
    json: z.boolean().default(false).meta({ description: 'Prints one JSON value instead of text' }),
    kafka: kafkaSettings,
  });
}

/** Thrown where the command was called wrongly; the process exits with 2. */
export class UsageError extends Error {}
