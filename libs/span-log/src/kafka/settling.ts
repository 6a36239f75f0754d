import type { Clock } from '@spoor/model';
import { countOf, type LogMetrics } from '../log-metrics.ts';
import type { DeadLetter, SpanLogHandler, SpanLogRecord } from '../span-log.ts';
import { backOffMs, unlessAborted, wait } from '../wait.ts';
import type { FetchedRecord, KafkaDriver, OutgoingRecord } from './driver.ts';
import { reasonOf } from './errors.ts';
import { deadLetterRecord, type Reading, type ReadRecord, readRecord } from './record-format.ts';

export interface SettlingDependencies {
  readonly topic: string;
  readonly deadLetterTopic: string;
  readonly handler: SpanLogHandler;
  readonly reading: Reading;
  readonly driver: () => Promise<KafkaDriver>;
  /** Resolves when the brokers have the record in the dead-letter topic. */
  readonly placeLetter: (record: OutgoingRecord, signal: AbortSignal) => Promise<void>;
  /** Something failed and will be tried again. */
  readonly trouble: (doing: string, error: unknown) => void;
  readonly metrics: LogMetrics;
  readonly clock: Clock;
}

type Letter = Pick<DeadLetter, 'reason' | 'message' | 'spanCount'>;

/** A letter and the fetched record that it is about. */
interface Addressed {
  readonly fetched: FetchedRecord;
  readonly letter: Letter;
}

/** Brings deliveries to their end: every record stored, or in the dead letters. */
export class Settling {
  private readonly dependencies: SettlingDependencies;
  /** Why letters cannot be placed, by delivery. */
  private readonly unplaced = new Map<symbol, string>();

  constructor(dependencies: SettlingDependencies) {
    this.dependencies = dependencies;
  }

  /** Why a partition waits for the dead-letter topic; `undefined` when none does. */
  letterTrouble(): string | undefined {
    return this.unplaced.values().next().value;
  }

  /** False when `signal` aborted before all of them were stored or placed. Never throws. */
  async settle(fetched: readonly FetchedRecord[], signal: AbortSignal): Promise<boolean> {
    const read = fetched.map((record) => readRecord(record, this.dependencies.reading));
    const letters = await this.handle(fetched, read, signal);
    if (letters === 'aborted') return false;
    if (!(await this.placeAll(letters, signal))) return false;
    const counted = read.flatMap((one) => ('record' in one ? [one.record, ...one.rejected] : [one]));
    this.dependencies.metrics.consumed({ records: read.length, spans: countOf(counted).spans });
    return !signal.aborted;
  }

  /** The same records again until the handler has finished them. */
  private async handle(
    fetched: readonly FetchedRecord[],
    read: readonly ReadRecord[],
    signal: AbortSignal,
  ): Promise<readonly Addressed[] | 'aborted'> {
    const { handler, metrics } = this.dependencies;
    const letters: Addressed[] = [];
    const records: SpanLogRecord[] = [];
    const originals = new Map<SpanLogRecord, FetchedRecord>();
    for (const [index, one] of read.entries()) {
      if ('record' in one) {
        records.push(one.record);
        originals.set(one.record, fetched[index]!);
        for (const letter of one.rejected) letters.push({ fetched: fetched[index]!, letter });
      } else letters.push({ fetched: fetched[index]!, letter: one });
    }
    const bytes = records.reduce((sum, record) => sum + record.bytes.length, 0);
    for (let failures = 0; records.length > 0; failures += 1) {
      metrics.delivered(records.length, bytes);
      try {
        for (const letter of await handler(records, signal))
          letters.push({ fetched: originals.get(letter.record)!, letter });
        break;
      } catch {
        // The handler reports its own trouble; here it only means: the same records again, a little later.
        await wait(backOffMs(failures), signal);
        if (signal.aborted) return 'aborted';
      }
    }
    return letters;
  }

  /** Before the commit: where letters cannot be placed the partition waits. Those that are placed are not placed again. */
  private async placeAll(letters: readonly Addressed[], signal: AbortSignal): Promise<boolean> {
    if (letters.length === 0) return !signal.aborted;
    const { deadLetterTopic, trouble } = this.dependencies;
    const delivery = Symbol();
    let left = letters;
    try {
      for (let failures = 0; !signal.aborted; failures += 1) {
        try {
          const outcome = await unlessAborted(this.placeOnce(left, signal), signal);
          if (outcome === 'aborted') return false;
          left = outcome.left;
          if (left.length === 0) return true;
          throw outcome.failure;
        } catch (error) {
          this.unplaced.set(delivery, `dead letters cannot be written to ${deadLetterTopic}: ${reasonOf(error)}`);
          trouble(`writing dead letters to ${deadLetterTopic}`, error);
          await wait(backOffMs(failures), signal);
        }
      }
      return false;
    } finally {
      this.unplaced.delete(delivery);
    }
  }

  /** Those that were not placed, and why. */
  private async placeOnce(
    letters: readonly Addressed[],
    signal: AbortSignal,
  ): Promise<{ readonly left: readonly Addressed[]; readonly failure?: unknown }> {
    const { topic, deadLetterTopic, driver, placeLetter, metrics, clock } = this.dependencies;
    const { count, leaderless } = await (await driver()).partitions(deadLetterTopic);
    const led = Array.from({ length: count }, (_, partition) => partition).filter((one) => !leaderless.has(one));
    if (led.length === 0) throw new Error(`no partition of ${deadLetterTopic} has a leader`);
    const left: Addressed[] = [];
    let failure: unknown;
    const place = async (one: Addressed): Promise<void> => {
      const { fetched, letter } = one;
      const origin = { topic, nowMs: clock.nowMs() };
      try {
        await placeLetter(deadLetterRecord(fetched, letter, origin, led[fetched.partition % led.length]!), signal);
        // Only now: where it is not placed it will come again.
        metrics.deadLettered(letter);
      } catch (error) {
        left.push(one);
        failure = error;
      }
    };
    await Promise.all(letters.map(place));
    return { left, failure };
  }
}
