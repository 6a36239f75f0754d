import type { Clock } from '@spoor/model';
import cassandra from 'cassandra-driver';

const MICROS_OF_MS = 1_000;

/**
 * The timestamps of writes, in microseconds, each later than the one before. The lists of a span (tags, logs, references) are not
 * frozen in the peer's schema: an insert removes what is older than itself and adds its elements, so two inserts of one span with
 * the same timestamp leave every element twice. Within this process no timestamp comes twice; that another process has the
 * same one for the same span is left to the microseconds, which are random, since the clock knows milliseconds only.
 */
export class DistinctTimestamps extends cassandra.policies.timestampGeneration.MonotonicTimestampGenerator {
  private last = 0;
  private readonly clock: Clock;
  private readonly random: () => number;

  constructor(clock: Clock, random: () => number) {
    super(0, 0);
    this.clock = clock;
    this.random = random;
  }

  override next(): number {
    const now = this.clock.nowMs() * MICROS_OF_MS + Math.floor(this.random() * MICROS_OF_MS);
    this.last = Math.max(this.last + 1, now);
    return this.last;
  }
}
