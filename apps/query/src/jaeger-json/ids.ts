import { parseTraceId, type TraceId } from '@spoor/model';

/** Trace ids in the legacy API have 16 digits when the high 64 bits are zero, else 32 (CONTRACT §2.2). */
export function legacyTraceId(traceId: TraceId): string {
  return traceId.startsWith('0000000000000000') ? traceId.slice(16) : traceId;
}

/**
 * A trace id as callers write it: hex with leading zeros optional, or the base64 of 16 bytes in either alphabet
 * (CONTRACT §7.2). `undefined` when it is neither, or all zero.
 */
export function readTraceId(text: string): TraceId | undefined {
  const fromHex = parseTraceId(text);
  if (fromHex !== undefined) return fromHex;
  if (!/^[A-Za-z0-9+/_-]{22}(?:==)?$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 16 ? parseTraceId(bytes.toString('hex')) : undefined;
}
