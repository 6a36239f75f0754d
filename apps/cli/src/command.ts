import { z } from 'zod';

/** What every command is given; groups add to it what their commands work on. */
export interface CommandCall {
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

export interface Command<Flags extends z.core.$ZodLooseShape = z.core.$ZodLooseShape, Context = never> {
  readonly summary: string;
  /** As `--help` shows them: `<partition>/<offset>`. */
  readonly operands?: string;
  readonly flags: Flags;
  readonly run: (flags: z.output<z.ZodObject<Flags>>, context: Context) => Promise<CommandResult>;
}

/** What the commands of a group share: settings, and what is made of them. */
export interface Subject<Settings extends z.core.$ZodLooseShape = z.core.$ZodLooseShape, Context = unknown> {
  /** Beside the flags of each command. */
  readonly settings: Settings;
  /** Variables that are looked at. The settings of other processes may stand in the same environment. */
  readonly readsVariable: (name: string) => boolean;
  /** Another name of a variable, by which the settings know it. */
  readonly renamed?: (name: string) => string;
  /** What of a configuration file counts, which may be that of any process. */
  readonly partOf: (document: Readonly<Record<string, unknown>>) => object;
  /** Flags as the settings have them, for those that people say in a shorter way. */
  readonly flagsOf?: (flags: readonly string[]) => readonly string[];
  /** Throws `SpoorError`. Connects to nothing yet. */
  readonly open: (settings: z.output<z.ZodObject<Settings>>, call: CommandCall) => Opened<Context>;
}

export interface Opened<Context> {
  readonly context: Context;
  readonly close: () => Promise<void>;
}

/** Forgets the types that only `open` and the commands of the group need. */
export function subject<Settings extends z.core.$ZodLooseShape, Context>(
  definition: Subject<Settings, Context>,
): Subject {
  return definition as unknown as Subject;
}

/** Every command's settings: its own flags, the output, and what its group needs. */
export function schemaOf(flags: z.core.$ZodLooseShape, settings: z.core.$ZodLooseShape) {
  return z.strictObject({
    ...flags,
    json: z.boolean().default(false).meta({ description: 'Prints one JSON value instead of text' }),
    ...settings,
  });
}

/** Thrown where the command was called wrongly; the process exits with 2. */
export class UsageError extends Error {}
