/** Writes nanoseconds since the Unix epoch as RFC 3339 in UTC, without zeros at its end. */
export function formatRfc3339(unixNano: bigint): string {
  const seconds = new Date(Number(unixNano / 1_000_000_000n) * 1_000).toISOString().slice(0, -5);
  const fraction = (unixNano % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return fraction === '' ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}
