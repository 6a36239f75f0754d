import type { Match } from './match-stream.ts';

/** Several ordered streams as one, in the same order: newest first, then by trace id. */
export async function* mergeMatches(streams: readonly AsyncGenerator<Match>[]): AsyncGenerator<Match> {
  const [only] = streams;
  if (only !== undefined && streams.length === 1) {
    yield* only;
    return;
  }
  const heads = await Promise.all(streams.map(async (stream) => ({ stream, next: await stream.next() })));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads) {
      if (head.next.done === true) continue;
      if (first === undefined || (first.next.done !== true && compareMatches(head.next.value, first.next.value) < 0))
        first = head;
    }
    if (first === undefined || first.next.done === true) return;
    yield first.next.value;
    first.next = await first.stream.next();
  }
}

export function compareMatches(a: Omit<Match, 'traceId'>, b: Omit<Match, 'traceId'>): number {
  if (a.startUnixNano !== b.startUnixNano) return a.startUnixNano > b.startUnixNano ? -1 : 1;
  return a.sortId < b.sortId ? -1 : a.sortId > b.sortId ? 1 : 0;
}
