import type { Moment, StartStream } from './start-stream.ts';
import { COMPLETENESS, newestOf } from './start-stream.ts';

/** The rows of any of the streams. All are asked at once. */
export function unionOf(streams: readonly StartStream[]): StartStream {
  const [only] = streams;
  if (streams.length === 1 && only !== undefined) return only;
  const heads = new Map<StartStream, Moment | undefined>();
  return {
    async next(atMost) {
      const behind = streams.filter((stream) => {
        const head = heads.get(stream);
        return head === undefined ? !heads.has(stream) : head.startMicros > atMost;
      });
      await Promise.all(behind.map(async (stream) => heads.set(stream, await stream.next(atMost))));
      const found = [...heads.values()].filter((head) => head !== undefined);
      const startMicros = newestOf(found);
      if (startMicros === undefined) return undefined;
      const together = found.filter((head) => head.startMicros === startMicros);
      const tells = COMPLETENESS.findLast((what) => together.some((head) => head.tells === what)) ?? 'starts';
      return { startMicros, rows: together.flatMap(({ rows }) => rows), tells };
    },
  };
}
