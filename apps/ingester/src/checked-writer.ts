import type { RecordWriter } from '@spoor/derive';
import { type Rejection, SpoorError } from '@spoor/model';
import { scanTraces } from '@spoor/otlp';

/**
 * Hands on only what is valid, for a log that others write to as well: stores rely on it. Throws `SPOOR_MALFORMED_SPANS`, and
 * hands on nothing, when a record cannot be taken apart into spans, or holds none: nobody writes such, and one random record in
 * a hundred reads like it. How far in the future a span may lie, how large and how
 * deep it may be was for the collector to say, whose settings and clock are its own.
 */
export function checkedWriter(writer: RecordWriter): RecordWriter {
  return {
    async write(records, context) {
      const valid = [];
      const rejected: Rejection[] = [];
      for (const record of records) {
        const scanned = scanTraces(record.bytes, {
          partitionCount: 1,
          nowMs: 0,
          maxFutureMs: Number.MAX_SAFE_INTEGER,
          maxSpanBytes: Number.MAX_SAFE_INTEGER,
          maxAttributeDepth: Number.MAX_SAFE_INTEGER,
        });
        if (record.bytes.length > 0 && scanned.batches.length === 0 && scanned.rejected.length === 0)
          throw new SpoorError('SPOOR_MALFORMED_SPANS', 'not OTLP TracesData: there is no span in it');
        rejected.push(...scanned.rejected);
        for (const { bytes, spanCount } of scanned.batches) valid.push({ ...record, bytes, spanCount });
      }
      if (valid.length === 0) return { accepted: 0, rejected };
      const outcome = await writer.write(valid, context);
      return { accepted: outcome.accepted, rejected: [...rejected, ...outcome.rejected] };
    },
  };
}
