import { SpoorError } from '@spoor/model';
import type { ServiceMinute } from '@spoor/storage';
import { lastMinuteOf, type MetricsQuestion } from './question.ts';
import type { Measure, Tally } from './tallies.ts';

export interface Series {
  readonly service: string;
  /** Only where operations are told apart. */
  readonly operation?: string;
  /** One for each point of the question. */
  readonly values: Float64Array;
}

interface Running extends Series {
  readonly tally: Tally;
  value: number;
  /** Whether `value` is that of the window before. */
  isChanged: boolean;
}

/** Values of one answer: each is 8 bytes here, and about 80 in JSON. */
const MAX_VALUES = 4_000_000;

/** Adds and removes each minute once, whatever the number of points. `add` throws `SPOOR_INVALID_REQUEST` when there are too many series. */
export class SlidingWindow {
  private readonly question: MetricsQuestion;
  private readonly measure: Measure;
  private readonly running = new Map<string, Map<string, Running>>();
  /** What the tallies hold, oldest first. */
  private readonly held: ServiceMinute[] = [];
  private nextPoint = 0;
  private seriesCount = 0;

  constructor(question: MetricsQuestion, measure: Measure) {
    this.question = question;
    this.measure = measure;
  }

  /** The first minute that a point still to be filled looks back on; infinite once all are. */
  get firstNeeded(): number {
    const point = this.question.pointsMs[this.nextPoint];
    return point === undefined ? Number.POSITIVE_INFINITY : lastMinuteOf(point) - this.question.windowMinutes + 1;
  }

  /** Minutes come in the order of time, all that are needed, those of several services in any order within a minute. */
  add(minute: ServiceMinute): void {
    this.fillThrough(minute.minute - 1);
    if (minute.minute < this.firstNeeded) return;
    this.held.push(minute);
    for (const metrics of minute.operations) {
      const one = this.seriesOf(minute.service, metrics.operation);
      one.tally.add(metrics);
      one.isChanged = true;
    }
  }

  /** Fills the points whose windows end by that minute. All minutes through it were added. */
  fillThrough(lastMinute: number): void {
    const { pointsMs, windowMinutes } = this.question;
    while (this.nextPoint < pointsMs.length) {
      const end = lastMinuteOf(pointsMs[this.nextPoint]!);
      if (end > lastMinute) return;
      this.removeThrough(end - windowMinutes);
      const from = this.nextPoint;
      // Points within the same minute look back on the same ones.
      while (this.nextPoint < pointsMs.length && lastMinuteOf(pointsMs[this.nextPoint]!) === end) this.nextPoint += 1;
      for (const operations of this.running.values())
        for (const one of operations.values()) fill(one, from, this.nextPoint);
    }
  }

  /** Sorted by service, then by operation. */
  series(): readonly Series[] {
    return [...this.running.values()].flatMap((operations) => [...operations.values()]).sort(byName);
  }

  private removeThrough(lastMinute: number): void {
    const index = this.held.findIndex(({ minute }) => minute > lastMinute);
    for (const { service, operations } of this.held.splice(0, index === -1 ? this.held.length : index))
      for (const metrics of operations) {
        const one = this.seriesOf(service, metrics.operation);
        one.tally.remove(metrics);
        one.isChanged = true;
      }
  }

  private seriesOf(service: string, operation: string): Running {
    const { byOperation, pointsMs, windowMinutes } = this.question;
    const operations = this.running.get(service) ?? new Map<string, Running>();
    this.running.set(service, operations);
    const name = byOperation ? operation : '';
    const known = operations.get(name);
    if (known !== undefined) return known;
    this.seriesCount += 1;
    checkSize(this.seriesCount, this.question);
    const values = new Float64Array(pointsMs.length).fill(this.measure.ofNoCalls);
    const one: Running = {
      service,
      ...(byOperation ? { operation } : {}),
      values,
      tally: this.measure.createTally(windowMinutes),
      value: this.measure.ofNoCalls,
      isChanged: false,
    };
    operations.set(name, one);
    return one;
  }
}

function fill(one: Running, from: number, to: number): void {
  if (one.isChanged) one.value = one.tally.value();
  one.isChanged = false;
  one.values.fill(one.value, from, to);
}

function checkSize(seriesCount: number, { pointsMs, byOperation }: MetricsQuestion): void {
  if (seriesCount * pointsMs.length <= MAX_VALUES) return;
  throw new SpoorError(
    'SPOOR_INVALID_REQUEST',
    `the answer would have ${pointsMs.length} points for each of ${seriesCount} series or more, and may have ${MAX_VALUES} in all; ` +
      `give a longer 'step'${byOperation ? ", or no 'groupByOperation'" : ''}`,
  );
}

function byName(a: Series, b: Series): number {
  if (a.service !== b.service) return a.service < b.service ? -1 : 1;
  return (a.operation ?? '') < (b.operation ?? '') ? -1 : 1;
}
