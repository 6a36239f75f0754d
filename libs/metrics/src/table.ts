/** What a metric is. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Their values are from closed sets, never from input. */
  readonly labels: readonly string[];
  /** Upper bounds, in the unit that the name ends in. Only for histograms. */
  readonly buckets?: readonly number[];
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Every metric of Spoor's own. The reference page is made from this table, and a test compares the two. */
export const METRICS = {
  spoor_spans_received_total: {
    type: 'counter',
    help: 'Spans found in requests; spans that a sender repeats count again',
    labels: ['transport', 'format'],
  },
  spoor_spans_discarded_total: {
    type: 'counter',
    help: 'Spans that were refused for good, by reason and by where that happened',
    labels: ['reason', 'stage'],
  },
  spoor_receiver_refused_requests_total: {
    type: 'counter',
    help: 'Requests none of whose spans was taken, by the code of the error that the sender got',
    labels: ['transport', 'code'],
  },
  spoor_receiver_bytes_in_flight: {
    type: 'gauge',
    help: 'Bytes of requests that are held and not yet answered',
    labels: [],
  },
  spoor_receiver_bytes_in_flight_high_water: {
    type: 'gauge',
    help: 'The most bytes of unanswered requests that were ever held at once',
    labels: [],
  },
  spoor_spans_stored_total: {
    type: 'counter',
    help: 'Spans that the storage answered for; spans that it had already count too',
    labels: [],
  },
  spoor_spans_dead_lettered_total: {
    type: 'counter',
    help: 'Spans that were set aside because they cannot be stored, by reason',
    labels: ['reason'],
  },
  spoor_ingester_retries_total: {
    type: 'counter',
    help: 'Writes to the storage that are tried again',
    labels: [],
  },
  spoor_ingester_write_duration_seconds: {
    type: 'histogram',
    help: 'From handing spans to the storage to its answer',
    labels: [],
    buckets: SECONDS,
  },
  spoor_ingester_lag_records: {
    type: 'gauge',
    help: 'Records that lie in the partitions of this process and are not done with',
    labels: [],
  },
  spoor_ingester_lag_bytes: {
    type: 'gauge',
    help: 'The bytes of these records; over Kafka an estimate',
    labels: [],
  },
  spoor_span_log_append_duration_seconds: {
    type: 'histogram',
    help: 'From handing the spans of a request to Kafka until the brokers have them; failures not counted',
    labels: [],
    buckets: SECONDS,
  },
  spoor_span_log_bytes: {
    type: 'gauge',
    help: 'Bytes of spans that wait to be stored, or, over Kafka, to be taken by the brokers',
    labels: [],
  },
  spoor_span_log_batches: { type: 'gauge', help: 'Batches of spans that wait like this', labels: [] },
  spoor_span_log_high_water_bytes: {
    type: 'gauge',
    help: 'The most bytes of spans that ever waited like this',
    labels: [],
  },
  spoor_span_log_refusals_total: {
    type: 'counter',
    help: 'Requests that were refused because too much waited like this',
    labels: [],
  },
  spoor_query_requests_total: {
    type: 'counter',
    help: 'Requests to the query API that were answered, by what they asked for',
    labels: ['operation', 'result'],
  },
  spoor_query_request_duration_seconds: {
    type: 'histogram',
    help: 'From the arrival of a request to the query API to the end of its answer',
    labels: ['operation', 'result'],
    buckets: SECONDS,
  },
  spoor_storage_queue_bytes: { type: 'gauge', help: 'Bytes of spans that wait for their commit', labels: [] },
  spoor_storage_queue_high_water_bytes: {
    type: 'gauge',
    help: 'The most bytes of spans that ever waited for their commit',
    labels: [],
  },
  spoor_storage_commit_seconds: {
    type: 'histogram',
    help: 'Time of a commit to the embedded store, until it is durable',
    labels: [],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  },
  spoor_storage_commit_spans: {
    type: 'histogram',
    help: 'Spans that a commit to the embedded store stored',
    labels: [],
    buckets: [1, 10, 100, 1000, 10_000],
  },
  spoor_storage_blocks_total: { type: 'counter', help: 'Blocks written by the embedded store', labels: [] },
  spoor_storage_duplicate_spans_total: {
    type: 'counter',
    help: 'Spans that were stored already and so were not stored again',
    labels: [],
  },
  spoor_storage_segments: { type: 'gauge', help: 'Segments that the embedded store keeps', labels: [] },
  spoor_storage_disk_bytes: { type: 'gauge', help: 'Bytes that the files of the embedded store take', labels: [] },
  spoor_storage_retention_dropped_spans_total: {
    type: 'counter',
    help: 'Spans dropped by retention, by age or by size',
    labels: [],
  },
} as const satisfies Record<string, MetricDefinition>;
export type MetricName = keyof typeof METRICS;
