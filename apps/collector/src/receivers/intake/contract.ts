import type { Rejection, Span } from '@spoor/model';
import { SpoorError } from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
import type { PartitionedBatch, SpanLogProducer } from '@spoor/span-log';
import { expect } from 'vitest';

/** What a sender learned of one request. */
export type Answer =
  | { readonly kind: 'taken'; readonly rejectedSpans: number }
  /** It may send again. */
  | { readonly kind: 'retry' }
  /** It must not. */
  | { readonly kind: 'refused' };

/** One request, as a transport sends it. */
export interface GeneratedRequest {
  /** OTLP `TracesData`. */
  readonly bytes: Uint8Array;
  /** The span ids that are right, in hex. */
  readonly goodSpanIds: readonly string[];
  readonly badSpanCount: number;
}

export interface FlakyProducer extends SpanLogProducer {
  /** Span ids of every append that was acknowledged. */
  acknowledgedSpanIds(): readonly string[];
}

/** A log with four partitions that now and then throws, for a while or for good, by a fixed sequence. */
export function flakyProducer(random: () => number): FlakyProducer {
  const acknowledged: string[] = [];
  return {
    partitionCount: () => 4,
    acknowledgedSpanIds: () => acknowledged,
    async append(batches: readonly PartitionedBatch[]): Promise<readonly Rejection[]> {
      await Promise.resolve();
      const fate = random();
      if (fate < 0.15) throw new SpoorError('SPOOR_OVERLOADED', 'full', { retryAfterMs: 10 });
      if (fate < 0.3) throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', 'away');
      if (fate < 0.35) throw new Error('a fault of its own');
      for (const batch of batches) {
        const spans: readonly Span[] = decodeTraces(batch.bytes);
        expect(spans).toHaveLength(batch.spanCount);
        acknowledged.push(...spans.map((span) => span.spanId));
      }
      return [];
    },
  };
}

/**
 * The conservation of spans: whatever the log behind a receiver does, each generated span is accepted or rejected, and no
 * span is both. `send` sends one request and may be called concurrently; requests that may be sent again are, until taken.
 */
export async function checkReceiver(
  producer: FlakyProducer,
  requests: readonly GeneratedRequest[],
  send: (request: GeneratedRequest) => Promise<Answer>,
): Promise<void> {
  const accepted: string[] = [];
  let rejected = 0;
  await Promise.all(
    requests.map(async (request) => {
      for (;;) {
        const answer = await send(request);
        if (answer.kind === 'retry') continue;
        rejected += answer.kind === 'taken' ? answer.rejectedSpans : request.badSpanCount + request.goodSpanIds.length;
        if (answer.kind === 'taken') accepted.push(...request.goodSpanIds);
        return;
      }
    }),
  );
  const generated = requests.reduce((sum, { goodSpanIds, badSpanCount }) => sum + goodSpanIds.length + badSpanCount, 0);
  expect(accepted.length + rejected).toBe(generated);
  expect(rejected).toBe(requests.reduce((sum, { badSpanCount }) => sum + badSpanCount, 0));
  expect([...producer.acknowledgedSpanIds()].sort()).toEqual(accepted.sort());
}
