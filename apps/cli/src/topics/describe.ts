import { SpoorError } from '@spoor/model';
import { command } from '../kafka-command.ts';
import { bytesText, durationText, table } from '../table.ts';
import { groupFlag } from './flags.ts';
import { flowOf, lagOf } from './lag.ts';

export const describeTopic = command({
  summary: "Tells the topic's partitions, leaders and sizes, and how far the ingesters are behind",
  flags: { group: groupFlag() },
  async run({ group }, context) {
    const { topic, topics } = context;
    const { admin } = await topics();
    const found = await admin.describe(topic);
    if (found === undefined)
      throw new SpoorError('SPOOR_NOT_FOUND', `the topic ${topic} does not exist; spoor topics apply creates it`);
    const lag = new Map((await lagOf(context, topic, group)).map((one) => [one.partition, one]));
    const flow = new Map((await flowOf(context, topic)).map((one) => [one.partition, one]));
    const bytes = await admin.bytes(topic);
    const partitions = found.partitions.map(({ partition, leader, replicas, inSyncReplicas }) => {
      // Nobody can tell of a partition without a leader.
      const { start, end, committed, records, ms } = lag.get(partition) ?? UNKNOWN_LAG;
      const { recordsPerSecond = 0, spansPerRecord } = flow.get(partition) ?? {};
      const inSpans = (count: number) => (spansPerRecord === undefined ? null : count * spansPerRecord);
      return {
        partition,
        leader,
        replicas,
        inSyncReplicas,
        start: start === undefined ? null : String(start),
        end: end === undefined ? null : String(end),
        bytes: bytes.get(partition) ?? 0,
        committed: committed === undefined ? null : String(committed),
        recordsPerSecond,
        spansPerSecond: inSpans(recordsPerSecond),
        lagRecords: records,
        lagSpans: records === 0 ? 0 : records === null ? null : inSpans(records),
        lagSeconds: ms === null ? null : ms / 1000,
      };
    });
    const totalBytes = partitions.reduce((sum, one) => sum + one.bytes, 0);
    const largest = Math.max(...partitions.map((one) => one.bytes));
    const led = partitions.filter((one) => one.lagRecords !== null);
    const lagRecords = led.reduce((sum, one) => sum + (one.lagRecords ?? 0), 0);
    const recordsPerSecond = partitions.reduce((sum, one) => sum + one.recordsPerSecond, 0);
    const spansPerSecond = sumOfKnown(partitions.map((one) => (one.recordsPerSecond === 0 ? 0 : one.spansPerSecond)));
    const lagSpans = sumOfKnown(led.map((one) => one.lagSpans));
    const lagSeconds = Math.max(0, ...led.map((one) => one.lagSeconds ?? 0));
    /** 1 where all partitions are as large; the largest by the mean. */
    const skew = totalBytes === 0 ? 1 : largest / (totalBytes / partitions.length);
    const rows = partitions.map((one) => [
      one.partition,
      one.leader < 0 ? 'none' : one.leader,
      one.replicas.join(','),
      one.inSyncReplicas.join(','),
      one.start ?? 'unknown',
      one.end ?? 'unknown',
      bytesText(one.bytes),
      one.committed ?? 'none',
      one.recordsPerSecond.toFixed(1),
      one.lagRecords ?? 'unknown',
      spansText(one.lagSpans),
      one.lagSeconds === null ? 'unknown' : durationText(one.lagSeconds * 1000),
    ]);
    return {
      json: {
        topic,
        group,
        partitions,
        bytes: totalBytes,
        skew,
        recordsPerSecond,
        spansPerSecond,
        lagRecords,
        lagSpans,
        lagSeconds,
      },
      text: [
        table(
          [
            'PARTITION',
            'LEADER',
            'REPLICAS',
            'IN SYNC',
            'START',
            'END',
            'BYTES',
            'COMMITTED',
            'RECORDS/S',
            'LAG',
            'SPANS',
            'BEHIND',
          ],
          rows,
        ),
        `${bytesText(totalBytes)} in ${partitions.length} partitions, the largest ${skew.toFixed(2)} times the mean; ${recordsPerSecond.toFixed(1)} records and ${spansText(spansPerSecond)} spans a second in the last minute; ${group} is ${lagRecords} records, ${spansText(lagSpans)} spans and ${durationText(lagSeconds * 1000)} behind${led.length < partitions.length ? ', without the partitions that have no leader' : ''}`,
      ].join('\n\n'),
    };
  },
});

const UNKNOWN_LAG = { start: undefined, end: undefined, committed: undefined, records: null, ms: null } as const;

function sumOfKnown(counts: readonly (number | null)[]): number | null {
  return counts.reduce((sum, count) => (sum === null || count === null ? null : sum + count), 0);
}

/** Estimated, but for records that do not tell. */
function spansText(spans: number | null): string {
  return spans === null ? 'unknown' : spans.toFixed(spans < 10 ? 1 : 0);
}
