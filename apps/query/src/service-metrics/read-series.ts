import { setImmediate } from 'node:timers/promises';
import type { RequestContext } from '@spoor/model';
import type { MetricsReader } from '@spoor/storage';
import { lastMinuteOf, type MetricsQuestion } from './question.ts';
import { type Series, SlidingWindow } from './sliding-window.ts';
import type { Measure } from './tallies.ts';

/** Minutes, times services, that are asked of the store at once: they bound what is held in memory. */
const MINUTES_AT_ONCE = 240;

/** After so many other requests get their turn: some tens of milliseconds. */
const OPERATIONS_A_TURN = 5_000;

/**
 * A series for each service, or each of its operations, that has a call in the window of any point; sorted by service,
 * then by operation. The store is read in pieces, no minute twice. Throws what the store throws, and `SPOOR_INVALID_REQUEST`
 * when the answer would be too large.
 */
export async function readSeries(
  reader: MetricsReader,
  question: MetricsQuestion,
  measure: Measure,
  context: RequestContext,
): Promise<readonly Series[]> {
  const { services, spanKinds, pointsMs, windowMinutes } = question;
  const window = new SlidingWindow(question, measure);
  const atOnce = Math.max(1, Math.floor(MINUTES_AT_ONCE / services.length));
  // Nothing starts before 1970.
  const first = Math.max(0, lastMinuteOf(pointsMs[0] ?? 0) - windowMinutes + 1);
  const last = lastMinuteOf(pointsMs.at(-1) ?? 0);
  for (let firstMinute = first; firstMinute <= last; ) {
    const lastMinute = Math.min(firstMinute + atOnce - 1, last);
    context.signal.throwIfAborted();
    const minutes = await reader.readMetrics({ services, spanKinds, firstMinute, lastMinute }, context);
    let operations = 0;
    for (const minute of minutes.toSorted((a, b) => a.minute - b.minute)) {
      window.add(minute);
      operations += minute.operations.length;
      if (operations < OPERATIONS_A_TURN) continue;
      operations = 0;
      await setImmediate();
    }
    window.fillThrough(lastMinute);
    firstMinute = Math.max(lastMinute + 1, window.firstNeeded);
  }
  return window.series();
}
