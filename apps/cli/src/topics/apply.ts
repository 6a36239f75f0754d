import { SpoorError } from '@spoor/model';
import type { KafkaTopicAdmin, TopicDescription } from '@spoor/span-log';
import { z } from 'zod';
import { command } from '../kafka-command.ts';
import { table } from '../table.ts';
import { type Difference, driftOf, replicationFactorOf } from './drift.ts';
import { planFlags, planInput } from './flags.ts';
import { planTopics, type TopicPlan } from './plan.ts';

export const applyPlan = command({
  summary: 'Tells how the topics differ from the plan; with --yes creates them or alters what may be altered',
  flags: {
    ...planFlags,
    yes: z.boolean().default(false).meta({ description: 'Really does it; without it only the difference is told' }),
  },
  async run({ yes, ...flags }, context) {
    const { topic, deadLetterTopic, kafka, topics } = context;
    const { admin } = await topics();
    const plan = planTopics(planInput(flags, await admin.brokerCount(), kafka));
    const wanted = [
      [topic, plan.spans],
      [deadLetterTopic, plan.deadLetters],
    ] as const;
    const steps: Step[] = [];
    for (const [name, planned] of wanted) {
      const found = await admin.describe(name);
      steps.push({ name, found, planned, drift: driftOf(name, found, planned) });
    }
    const differences = steps.flatMap(({ drift }) => drift);
    if (yes) {
      // All or nothing, as far as it can be known before.
      for (const step of steps) refuseLockOut(step);
      for (const step of steps) await change(admin, step);
    }
    const changed = differences.filter(({ obstacle }) => obstacle === undefined);
    const stays = differences.filter(({ obstacle }) => obstacle !== undefined);
    const isMissingYes = !yes && changed.length > 0;
    const lines = [
      differences.length === 0 ? `${topic} and ${deadLetterTopic} are as planned` : differenceTable(differences),
      ...stays.map(({ topic: name, what, obstacle }) => `${name}: the ${what} stays: ${obstacle}`),
      ...plan.warnings.map((warning) => `warning: ${warning}`),
      ...(isMissingYes ? ['nothing was changed; say --yes to do it'] : []),
      ...(yes && changed.length > 0 ? ['done'] : []),
    ];
    return {
      json: { done: yes, differences, warnings: plan.warnings },
      text: lines.join('\n\n'),
      exitCode: isMissingYes ? 2 : stays.length > 0 ? 1 : 0,
    };
  },
});

export function differenceTable(differences: readonly Difference[]): string {
  return table(
    ['TOPIC', 'WHAT', 'IS', 'PLANNED'],
    differences.map(({ topic, what, is, planned }) => [topic, what, is, planned]),
  );
}

interface Step {
  readonly name: string;
  readonly found: TopicDescription | undefined;
  readonly planned: TopicPlan;
  readonly drift: readonly Difference[];
}

function refuseLockOut({ name, found, planned: { settings } }: Step): void {
  const minInSync = Number(settings['min.insync.replicas']);
  if (found === undefined || minInSync <= replicationFactorOf(found)) return;
  throw new SpoorError(
    'SPOOR_INVALID_REQUEST',
    `${name} has fewer copies than the planned min.insync.replicas ${minInSync}: nothing could be written any more; raise its replication factor first, with kafka-reassign-partitions.sh`,
  );
}

async function change(admin: KafkaTopicAdmin, { name, found, planned, drift }: Step): Promise<void> {
  const { partitions, replicationFactor, settings } = planned;
  if (found === undefined) return admin.create({ name, partitions, replicationFactor, settings });
  const differing = new Set(drift.map(({ what }) => what));
  const altered = Object.entries(settings).filter(([setting]) => differing.has(setting));
  if (altered.length > 0) await admin.alter(name, Object.fromEntries(altered));
  // Last, since it waits until the brokers know: they learn of changes in order.
  if (differing.has('partitions')) await admin.grow(name, partitions);
}
