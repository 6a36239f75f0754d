const pad = (value: number, digits = 2) => String(value).padStart(digits, '0');

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `14:03:07.120`, local time. */
export function formatClock(unixMs: number, withMillis = true): string {
  const date = new Date(unixMs);
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  return withMillis ? `${clock}.${pad(date.getMilliseconds(), 3)}` : clock;
}

/** `21 Nov 2026, 14:03:07.120`, local time; English, unambiguous in every country. */
export function formatDateTime(unixMs: number, withMillis = true): string {
  const date = new Date(unixMs);
  if (Number.isNaN(date.getTime())) return '–';
  return `${date.getDate()} ${months[date.getMonth()]} ${date.getFullYear()}, ${formatClock(unixMs, withMillis)}`;
}

/** `just now`, `12 s ago`, `4 min ago`, `3 h ago`, `5 d ago`; `in 4 min` when clocks disagree. */
export function formatAge(unixMs: number, nowMs: number): string {
  const seconds = Math.round(Math.abs(nowMs - unixMs) / 1_000);
  if (seconds < 2) return 'just now';
  const text =
    seconds < 60
      ? `${seconds}\u00a0s`
      : seconds < 3_600
        ? `${Math.floor(seconds / 60)}\u00a0min`
        : seconds < 172_800
          ? `${Math.floor(seconds / 3_600)}\u00a0h`
          : `${Math.floor(seconds / 86_400)}\u00a0d`;
  return unixMs > nowMs ? `in ${text}` : `${text} ago`;
}

/** Milliseconds for display from nanoseconds; the part of a millisecond is kept. */
export function unixMsOf(unixNano: bigint): number {
  return Number(unixNano / 1_000n) / 1_000;
}
