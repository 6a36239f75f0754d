import type { IndexRow, Moment, StartStream } from './start-stream.ts';

/** The starts that all streams have, each stream jumping to what the others leave, and the rows there that none rules out. */
export function intersectionOf(streams: readonly StartStream[]): StartStream {
  const [only] = streams;
  if (streams.length === 1 && only !== undefined) return only;
  return {
    async next(atMost) {
      let bound = atMost;
      for (;;) {
        const moments = await Promise.all(streams.map((stream) => stream.next(bound)));
        let least = bound;
        for (const moment of moments) {
          if (moment === undefined) return undefined;
          if (moment.startMicros < least) least = moment.startMicros;
        }
        const together = moments.filter((moment) => moment?.startMicros === least) as Moment[];
        if (together.length < streams.length) {
          bound = least;
          continue;
        }
        const moment = common(together, least);
        if (moment.rows.length > 0) return moment;
        bound = least - 1n;
      }
    },
  };
}

/** Only who knows all rows can rule one out. Of streams that know some, the rows of the first stand, where nobody knows more. */
function common(moments: readonly Moment[], startMicros: bigint): Moment {
  const bySpans = moments.filter(({ tells }) => tells === 'spans');
  const byTraces = moments.filter(({ tells }) => tells === 'traces');
  const [first, ...rest] = bySpans.length > 0 ? bySpans : byTraces;
  if (first === undefined) {
    const some = moments.find(({ tells }) => tells === 'starts');
    return { startMicros, rows: some?.rows ?? [], tells: 'starts' };
  }
  const sets = rest.map(({ rows }) => new Set(rows.map(keyOf)));
  const traces = byTraces.map(({ rows }) => new Set(rows.map(({ traceId }) => traceId)));
  const rows = first.rows.filter(
    (row) => sets.every((set) => set.has(keyOf(row))) && traces.every((set) => set.has(row.traceId)),
  );
  return { startMicros, rows, tells: first.tells };
}

function keyOf({ traceId, spanId }: IndexRow): string {
  return spanId === undefined ? traceId : `${traceId} ${spanId}`;
}
