import { z } from 'zod';
import { command } from '../kafka-command.ts';
import { table } from '../table.ts';
import { planFlags, planInput } from './flags.ts';
import { planTopics, type TopicPlan } from './plan.ts';

const settingsRows = ({ partitions, replicationFactor, settings }: TopicPlan) => ({
  partitions: String(partitions),
  'replication factor': String(replicationFactor),
  ...settings,
});

export const showPlan = command({
  summary: 'Says how the topics should be for a load, and why; asks no broker',
  flags: {
    ...planFlags,
    'brokers-count': z.number().int().min(1).default(3).meta({ description: 'How many brokers there are' }),
  },
  async run({ 'brokers-count': brokers, ...flags }, { topic, deadLetterTopic, kafka }) {
    const { reasons, warnings, ...plan } = planTopics(planInput(flags, brokers, kafka));
    const spans: Record<string, string> = settingsRows(plan.spans);
    const letters: Record<string, string> = settingsRows(plan.deadLetters);
    const rows = Object.keys(spans).map((name) => [name, spans[name] ?? '', letters[name] ?? '']);
    return {
      json: { topic, deadLetterTopic, ...plan, reasons, warnings },
      text: [
        table(['', topic, deadLetterTopic], rows),
        reasons.join('\n'),
        ...warnings.map((warning) => `warning: ${warning}`),
      ].join('\n\n'),
    };
  },
});
