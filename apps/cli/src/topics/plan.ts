import { bytesText, durationText } from '../table.ts';

export interface PlanInput {
  readonly spansPerSecond: number;
  readonly bytesPerSpan: number;
  readonly retentionMs: number;
  /** How long the ingesters or their store may be away. */
  readonly outageMs: number;
  /** What one ingester stores. */
  readonly ingesterSpansPerSecond: number;
  readonly brokers: number;
  /** What one record batch of ours may have, `kafka.maxRequestBytesPerPartition`. */
  readonly maxRequestBytes: number;
}

/** How a topic is to be. */
export interface TopicPlan {
  readonly partitions: number;
  readonly replicationFactor: number;
  /** The topic's own settings, by Kafka's names. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface Plan {
  readonly ingesters: number;
  readonly spans: TopicPlan;
  readonly deadLetters: TopicPlan;
  /** Over all brokers and replicas, when every partition is as large as it may become. */
  readonly diskBytes: number;
  readonly diskBytesPerBroker: number;
  /** Why each figure is what it is, in order. */
  readonly reasons: readonly string[];
  /** What is not safe about it. */
  readonly warnings: readonly string[];
}

const MIB = 2 ** 20;
const DAY_MS = 86_400_000;
/** More than a broker with one ordinary disk should be asked to take in one partition. */
const PARTITION_BYTES_PER_SECOND = 5 * MIB;
const MIN_PARTITIONS = 6;
/** Kafka's own default of `max.message.bytes`. */
export const DEFAULT_MAX_MESSAGE_BYTES = 1_048_588;
/** Headers and framing of a record batch, and what compression may add to bytes that cannot be compressed. */
export const BATCH_OVERHEAD_BYTES = 64 * 1024;
const MIN_SEGMENT_BYTES = 16 * MIB;
const MAX_SEGMENT_BYTES = 1024 * MIB;
const SEGMENTS_IN_RETENTION = 10;
const DEAD_LETTER_RETENTION_MS = 14 * DAY_MS;

/** Topics for a load. Pure arithmetic: nothing is asked of a cluster. All figures are at least 1. */
export function planTopics(input: PlanInput): Plan {
  const { spansPerSecond, bytesPerSpan, outageMs, ingesterSpansPerSecond, brokers, maxRequestBytes } = input;
  const bytesPerSecond = spansPerSecond * bytesPerSpan;
  // Twice the load, so that what an outage left is worked off in as long again as the outage was.
  const ingesters = Math.ceil((2 * spansPerSecond) / ingesterSpansPerSecond);
  const forBytes = Math.ceil(bytesPerSecond / PARTITION_BYTES_PER_SECOND);
  const needed = Math.max(MIN_PARTITIONS, 2 * ingesters, forBytes);
  const partitions = Math.ceil(needed / brokers) * brokers;
  const replicationFactor = Math.min(3, brokers);
  const minInSync = Math.min(2, replicationFactor);
  const catchUpMs = (outageMs * spansPerSecond) / (ingesters * ingesterSpansPerSecond - spansPerSecond);
  const neededMs = Math.ceil(2 * (outageMs + catchUpMs));
  const retentionMs = Math.max(input.retentionMs, neededMs);
  const partitionBytes = Math.ceil((bytesPerSecond * retentionMs) / 1000 / partitions);
  const segmentBytes = wholeMiB(clamp(partitionBytes / SEGMENTS_IN_RETENTION, MIN_SEGMENT_BYTES, MAX_SEGMENT_BYTES));
  const retentionBytes = wholeMiB(1.5 * partitionBytes) + segmentBytes;
  const maxMessageBytes = Math.max(DEFAULT_MAX_MESSAGE_BYTES, maxRequestBytes + BATCH_OVERHEAD_BYTES);
  // The segment that is written to comes on top of what retention counts.
  const diskBytes = (retentionBytes + segmentBytes) * partitions * replicationFactor;
  const deadLetterPartitions = Math.min(partitions, brokers);
  const deadLetterRetentionMs = Math.max(DEAD_LETTER_RETENTION_MS, retentionMs);

  const reasons = [
    `load: ${count(spansPerSecond)} spans/s of ${count(bytesPerSpan)} bytes are ${bytesText(bytesPerSecond)}/s, ${bytesText((bytesPerSecond * DAY_MS) / 1000)} a day, before compression`,
    `ingesters: ${ingesters} of ${count(ingesterSpansPerSecond)} spans/s take twice the load, so that they catch up ${durationText(catchUpMs)} after an outage of ${durationText(outageMs)}`,
    `partitions: ${partitions}: at least ${MIN_PARTITIONS}, two for each ingester (${2 * ingesters}) so that their number may double, ${forBytes} for at most ${bytesText(PARTITION_BYTES_PER_SECOND)}/s each, rounded up to share ${brokers} brokers evenly`,
    `replication factor: ${replicationFactor}: three copies where there are as many brokers (${brokers})`,
    `min.insync.replicas: ${minInSync}: ${minInSync > 1 ? 'an acknowledged span is on two brokers' : 'there is no second broker'}${replicationFactor > minInSync ? ', and one broker may be away' : ''}`,
    `retention.ms: ${retentionMs} (${durationText(retentionMs)}): ${retentionMs > input.retentionMs ? `more than the ${durationText(input.retentionMs)} asked for, since` : 'as asked for;'} twice the outage and the catching up are ${durationText(neededMs)}`,
    `retention.bytes: ${retentionBytes} a partition: half as much again as ${bytesText(partitionBytes)}, which the load makes in that time, and a segment; it only keeps the disk from filling up`,
    `segment.bytes: ${segmentBytes} (${bytesText(segmentBytes)}): about a tenth of a partition, since whole segments are removed; between ${bytesText(MIN_SEGMENT_BYTES)} and ${bytesText(MAX_SEGMENT_BYTES)}`,
    `max.message.bytes: ${maxMessageBytes}: at least Kafka's default, and more than the ${maxRequestBytes} of kafka.maxRequestBytesPerPartition`,
    `dead letters: ${deadLetterPartitions} partitions, kept for ${durationText(deadLetterRetentionMs)}, whatever their size; larger messages, since a letter adds headers to the largest record`,
    `disk: at most ${bytesText(diskBytes)} in all, ${bytesText(diskBytes / brokers)} on each broker, with all copies; dead letters come on top`,
  ];
  const warnings = [
    ...(replicationFactor === 1 ? ['with one broker, the loss of its disk is the loss of the spans on it'] : []),
    ...(replicationFactor === 2 ? ['with two brokers nothing can be written while one is away; three let one go'] : []),
  ];
  const shared = {
    'cleanup.policy': 'delete',
    'min.insync.replicas': String(minInSync),
    'unclean.leader.election.enable': 'false',
  };
  return {
    ingesters,
    spans: {
      partitions,
      replicationFactor,
      settings: {
        ...shared,
        'retention.ms': String(retentionMs),
        'retention.bytes': String(retentionBytes),
        'segment.bytes': String(segmentBytes),
        'max.message.bytes': String(maxMessageBytes),
      },
    },
    deadLetters: {
      partitions: deadLetterPartitions,
      replicationFactor,
      settings: {
        ...shared,
        'retention.ms': String(deadLetterRetentionMs),
        'retention.bytes': '-1',
        'max.message.bytes': String(maxMessageBytes + BATCH_OVERHEAD_BYTES),
      },
    },
    diskBytes,
    diskBytesPerBroker: Math.ceil(diskBytes / brokers),
    reasons,
    warnings,
  };
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

function wholeMiB(bytes: number): number {
  return Math.ceil(bytes / MIB) * MIB;
}
