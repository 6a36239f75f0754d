const grouped = new Intl.NumberFormat('en-US');
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });

/** `12,345` */
export function formatCount(value: number): string {
  return grouped.format(value);
}

/** `12.3K`, for places that are narrow. */
export function formatCompact(value: number): string {
  return compact.format(value);
}

/** `1 span`, `2 spans`, `1,204 traces`. */
export function formatCounted(value: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(value)}\u00a0${value === 1 ? singular : plural}`;
}

/** `12.3 %` */
export function formatPercent(ratio: number): string {
  const percent = ratio * 100;
  const text = percent !== 0 && Math.abs(percent) < 0.1 ? '<0.1' : String(Number(percent.toFixed(1)));
  return `${text}\u00a0%`;
}
