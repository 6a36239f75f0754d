import type { KafkaDeadLetter } from '@spoor/span-log';
import type { FatedRequest } from '../fixtures/fated-requests.ts';

/** What became of the spans of acknowledged requests: received = stored + rejected + dead-lettered, or there is a name for the difference. */
export interface Account {
  readonly received: number;
  /** Different spans that the store has. */
  readonly stored: number;
  /** Spans that the sender was told are wrong. */
  readonly rejected: number;
  readonly deadLettered: number;
  /** Neither stored nor in a dead letter. */
  readonly missing: readonly string[];
  /** Stored more than once. */
  readonly duplicated: readonly string[];
  /** Stored, although they are wrong or never to be stored, or of no request. */
  readonly unexpected: readonly string[];
}

/** `stored` holds only spans of these requests. */
export function accountFor(
  requests: readonly FatedRequest[],
  stored: ReadonlyMap<string, readonly string[]>,
  letters: readonly KafkaDeadLetter[],
): Account {
  const missing: string[] = [];
  const duplicated: string[] = [];
  const unexpected: string[] = [];
  const counts = { received: 0, stored: 0, rejected: 0, deadLettered: 0 };
  // A letter holds its whole record: which of the spans were refused is for the request to say.
  const refused = letters
    .filter(({ reason }) => reason === 'invalid_time')
    .map(({ value }) => Buffer.from(value ?? []));
  for (const { traceId, storable, unstorable, invalid } of requests) {
    counts.received += storable.length + unstorable.length + invalid;
    counts.rejected += invalid;
    const there = stored.get(traceId) ?? [];
    const different = new Set(there);
    for (const spanId of storable) {
      if (different.has(spanId)) counts.stored += 1;
      else missing.push(`${traceId}/${spanId}`);
    }
    for (const spanId of different) if (!storable.includes(spanId)) unexpected.push(`${traceId}/${spanId}`);
    if (there.length > different.size) duplicated.push(traceId);
    for (const spanId of unstorable) {
      const bytes = Buffer.from(spanId, 'hex');
      if (refused.some((record) => record.includes(bytes))) counts.deadLettered += 1;
      else missing.push(`${traceId}/${spanId}`);
    }
  }
  return { ...counts, missing, duplicated, unexpected };
}
