import { SPAN_KINDS } from '@spoor/model';
import { SERVICE_BUCKETS } from './span-rows.ts';
import type { StartStream } from './start-stream.ts';
import type { StreamContext } from './table-stream.ts';
import { TableStream } from './table-stream.ts';
import { unionOf } from './union.ts';

/**
 * The spans of a service. Of two that start in the same microsecond `service_name_index` may keep one row (CONTRACT §6), but
 * `tag_index` keeps one for each span's kind. Both are asked, because the peer writes no kind for a span that has none: what
 * remains to be missed are spans of the peer's, without a kind, that start together with another and fall into its bucket.
 */
export function serviceStream(context: StreamContext, service: string): StartStream {
  const kinds = SPAN_KINDS.map((kind) => tagStream(context, service, 'span.kind', kind));
  const perBucket = {
    ...context,
    firstPageRows: Math.max(10, Math.ceil((context.firstPageRows * 3) / SERVICE_BUCKETS)),
  };
  const buckets = Array.from({ length: SERVICE_BUCKETS }, (_, bucket) => {
    const key = { service_name: service, bucket };
    return new TableStream(perBucket, { table: 'service_name_index', key, hasSpanId: false });
  });
  return unionOf([...kinds, ...buckets]);
}

/** The spans of a service that have the tag, on themselves, their process or one of their logs. */
export function tagStream(context: StreamContext, service: string, tagKey: string, tagValue: string): StartStream {
  const key = { service_name: service, tag_key: tagKey, tag_value: tagValue };
  return new TableStream(context, { table: 'tag_index', key, hasSpanId: true });
}
