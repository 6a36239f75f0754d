import type { Chance } from './chance.ts';
import { firstVisits, nextVisit } from './visitors.ts';

export interface TrafficOptions {
  readonly shopUrl: string;
  readonly chance: Chance;
  /** Visits a second. */
  readonly rate: number;
  readonly durationMs?: number;
  /** At least the first visits are made. */
  readonly requests?: number;
  /** Called when the first visits are through. */
  readonly onFirstVisits: () => Promise<void>;
}

/** Visitors that wait for an answer at the same time. When the shop is slower than its visitors come, they are fewer. */
const MAX_AT_ONCE = 50;

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}

/** Sends visitors until the time or the number is up or `signal` aborts; resolves with their number when all are answered. */
export async function sendVisitors(options: TrafficOptions, signal: AbortSignal): Promise<number> {
  const first = firstVisits();
  await Promise.all(first.map((visit) => visit(options.shopUrl)));
  await options.onFirstVisits();

  const endMs = options.durationMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + options.durationMs;
  const under = new Set<Promise<void>>();
  let count = first.length;
  while (!signal.aborted && Date.now() < endMs && count < (options.requests ?? Number.POSITIVE_INFINITY)) {
    await wait(1_000 / options.rate, signal);
    if (signal.aborted || Date.now() >= endMs) break;
    if (under.size >= MAX_AT_ONCE) continue;
    const visit = nextVisit(options.chance, count)(options.shopUrl);
    count += 1;
    under.add(visit);
    const settle = (): void => void under.delete(visit);
    visit.then(settle, settle);
  }
  await Promise.allSettled(under);
  return count;
}
