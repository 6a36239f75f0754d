/** FNV-1a over ASCII text, 32 bits unsigned. The partition rule of the peer's Kafka producers (CONTRACT §4). */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** The partition of a trace: |int32(FNV-1a32(32-hex trace id))| mod n, so that every producer sends a trace to one place (CONTRACT §4). */
export function partitionOfTraceId(traceId: string, partitionCount: number): number {
  return Math.abs(fnv1a32(traceId) | 0) % partitionCount;
}

/**
 * Reads a trace id as people write it: hex of any case, up to 32 digits, leading zeros optional (CONTRACT §7.2).
 * `undefined` when it is not one, or all zero.
 */
export function parseTraceId(text: string): string | undefined {
  if (!/^[0-9a-fA-F]{1,32}$/.test(text)) return undefined;
  const id = text.toLowerCase().padStart(32, '0');
  return /^0+$/.test(id) ? undefined : id;
}
