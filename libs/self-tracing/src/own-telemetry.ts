/**
 * The resource attribute that marks what Spoor reports of itself. The mark travels with the spans, so that it is recognised in
 * whichever process, encoding and hop they come by.
 */
export const OWN_TELEMETRY = 'spoor.self_tracing';

const needle = Buffer.from(OWN_TELEMETRY, 'latin1');

/**
 * Whether bytes of spans hold any that Spoor reported of itself. Work on them is never traced, or each trace would cause the
 * next. Every encoding has keys of attributes as they are, so one search does for all of them.
 */
export function carriesOwnTelemetry(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(needle);
}
