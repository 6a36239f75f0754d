/** What is seen of a partition at one moment. */
export interface Observation {
  readonly partition: number;
  /** Of the first record that is not committed. */
  readonly next: bigint;
  /** Of the first record that is not fetched. */
  readonly position: bigint;
  /** The brokers': of the record that comes next. */
  readonly end: bigint;
  /** There is a known reason that it does not move: the storage does not take spans, or others have the memory. */
  readonly isExcused: boolean;
}

interface Standing {
  next: bigint;
  position: bigint;
  sinceMs: number;
}

function hasMoved(before: Pick<Standing, 'next' | 'position'>, now: Pick<Standing, 'next' | 'position'>): boolean {
  return before.next !== now.next || before.position < now.position;
}

/**
 * Finds partitions that have records beyond our progress and do not move. Silence alone is none: a partition without records
 * to fetch never stalls. Time counts only from one observation to the next: while the brokers give no answer, `forget`.
 */
export class StallWatch {
  private readonly timeoutMs: number;
  private readonly standing = new Map<number, Standing>();
  private readonly stalled = new Map<number, Observation>();

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /** The partitions that stall now, at most once each `timeoutMs`. */
  observe(observations: readonly Observation[], nowMs: number): readonly Observation[] {
    const due: Observation[] = [];
    for (const partition of [...this.standing.keys(), ...this.stalled.keys()])
      if (!observations.some((one) => one.partition === partition)) this.forgetOne(partition);
    for (const one of observations) {
      if (one.end <= one.next || one.isExcused) {
        this.forgetOne(one.partition);
        continue;
      }
      const standing = this.standing.get(one.partition);
      if (standing === undefined || hasMoved(standing, one)) {
        const found = this.stalled.get(one.partition);
        if (found !== undefined && hasMoved(found, one)) this.stalled.delete(one.partition);
        this.standing.set(one.partition, { next: one.next, position: one.position, sinceMs: nowMs });
      } else if (nowMs - standing.sinceMs >= this.timeoutMs) {
        this.stalled.set(one.partition, one);
        Object.assign(standing, { position: one.position, sinceMs: nowMs });
        due.push(one);
      }
    }
    return due;
  }

  /** Nothing is known at the moment: the time that passes is nobody's. What was found stays found until it moves. */
  forget(): void {
    this.standing.clear();
  }

  /** `undefined` when nothing stalls. */
  reason(): string | undefined {
    const told = [...this.stalled.values()].map(
      ({ partition, next, end }) =>
        `partition ${partition} stands still at offset ${next}, ${end - next} records behind`,
    );
    return told.length === 0 ? undefined : `no progress for ${this.timeoutMs} ms: ${told.join('; ')}`;
  }

  private forgetOne(partition: number): void {
    this.standing.delete(partition);
    this.stalled.delete(partition);
  }
}
