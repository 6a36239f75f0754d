import {
  type KafkaSettings,
  type KafkaTopics,
  kafkaOptionsOf,
  kafkaSettings,
  kafkaSpanLogConfig,
  openKafkaTopics,
} from '@spoor/span-log';
import type { z } from 'zod';
import { type Command, type CommandCall, subject } from './command.ts';

/** What a command about topics is given. */
export interface CommandContext extends CommandCall {
  /** Opened with the first use, closed when the command ends. */
  readonly topics: () => Promise<KafkaTopics>;
  readonly kafka: KafkaSettings;
  /** The spans' topic and that of its dead letters. */
  readonly topic: string;
  readonly deadLetterTopic: string;
}

/** Keeps the types of the flags together with the function that takes them. */
export function command<Flags extends z.core.$ZodLooseShape>(definition: Command<Flags, CommandContext>): Command {
  return definition as unknown as Command;
}

/** Kafka as every process has it. */
export const kafkaSubject = subject({
  settings: { kafka: kafkaSettings },
  readsVariable: (name) => /^(SPOOR_)?KAFKA_/.test(name),
  partOf: ({ kafka }) => ({ kafka: kafka ?? {} }),
  open({ kafka }, call) {
    let opened: Promise<KafkaTopics> | undefined;
    const options = kafkaOptionsOf(kafka);
    const { topic, deadLetterTopic } = kafkaSpanLogConfig(options);
    const topics = () => (opened ??= openKafkaTopics(options));
    const context: CommandContext = { ...call, topics, kafka, topic, deadLetterTopic };
    return { context, close: async () => (await opened)?.close() };
  },
});
