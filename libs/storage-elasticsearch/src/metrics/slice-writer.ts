import { SpoorError } from '@spoor/model';
import type { MetricsSlice } from '@spoor/storage';
import type { Logger } from 'pino';
import type { Counter } from 'prom-client';
import type { IndexNames } from '../index-names.ts';
import { answerOf, listOf, objectOf } from '../reader/ask-search.ts';
import type { SearchServer } from '../transport/search-server.ts';
import { itemOutcome, requestOutcome } from '../writer/item-outcome.ts';
import { MINUTE_MS, sliceLines } from './slice-document.ts';

const FILTER = 'items.*.status,items.*.error.type,items.*.error.reason';
const MAX_CHARACTERS = 2 * 2 ** 20;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1_000;

export interface SliceWriterOptions {
  readonly refresh: 'none' | 'wait' | 'now';
  /** How long what failed is sent again. */
  readonly retryForMs: number;
}

export interface SliceWriterDependencies {
  readonly server: SearchServer;
  readonly names: IndexNames;
  /** `undefined` when indices may be made, else resolves when they may: see `IndexCare`. */
  readonly ready: () => Promise<void> | undefined;
  /** The servers did not answer: what they hold may have changed when they do again. */
  readonly onSilence: (reason: string) => void;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly logger: Logger;
  readonly refused: Counter;
}

interface Item {
  readonly slice: MetricsSlice;
  readonly lines: string;
}

/** What is left of a request, and why. */
interface Left {
  readonly items: readonly Item[];
  readonly reason: string;
  readonly retryAfterMs: number | undefined;
}

/** Writes slices in bulk requests. What the servers refuse for good is left out, what may pass is tried again and then thrown. */
export class SliceWriter {
  private readonly options: SliceWriterOptions;
  private readonly deps: SliceWriterDependencies;
  private hasWarned = false;

  constructor(options: SliceWriterOptions, deps: SliceWriterDependencies) {
    this.options = options;
    this.deps = deps;
  }

  /** See `MetricsSliceStore.putSlices`. */
  async put(slices: readonly MetricsSlice[], signal: AbortSignal): Promise<void> {
    const { names, wait, ready } = this.deps;
    // Right now: the slices change once this has thrown.
    let items: readonly Item[] = slices.map((slice) => ({
      slice,
      lines: sliceLines(names.forWriting(slice.minute * MINUTE_MS), slice),
    }));
    const untilMs = performance.now() + this.options.retryForMs;
    for (let waitMs = FIRST_WAIT_MS; items.length > 0; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      await ready();
      const left: Left[] = [];
      for (const portion of portionsOf(items)) left.push(...(await this.send(portion, signal)));
      const [trouble] = left;
      if (trouble === undefined) return;
      items = left.flatMap((one) => one.items);
      const pauseMs = trouble.retryAfterMs ?? waitMs;
      if (signal.aborted || performance.now() + pauseMs > untilMs)
        throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', `metrics were not stored: ${trouble.reason}`);
      await wait(pauseMs, signal);
    }
  }

  /** One request, or halves of it where it is too much for one. Gives what is left. */
  private async send(items: readonly Item[], signal: AbortSignal): Promise<Left[]> {
    const { refresh } = this.options;
    const response = await this.deps.server
      .request({
        method: 'POST',
        path: '/_bulk',
        query: {
          filter_path: FILTER,
          ...(refresh === 'none' ? {} : { refresh: refresh === 'now' ? 'true' : 'wait_for' }),
        },
        body: items.map(({ lines }) => lines).join(''),
        contentType: 'application/x-ndjson',
        signal,
      })
      .catch((error: unknown) => {
        if (error instanceof SpoorError && error.code === 'SPOOR_STORAGE_UNAVAILABLE')
          this.deps.onSilence(error.message);
        throw error;
      });
    const { status, body, retryAfterMs } = response;
    if (status === 200) return this.settle(items, listOf(answerOf(response)['items']), retryAfterMs);
    const outcome = requestOutcome(status, body);
    if (outcome.kind === 'retry') return [{ items, reason: outcome.message, retryAfterMs }];
    const [only] = items;
    if (items.length === 1 && only !== undefined) {
      this.leaveOut(only.slice, outcome.message);
      return [];
    }
    const half = items.length >>> 1;
    return [...(await this.send(items.slice(0, half), signal)), ...(await this.send(items.slice(half), signal))];
  }

  private settle(items: readonly Item[], answers: ReturnType<typeof listOf>, retryAfterMs: number | undefined): Left[] {
    if (answers.length !== items.length)
      return [{ items, reason: 'the answer to a bulk request was not one', retryAfterMs }];
    return items.flatMap((item, i) => {
      const { status, error } = objectOf(objectOf(answers[i])['index']);
      const { type, reason } = objectOf(error);
      // A version conflict counts as stored: what is there goes further.
      const outcome = itemOutcome({
        status: Number(status),
        error: { type: String(type ?? 'no reason given'), reason: String(reason ?? '') },
      });
      if (outcome.kind === 'retry') {
        const { pattern } = this.deps.names;
        const remedy = status === 403 ? `; the login needs the privilege index on ${pattern}` : '';
        return [{ items: [item], reason: `${outcome.message}${remedy}`, retryAfterMs }];
      }
      if (outcome.kind === 'rejected') this.leaveOut(item.slice, outcome.message);
      return [];
    });
  }

  private leaveOut({ service, minute }: MetricsSlice, reason: string): void {
    this.deps.refused.inc();
    if (this.hasWarned) return;
    this.hasWarned = true;
    this.deps.logger.warn({ service, minute }, `metrics are refused for good and left out: ${reason}`);
  }
}

function portionsOf(items: readonly Item[]): Item[][] {
  const portions: Item[][] = [];
  let characters = Number.POSITIVE_INFINITY;
  for (const item of items) {
    if (characters + item.lines.length > MAX_CHARACTERS) {
      portions.push([]);
      characters = 0;
    }
    characters += item.lines.length;
    portions.at(-1)!.push(item);
  }
  return portions;
}
