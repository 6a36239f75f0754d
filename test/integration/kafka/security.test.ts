import type { KafkaClientName, KafkaSasl } from '@spoor/span-log';
import { afterAll, describe, expect, test } from 'vitest';
import { type OwnKafka, startOwnKafka } from '../../harness/kafka.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { openLog } from './open-log.ts';

const NEVER = new AbortController().signal;
const SEEN = { timeout: 30_000, interval: 20 };
const CLIENTS: readonly KafkaClientName[] = ['platformatic', 'kafkajs'];
const USER = { username: 'spoor', password: 'correct horse' };

const outside = await startOwnKafka({ user: USER });
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Kafka that asks who one is', (context) => {
  foundOrSkipped<OwnKafka>(outside, (note) => context.skip(note));
});

describe.skipIf('missing' in outside).each(CLIENTS)('security by %s', (client) => {
  const kafka = 'found' in outside ? outside.found : undefined;
  const batch = {
    tenant: 'default',
    encoding: 'otlp_proto' as const,
    partition: 0,
    spanCount: 1,
    bytes: Buffer.from('x'),
  };

  test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('%s lets us write and read', async (mechanism) => {
    const sasl: KafkaSasl = { mechanism, ...USER };
    const { log } = await openLog(kafka!, { client, sasl, brokers: kafka!.guardedBrokers });
    await log.start();
    const seen: string[] = [];
    const consumer = log.consumer('test', async (records) => {
      seen.push(...records.map(({ bytes }) => Buffer.from(bytes).toString()));
      return [];
    });
    await consumer.start();
    await log.producer().append([batch], { signal: NEVER });
    await expect.poll(() => seen, SEEN).toEqual(['x']);
    await consumer.stop(NEVER);
    await log.stop(NEVER);
  });

  test('TLS with an authority that we trust lets us write; with one that we do not, it does not', async () => {
    const trusting = await openLog(kafka!, { client, brokers: kafka!.tlsBrokers, tls: { ca: kafka!.ca } });
    await trusting.log.start();
    await expect(trusting.log.producer().append([batch], { signal: NEVER })).resolves.toEqual([]);
    await trusting.log.stop(NEVER);
    const doubting = await openLog(kafka!, { client, brokers: kafka!.tlsBrokers, tls: {} });
    await doubting.log.start();
    await expect.poll(() => doubting.log.readiness().reason ?? '', SEEN).toMatch(/certificate/i);
    await doubting.log.stop(NEVER);
  });

  test('a wrong password is told', async () => {
    const sasl: KafkaSasl = { mechanism: 'SCRAM-SHA-256', username: USER.username, password: 'wrong' };
    const { log } = await openLog(kafka!, { client, sasl, brokers: kafka!.guardedBrokers });
    await log.start();
    await expect.poll(() => log.readiness().reason ?? '', SEEN).toMatch(/authentication/i);
    expect(log.readiness().ready).toBe(false);
    await log.stop(NEVER);
  });
});
