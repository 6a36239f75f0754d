import { SpoorError } from '@spoor/model';
import { command } from '../kafka-command.ts';
import { bytesText, durationText, table } from '../table.ts';
import { groupFlag } from './flags.ts';
import { lagOf } from './lag.ts';

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
    const bytes = await admin.bytes(topic);
    const partitions = found.partitions.map(({ partition, leader, replicas, inSyncReplicas }) => {
      const { start, end, committed, records, ms } = lag.get(partition)!;
      return {
        partition,
        leader,
        replicas,
        inSyncReplicas,
        start: String(start),
        end: String(end),
        bytes: bytes.get(partition) ?? 0,
        committed: committed === undefined ? null : String(committed),
        lagRecords: records,
        lagSeconds: ms / 1000,
      };
    });
    const totalBytes = partitions.reduce((sum, one) => sum + one.bytes, 0);
    const largest = Math.max(...partitions.map((one) => one.bytes));
    const lagRecords = partitions.reduce((sum, one) => sum + one.lagRecords, 0);
    const lagSeconds = Math.max(...partitions.map((one) => one.lagSeconds));
    /** 1 where all partitions are as large; the largest by the mean. */
    const skew = totalBytes === 0 ? 1 : largest / (totalBytes / partitions.length);
    const rows = partitions.map((one) => [
      one.partition,
      one.leader < 0 ? 'none' : one.leader,
      one.replicas.join(','),
      one.inSyncReplicas.join(','),
      one.start,
      one.end,
      bytesText(one.bytes),
      one.committed ?? 'none',
      one.lagRecords,
      durationText(one.lagSeconds * 1000),
    ]);
    return {
      json: { topic, group, partitions, bytes: totalBytes, skew, lagRecords, lagSeconds },
      text: [
        table(
          ['PARTITION', 'LEADER', 'REPLICAS', 'IN SYNC', 'START', 'END', 'BYTES', 'COMMITTED', 'LAG', 'BEHIND'],
          rows,
        ),
        `${bytesText(totalBytes)} in ${partitions.length} partitions, the largest ${skew.toFixed(2)} times the mean; ${group} is ${lagRecords} records and ${durationText(lagSeconds * 1000)} behind`,
      ].join('\n\n'),
    };
  },
});
