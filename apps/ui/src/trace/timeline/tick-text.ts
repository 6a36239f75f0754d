const units = [
  { name: 's', micros: 1e6 },
  { name: 'ms', micros: 1e3 },
  { name: 'µs', micros: 1 },
  { name: 'ns', micros: 1e-3 },
] as const;

/** A time on the axis with the digits that tell it from its neighbours: `1.2345 s` beside `1.2346 s`. */
export function formatTick(micros: number, stepMicros: number): string {
  if (micros === 0) return '0';
  const unit = units.find(({ micros: size }) => micros >= size) ?? units[3];
  const digits = Math.min(Math.max(0, Math.ceil(-Math.log10(stepMicros / unit.micros) - 1e-9)), 9);
  if (micros >= 60e6 && stepMicros >= 1e6) return clock(Math.round(micros / 1e6));
  return `${(micros / unit.micros).toFixed(digits)}\u00a0${unit.name}`;
}

function clock(seconds: number): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}m\u00a0${pad(seconds % 60)}s`
    : `${Math.floor(minutes / 60)}h\u00a0${pad(minutes % 60)}m`;
}
