import type { KafkaClientName, SpanLogConsumer } from '@spoor/span-log';
import { afterAll, describe, expect, test } from 'vitest';
import { type OwnKafka, startOwnKafka } from '../../harness/kafka.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { type OpenedLog, type OpenOptions, openLog } from './open-log.ts';

const NEVER = new AbortController().signal;
const PARTITIONS = 6;
const CLIENTS: readonly KafkaClientName[] = ['platformatic', 'kafkajs'];

const outside = await startOwnKafka();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Kafka to break', (context) => {
  foundOrSkipped<OwnKafka>(outside, (note) => context.skip(note));
});

/** Ids, as a store keeps them: how often each was handed over and finished. */
class Store {
  readonly times = new Map<string, number>();

  readonly handler = async (
    records: readonly { readonly bytes: Uint8Array }[],
    signal: AbortSignal,
  ): Promise<readonly never[]> => {
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) throw new Error('taken away');
    for (const { bytes } of records) {
      const id = Buffer.from(bytes).toString();
      this.times.set(id, (this.times.get(id) ?? 0) + 1);
    }
    return [];
  };

  missing(ids: ReadonlySet<string>): string[] {
    return [...ids].filter((id) => !this.times.has(id));
  }

  deliveries(): number {
    return [...this.times.values()].reduce((sum, times) => sum + times, 0);
  }

  repeated(): number {
    return [...this.times.values()].filter((times) => times > 1).length;
  }
}

/** Senders that each wait for their acknowledgement and send again what was not acknowledged, as collectors' senders do. */
function startLoad({ log }: OpenedLog, senders: number) {
  const acknowledged = new Set<string>();
  const stopping = new AbortController();
  let failures = 0;
  const send = async (sender: number) => {
    for (let n = 0; !stopping.signal.aborted; n += 1) {
      const id = `${sender}-${n}`;
      const partition = (sender + n) % PARTITIONS;
      const batch = {
        tenant: 'default',
        encoding: 'otlp_proto' as const,
        partition,
        spanCount: 1,
        bytes: Buffer.from(id),
      };
      while (!acknowledged.has(id) && !stopping.signal.aborted) {
        try {
          await log
            .producer()
            .append([batch], { signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(5_000)]) });
          acknowledged.add(id);
        } catch {
          failures += 1;
        }
      }
    }
  };
  const done = Promise.all(Array.from({ length: senders }, (_, sender) => send(sender)));
  return {
    acknowledged,
    failures: () => failures,
    /** Waits until `count` more were acknowledged. */
    async more(count: number): Promise<void> {
      const goal = acknowledged.size + count;
      await waitFor(() => acknowledged.size >= goal, {
        describe: `${count} more acknowledgements`,
        deadlineMs: 60_000,
      });
    },
    async stop(): Promise<void> {
      stopping.abort();
      await done;
    },
  };
}

describe.skipIf('missing' in outside).each(CLIENTS)('faults by %s', (client) => {
  const kafka = 'found' in outside ? outside.found : undefined;

  async function open(options: OpenOptions = {}): Promise<OpenedLog> {
    const opened = await openLog(kafka!, { client, topicOptions: { partitions: PARTITIONS }, ...options });
    await opened.log.start();
    return opened;
  }

  async function join({ log }: OpenedLog, store: Store): Promise<SpanLogConsumer> {
    const consumer = log.consumer('store', store.handler);
    await consumer.start();
    return consumer;
  }

  test('the broker is killed under load and comes back: every acknowledged record is delivered', async () => {
    // Questions are so rare that only the sends can tell that the broker is gone.
    const opened = await open({ metadataRefreshMs: 600_000 });
    const store = new Store();
    const consumer = await join(opened, store);
    const load = startLoad(opened, 20);
    await load.more(500);
    await kafka!.kill();
    await waitFor(() => opened.log.use().items > 0 && !opened.log.readiness().ready, { describe: 'the loss to show' });
    await kafka!.revive();
    await load.more(500);
    expect(opened.log.readiness()).toEqual({ ready: true });
    await load.stop();
    await waitFor(() => store.missing(load.acknowledged).length === 0, {
      describe: 'delivery of every acknowledged record',
      deadlineMs: 60_000,
    });
    process.stderr.write(
      `${client}: ${load.acknowledged.size} acknowledged, ${load.failures()} sent again, ${store.repeated()} repeated\n`,
    );
    await consumer.stop(NEVER);
    await opened.log.stop(NEVER);
  }, 120_000);

  test('the broker freezes under load and goes on: every acknowledged record is delivered', async () => {
    const opened = await open();
    const store = new Store();
    const consumer = await join(opened, store);
    const load = startLoad(opened, 20);
    await load.more(500);
    const before = load.failures();
    await kafka!.freeze();
    await waitFor(() => load.failures() > before, { describe: 'a send that is given up' }).finally(kafka!.thaw);
    await load.more(500);
    await load.stop();
    await waitFor(() => store.missing(load.acknowledged).length === 0, {
      describe: 'delivery of every acknowledged record',
      deadlineMs: 60_000,
    });
    await consumer.stop(NEVER);
    await opened.log.stop(NEVER);
  }, 120_000);

  test('members join and leave under load: every acknowledged record is delivered', async () => {
    const opened = await open();
    const others = await open({ topic: opened.topic });
    const stores = [new Store(), new Store(), new Store()] as const;
    const load = startLoad(opened, 20);
    const works = (store: Store) =>
      waitFor(() => store.times.size > 100, { describe: 'work for a new member', deadlineMs: 60_000 });
    const first = await join(opened, stores[0]);
    await works(stores[0]);
    const second = await join(others, stores[1]);
    await works(stores[1]);
    await first.stop(NEVER);
    const third = await join(opened, stores[2]);
    await works(stores[2]);
    await load.stop();
    const missing = () => [...load.acknowledged].filter((id) => !stores.some((store) => store.times.has(id)));
    await waitFor(() => missing().length === 0, {
      describe: 'delivery of every acknowledged record',
      deadlineMs: 60_000,
    });
    const deliveries = stores.reduce((sum, store) => sum + store.deliveries(), 0);
    process.stderr.write(`${client}: ${load.acknowledged.size} acknowledged, ${deliveries} delivered\n`);
    await Promise.all([second.stop(NEVER), third.stop(NEVER)]);
    await Promise.all([opened.log.stop(NEVER), others.log.stop(NEVER)]);
  }, 120_000);

  test('a stop while the broker is away ends, and the sender learns that nothing was taken', async () => {
    const opened = await open();
    const producer = opened.log.producer();
    const batch = {
      tenant: 'default',
      encoding: 'otlp_proto' as const,
      partition: 0,
      spanCount: 1,
      bytes: Buffer.from('x'),
    };
    await producer.append([batch], { signal: NEVER });
    const consumer = await join(opened, new Store());
    await kafka!.kill();
    try {
      const append = expect(producer.append([batch], { signal: NEVER })).rejects.toMatchObject({ kind: 'retryable' });
      await waitFor(() => !opened.log.readiness().ready, { describe: 'the log to notice' });
      await consumer.stop(AbortSignal.abort());
      await opened.log.stop(AbortSignal.abort());
      await append;
    } finally {
      await kafka!.revive();
    }
  }, 120_000);
});
