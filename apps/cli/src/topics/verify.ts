import { command } from '../kafka-command.ts';
import { differenceTable } from './apply.ts';
import { type Difference, driftOf } from './drift.ts';
import { groupFlag, planFlags, planInput } from './flags.ts';
import { lagBytesOf, lagOf } from './lag.ts';
import { BATCH_OVERHEAD_BYTES, planTopics } from './plan.ts';
import { unsafeSettings } from './unsafe.ts';

export const verifyTopics = command({
  summary: 'Finds what is unsafe and, given a load, what is not as planned; exit code 1 when it finds something',
  flags: {
    ...planFlags,
    'spans-per-second': planFlags['spans-per-second'].optional(),
    group: groupFlag(),
  },
  async run({ 'spans-per-second': spansPerSecond, group, ...flags }, context) {
    const { topic, deadLetterTopic, kafka, topics } = context;
    const { admin } = await topics();
    const found = await admin.describe(topic);
    const letters = await admin.describe(deadLetterTopic);
    const lag = found === undefined ? [] : await lagOf(context, topic, group);
    const bytes = found === undefined ? new Map<number, number>() : await admin.bytes(topic);
    const batchBytes = kafka.maxRequestBytesPerPartition;
    const maxMessageBytes = Number(found?.settings.get('max.message.bytes') ?? 0);
    const findings = [
      ...unsafeSettings({
        found,
        name: topic,
        minMessageBytes: batchBytes,
        lagMs: Math.max(0, ...lag.map(({ ms }) => ms)),
        lagBytes: Math.max(0, ...lag.map((one) => lagBytesOf(one, bytes.get(one.partition) ?? 0))),
      }),
      ...unsafeSettings({
        found: letters,
        name: deadLetterTopic,
        // A letter adds its own headers to what may be the largest record that the topic takes, whoever wrote it.
        minMessageBytes: Math.max(batchBytes, maxMessageBytes) + BATCH_OVERHEAD_BYTES,
        lagMs: 0,
        lagBytes: 0,
      }),
    ];
    const drift: Difference[] = [];
    if (spansPerSecond !== undefined) {
      const input = planInput({ ...flags, 'spans-per-second': spansPerSecond }, await admin.brokerCount(), kafka);
      const plan = planTopics(input);
      drift.push(...driftOf(topic, found, plan.spans), ...driftOf(deadLetterTopic, letters, plan.deadLetters));
    }
    const isFine = findings.length === 0 && drift.length === 0;
    const lines = [
      ...(isFine ? [`${topic} and ${deadLetterTopic}: nothing found`] : []),
      ...(findings.length === 0 ? [] : [findings.map(({ topic: name, message }) => `${name}: ${message}`).join('\n')]),
      ...(drift.length === 0 ? [] : [differenceTable(drift)]),
    ];
    return { json: { findings, drift }, text: lines.join('\n\n'), exitCode: isFine ? 0 : 1 };
  },
});
