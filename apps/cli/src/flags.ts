import { parseDuration } from '@spoor/service';
import { z } from 'zod';

const ACCEPTS = 'a time such as 2026-01-31T12:00:00Z, or how long ago it was, such as 2h or 1d';

/** A moment: milliseconds since the Unix epoch for a time, or negative milliseconds for how long ago it was. */
export function moment() {
  return z
    .string()
    .transform((text, context): number => {
      const ago = parseDuration(text);
      if (ago !== undefined) return -ago;
      const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
      if (!Number.isNaN(time)) return time;
      context.addIssue({ code: 'custom', message: `is not ${ACCEPTS}`, input: text });
      return z.NEVER;
    })
    .meta({ accepts: ACCEPTS });
}

/** What {@link moment} gives, as milliseconds since the Unix epoch. */
export function atMs(given: number, nowMs: number): number {
  return given <= 0 ? nowMs + given : given;
}
