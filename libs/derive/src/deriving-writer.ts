import type { RequestContext, WriteOutcome } from '@spoor/model';
import type { SpanWriter } from '@spoor/storage';
import type { DerivedRecord, MetricsDeriver } from './metrics-deriver.ts';

/** A `SpanWriter` of records of a log. */
export interface RecordWriter {
  write(records: readonly DerivedRecord[], context: Pick<RequestContext, 'signal'>): Promise<WriteOutcome>;
}

/** Hands records of one partition to both at once. Resolves when both have them, and throws once both have ended. */
export function derivingWriter(writer: SpanWriter, deriver: MetricsDeriver): RecordWriter {
  return {
    async write(records, context) {
      const [written, derived] = await Promise.allSettled([
        writer.write(records, context),
        deriver.add(records, context.signal),
      ]);
      if (written.status === 'rejected') throw written.reason;
      if (derived.status === 'rejected') throw derived.reason;
      return written.value;
    },
  };
}
