import { describeSpanLog } from '@spoor/span-log/contract';
import { afterAll, describe, test } from 'vitest';
import { type Kafka, startKafka } from '../../harness/kafka.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { openLog } from './open-log.ts';
import { describeOverKafka } from './over-kafka.ts';
import { testStall } from './over-kafka-stall.ts';

const outside = await startKafka();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Kafka to test with', (context) => {
  foundOrSkipped<Kafka>(outside, (note) => context.skip(note));
});

describe.skipIf('missing' in outside).each(['platformatic', 'kafkajs'] as const)('Kafka by %s', (client) => {
  const kafka = 'found' in outside ? outside.found : undefined;
  describeSpanLog(client, async () => (await openLog(kafka!, { client })).log);
  describeOverKafka(client, () => kafka!);
  testStall(client, () => kafka!);
});
