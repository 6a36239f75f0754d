import type { TopicDescription } from '@spoor/span-log';
import type { TopicPlan } from './plan.ts';

/** Where a topic is not as planned. */
export interface Difference {
  readonly topic: string;
  /** A setting by Kafka's name, or `topic`, `partitions`, `replication factor`. */
  readonly what: string;
  readonly is: string;
  readonly planned: string;
  /** Why Spoor does not change it; `undefined` where it can. */
  readonly obstacle?: string;
}

/** In the order in which people read them; nothing where the topic is as planned, or better. */
export function driftOf(topic: string, found: TopicDescription | undefined, plan: TopicPlan): readonly Difference[] {
  if (found === undefined) return [{ topic, what: 'topic', is: 'none', planned: 'created' }];
  const differences: Difference[] = [];
  const partitions = found.partitions.length;
  // More partitions do no harm, and Kafka never takes one away.
  if (partitions < plan.partitions)
    differences.push({ topic, what: 'partitions', is: String(partitions), planned: String(plan.partitions) });
  const replicas = replicationFactorOf(found);
  if (replicas < plan.replicationFactor)
    differences.push({
      topic,
      what: 'replication factor',
      is: String(replicas),
      planned: String(plan.replicationFactor),
      obstacle: 'existing partitions get copies by kafka-reassign-partitions.sh',
    });
  for (const [what, planned] of Object.entries(plan.settings)) {
    const is = found.settings.get(what) ?? '';
    if (is !== planned) differences.push({ topic, what, is, planned });
  }
  return differences;
}

/** That of the partition with the fewest copies. */
export function replicationFactorOf({ partitions }: TopicDescription): number {
  return Math.min(...partitions.map(({ replicas }) => replicas.length));
}
