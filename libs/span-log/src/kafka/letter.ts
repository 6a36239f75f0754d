import type { FetchedRecord } from './driver.ts';

/** All that was added to the original record when it became a dead letter begins so. */
const ADDED = 'spoor-dlq-';

/** A dead letter as it lies in its topic: the original record, why it is there and where it came from. */
export interface KafkaDeadLetter {
  /** Where the letter lies. */
  readonly partition: number;
  readonly offset: bigint;
  readonly reason: string;
  readonly message: string;
  readonly spanCount: number;
  /** When it was set aside, milliseconds since the Unix epoch. */
  readonly timeMs: number;
  readonly origin: { readonly topic: string; readonly partition: number; readonly offset: bigint };
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** The original ones only. */
  readonly headers: ReadonlyMap<string, Uint8Array>;
}

/** `undefined` for a record that is no dead letter of Spoor's. */
export function letterOf({
  partition,
  offset,
  timestampMs,
  key,
  value,
  headers,
}: FetchedRecord): KafkaDeadLetter | undefined {
  const text = (name: string): string | undefined => {
    const content = headers.get(`${ADDED}${name}`);
    return content === undefined ? undefined : new TextDecoder().decode(content);
  };
  const reason = text('reason');
  const topic = text('topic');
  const origin = { partition: text('partition') ?? '', offset: text('offset') ?? '' };
  if (reason === undefined || topic === undefined) return undefined;
  if (!/^\d{1,9}$/.test(origin.partition) || !/^\d{1,19}$/.test(origin.offset)) return undefined;
  const told = Date.parse(text('time') ?? '');
  const spanCount = Number(text('span-count') ?? 0);
  return {
    partition,
    offset,
    reason,
    message: text('message') ?? '',
    spanCount: Number.isSafeInteger(spanCount) && spanCount >= 0 ? spanCount : 0,
    timeMs: Number.isNaN(told) ? timestampMs : told,
    origin: { topic, partition: Number(origin.partition), offset: BigInt(origin.offset) },
    key,
    value,
    headers: new Map([...headers].filter(([name]) => !name.startsWith(ADDED))),
  };
}
