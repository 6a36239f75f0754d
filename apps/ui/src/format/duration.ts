/** Units of durations, largest first, each with the digits it takes after the point when it leads. */
const units = [
  { name: 's', nanos: 1e9 },
  { name: 'ms', nanos: 1e6 },
  { name: 'µs', nanos: 1e3 },
  { name: 'ns', nanos: 1 },
] as const;

/** `1.24 s`, `87 µs`, `3m 12s`, `2h 05m`: three digits that count, with a no-break space before the unit. */
export function formatDuration(nanos: number): string {
  if (!Number.isFinite(nanos)) return '–';
  if (nanos < 0) return `−${formatDuration(-nanos)}`;
  if (nanos === 0) return '0\u00a0ms';
  const wholeSeconds = Math.round(nanos / 1e9);
  if (wholeSeconds >= 86_400) return pair(wholeSeconds, 86_400, 'd', 3_600, 'h');
  if (wholeSeconds >= 3_600) return pair(wholeSeconds, 3_600, 'h', 60, 'm');
  // From where three digits of seconds would be rounded up to 60.
  if (nanos >= 59.95e9) return pair(wholeSeconds, 60, 'm', 1, 's');
  // The unit in which the rounded value is at least 1: 999.9996 µs is 1 ms, not 1,000 µs.
  for (const unit of units) {
    const value = Number((nanos / unit.nanos).toPrecision(3));
    if (value >= 1) return `${value >= 100 ? Math.round(value) : trimmed(value)}\u00a0${unit.name}`;
  }
  return '<1\u00a0ns';
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function pair(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  let first = Math.floor(seconds / large);
  let second = Math.round((seconds % large) / small);
  if (second * small >= large) {
    first += 1;
    second = 0;
  }
  return second === 0
    ? `${first}${largeName}`
    : `${first}${largeName}\u00a0${String(second).padStart(2, '0')}${smallName}`;
}

const parseUnits: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
};

/** What people and Go write: `1.5s`, `100ms`, `1m30s`, `250 µs`. Returns nanoseconds, or `undefined` when it is none. */
export function parseDuration(text: string): number | undefined {
  const compact = text.replaceAll(/\s/g, '');
  if (!/^(\d+(\.\d*)?(ns|us|µs|μs|ms|s|m|h))+$/.test(compact)) return undefined;
  let nanos = 0;
  for (const [, value, unit] of compact.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|μs|ms|s|m|h)/g)) {
    nanos += Number(value) * (parseUnits[unit ?? ''] ?? Number.NaN);
  }
  return Math.round(nanos);
}
