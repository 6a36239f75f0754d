import type { TopicDescription } from '@spoor/span-log';
import { bytesText, durationText } from '../table.ts';
import { replicationFactorOf } from './drift.ts';

export interface Finding {
  readonly topic: string;
  readonly message: string;
}

export interface TopicCheck {
  readonly found: TopicDescription | undefined;
  readonly name: string;
  /** What the largest record batch may have. */
  readonly minMessageBytes: number;
  /** How far the slowest partition of the ingesters is behind; 0 for dead letters. */
  readonly lagMs: number;
  /** What of the fullest partition is not stored yet, as it lies on disk; 0 for dead letters. */
  readonly lagBytes: number;
}

/** What loses spans or stops the flow, whatever was planned. */
export function unsafeSettings({ found, name, minMessageBytes, lagMs, lagBytes }: TopicCheck): readonly Finding[] {
  if (found === undefined) return [{ topic: name, message: 'does not exist; spoor topics apply creates it' }];
  const messages: string[] = [];
  const setting = (key: string) => found.settings.get(key) ?? '';
  const replicas = replicationFactorOf(found);
  const minInSync = Number(setting('min.insync.replicas'));
  if (replicas === 1) messages.push('its replication factor is 1: the loss of one disk loses acknowledged spans');
  if (minInSync === 1)
    messages.push('min.insync.replicas is 1: with acks=all a span is acknowledged while only one broker has it');
  if (minInSync > replicas)
    messages.push(`min.insync.replicas is ${minInSync} with ${replicas} copies: nothing can be written`);
  else if (minInSync === replicas && replicas > 1)
    messages.push(
      `min.insync.replicas is ${minInSync} with ${replicas} copies: nothing can be written while a broker is away`,
    );
  if (setting('unclean.leader.election.enable') === 'true')
    messages.push('unclean.leader.election.enable is true: a broker that lags may lead, and what it lacks is lost');
  if (setting('cleanup.policy') !== 'delete')
    messages.push(`cleanup.policy is ${setting('cleanup.policy')}: compaction removes records that nobody has read`);
  const maxMessageBytes = Number(setting('max.message.bytes'));
  if (maxMessageBytes < minMessageBytes)
    messages.push(`max.message.bytes is ${maxMessageBytes}: the largest batches of ours need ${minMessageBytes}`);
  const retentionMs = Number(setting('retention.ms'));
  if (retentionMs >= 0 && lagMs > retentionMs / 2)
    messages.push(
      `retention.ms is ${durationText(retentionMs)} and the ingesters are ${durationText(lagMs)} behind: spans are about to be removed before they are stored`,
    );
  const retentionBytes = Number(setting('retention.bytes') || -1);
  if (retentionBytes >= 0 && lagBytes > retentionBytes / 2)
    messages.push(
      `retention.bytes is ${retentionBytes} (${bytesText(retentionBytes)} a partition) and ${bytesText(lagBytes)} of one are not stored yet: spans are about to be removed before they are stored`,
    );
  const leaderless = found.partitions.filter(({ leader }) => leader < 0).map(({ partition }) => partition);
  if (leaderless.length > 0) messages.push(`partitions without a leader: ${leaderless.join(', ')}`);
  const lagging = found.partitions.filter(({ replicas: all, inSyncReplicas }) => inSyncReplicas.length < all.length);
  if (lagging.length > 0)
    messages.push(
      `partitions with copies that are not in sync: ${lagging.map(({ partition }) => partition).join(', ')}`,
    );
  return messages.map((message) => ({ topic: name, message }));
}
