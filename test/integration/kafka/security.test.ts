import type { KafkaClientName, KafkaSasl } from '@spoor/span-log';
import { afterAll, describe, expect, test } from 'vitest';
import { type OwnKafka, startOwnKafka } from '../../harness/kafka.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { type OpenOptions, openLog } from './open-log.ts';

const NEVER = new AbortController().signal;
const SEEN = { timeout: 30_000, interval: 20 };
const CLIENTS: readonly KafkaClientName[] = ['platformatic', 'kafkajs'];
const USER = { username: 'spoor', password: 'correct horse' };

/** A token that nobody signed, which Kafka takes where it is told of no keys. */
function bearerToken(secondsLeft: number): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: USER.username, iat: now - 120, exp: now + secondsLeft };
  const parts = [{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return `${parts.join('.')}.`;
}

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

  async function expectWritesAndReads(options: OpenOptions): Promise<void> {
    const { log } = await openLog(kafka!, { client, ...options });
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
  }

  async function expectRefused(options: OpenOptions, reason: RegExp): Promise<void> {
    const { log } = await openLog(kafka!, { client, ...options });
    await log.start();
    await expect.poll(() => log.readiness().reason ?? '', SEEN).toMatch(reason);
    expect(log.readiness().ready).toBe(false);
    await log.stop(NEVER);
  }

  test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('%s lets us write and read', (mechanism) =>
    expectWritesAndReads({ sasl: { mechanism, ...USER }, brokers: kafka!.guardedBrokers }),
  );

  test('OAUTHBEARER lets us write and read with a token, asked for anew, and not with one that is over', async () => {
    let asked = 0;
    const token = async () => {
      asked += 1;
      return bearerToken(60);
    };
    await expectWritesAndReads({ sasl: { mechanism: 'OAUTHBEARER', token }, brokers: kafka!.guardedBrokers });
    expect(asked).toBeGreaterThan(1);
    const old: KafkaSasl = { mechanism: 'OAUTHBEARER', token: async () => bearerToken(-60) };
    await expectRefused({ sasl: old, brokers: kafka!.guardedBrokers }, /refuse the token/);
  });

  test('mutual TLS lets us write and read with a certificate, and nothing without', async () => {
    const { ca, client: own, mutualTlsBrokers } = kafka!;
    const { cert, key } = own;
    await expectWritesAndReads({ brokers: mutualTlsBrokers, tls: { ca, cert, key } });
    await expectRefused({ brokers: mutualTlsBrokers, tls: { ca } }, /connect|certificate|alert/i);
  });

  test('TLS with an authority that we trust lets us write; with one that we do not, it does not', async () => {
    const trusting = await openLog(kafka!, { client, brokers: kafka!.tlsBrokers, tls: { ca: kafka!.ca } });
    await trusting.log.start();
    await expect(trusting.log.producer().append([batch], { signal: NEVER })).resolves.toEqual([]);
    await trusting.log.stop(NEVER);
    await expectRefused({ brokers: kafka!.tlsBrokers, tls: {} }, /certificate/i);
  });

  test.each(['PLAIN', 'SCRAM-SHA-512'] as const)(
    '%s over TLS wants both: the password and an authority that we trust',
    async (mechanism) => {
      const { ca, guardedTlsBrokers: brokers } = kafka!;
      const sasl = { mechanism, ...USER };
      await expectWritesAndReads({ brokers, sasl, tls: { ca } });
      await expectRefused({ brokers, sasl: { ...sasl, password: 'wrong' }, tls: { ca } }, /authentication/i);
      await expectRefused({ brokers, sasl, tls: {} }, /certificate/i);
    },
  );

  test('OAUTHBEARER over TLS lets us write and read', () =>
    expectWritesAndReads({
      brokers: kafka!.guardedTlsBrokers,
      sasl: { mechanism: 'OAUTHBEARER', token: async () => bearerToken(60) },
      tls: { ca: kafka!.ca },
    }));

  test("where we may not ask for a topic's settings, ours count and spans go through", async () => {
    const topic = `hidden-${client}`;
    await kafka!.createTopic(topic, { partitions: 1 });
    await kafka!.createTopic(`${topic}-dlq`, { partitions: 1 });
    await kafka!.hideSettings(topic, USER.username);
    await expectWritesAndReads({ topic, sasl: { mechanism: 'PLAIN', ...USER }, brokers: kafka!.guardedBrokers });
  });

  test('a wrong password is told', async () => {
    const sasl: KafkaSasl = { mechanism: 'SCRAM-SHA-256', username: USER.username, password: 'wrong' };
    await expectRefused({ sasl, brokers: kafka!.guardedBrokers }, /authentication/i);
  });
});
