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
const BYTES = [1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216];

/** Every metric of Spoor's own, and those under the names of Jaeger's agent that dashboards have (CONTRACT §1.3). The reference page is made from this table, and a test compares the two. */
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
    help: 'Spans that were set aside because they cannot be stored, by reason; counted once they are in the dead letters',
    labels: ['reason'],
  },
  spoor_records_dead_lettered_total: {
    type: 'counter',
    help: 'Dead letters: records that were set aside, whole or for some of their spans, by reason. What nobody can read counts here, and as the spans that its header tells, if it has one',
    labels: ['reason'],
  },
  spoor_ingester_retries_total: {
    type: 'counter',
    help: 'Writes to the storage that are tried again',
    labels: [],
  },
  spoor_metrics_spans_skipped_total: {
    type: 'counter',
    help: 'Spans that calls, errors and durations were not counted of: they started too long before they were received, or after it',
    labels: [],
  },
  spoor_metrics_slices_refused_total: {
    type: 'counter',
    help: 'Parts of metrics, each of a service and a minute, that the storage will never take and that are left out',
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
    help: 'Records that lie in the partitions of this process and are not done with; NaN while that is not known',
    labels: [],
  },
  spoor_ingester_lag_bytes: {
    type: 'gauge',
    help: 'The bytes of these records; over Kafka those of what is fetched, the rest estimated by the records seen so far',
    labels: [],
  },
  spoor_ingester_lag_spans: {
    type: 'gauge',
    help: 'The spans of these records; over Kafka those of what is fetched, the rest estimated by the records seen so far',
    labels: [],
  },
  spoor_ingester_lag_seconds: {
    type: 'gauge',
    help: 'The age of the oldest of these records, 0 when there is none',
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
  spoor_span_log_produced_records_total: {
    type: 'counter',
    help: 'Records that the log took: over Kafka, that all in-sync replicas have; in one process, that are done with',
    labels: [],
  },
  spoor_span_log_produced_spans_total: { type: 'counter', help: 'The spans of these records', labels: [] },
  spoor_span_log_consumed_records_total: {
    type: 'counter',
    help: 'Records from the log that are done with, stored or set aside; what comes again, after a rebalance or a crash, counts again',
    labels: [],
  },
  spoor_span_log_consumed_spans_total: {
    type: 'counter',
    help: 'The spans of these records; records of other producers, who do not tell how many they have, count none',
    labels: [],
  },
  spoor_span_log_send_duration_seconds: {
    type: 'histogram',
    help: 'From handing gathered records to the Kafka client until all in-sync replicas have them, tries included; failures not counted',
    labels: [],
    buckets: SECONDS,
  },
  spoor_span_log_send_records: {
    type: 'histogram',
    help: 'Records that one send to Kafka had, for all partitions together',
    labels: [],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
  },
  spoor_span_log_send_bytes: {
    type: 'histogram',
    help: 'Bytes that one send to Kafka had, before compression',
    labels: [],
    buckets: BYTES,
  },
  spoor_span_log_fetched_bytes: {
    type: 'gauge',
    help: 'Bytes of records that are fetched from Kafka and not done with',
    labels: [],
  },
  spoor_span_log_fetched_high_water_bytes: {
    type: 'gauge',
    help: 'The most bytes of records that were ever held like this',
    labels: [],
  },
  spoor_span_log_stalls_total: {
    type: 'counter',
    help: 'Times that a partition had records and did not move, for no reason that is known, for as long as kafka.stallTimeout',
    labels: [],
  },
  spoor_span_log_delivery_records: {
    type: 'histogram',
    help: 'Records that were handed to the storage at once',
    labels: [],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
  },
  spoor_span_log_delivery_bytes: {
    type: 'histogram',
    help: 'Bytes that were handed to the storage at once',
    labels: [],
    buckets: BYTES,
  },
  spoor_agent_packets_received_total: {
    type: 'counter',
    help: 'UDP packets that arrived, whatever became of them',
    labels: ['listener'],
  },
  spoor_agent_packet_bytes_total: { type: 'counter', help: 'The bytes of these packets', labels: ['listener'] },
  spoor_agent_packets_dropped_total: {
    type: 'counter',
    help: 'UDP packets that were thrown away: malformed, too_large, or without room in the buffer (buffer_full)',
    labels: ['listener', 'reason'],
  },
  spoor_agent_socket_drops_total: {
    type: 'counter',
    help: 'UDP packets that the system threw away because the buffer of the socket was full; 0 where it does not tell',
    labels: [],
  },
  spoor_agent_packets_missing_total: {
    type: 'counter',
    help: 'UDP packets that clients numbered and that never arrived',
    labels: [],
  },
  spoor_agent_client_dropped_spans_total: {
    type: 'counter',
    help: 'Spans that clients dropped before they sent them, as they tell themselves',
    labels: ['cause'],
  },
  spoor_agent_forwarded_batches_total: {
    type: 'counter',
    help: 'Packets whose spans the next stage has taken',
    labels: [],
  },
  spoor_agent_forwarded_spans_total: { type: 'counter', help: 'The spans of these packets', labels: [] },
  spoor_agent_dropped_spans_total: {
    type: 'counter',
    help: 'Spans that arrived and were not handed on: refused for good, or still waiting at the end (stopping)',
    labels: ['reason'],
  },
  spoor_agent_retries_total: { type: 'counter', help: 'Packets that are handed on again after a failure', labels: [] },
  spoor_agent_buffer_bytes: { type: 'gauge', help: 'Bytes of spans that wait to be handed on', labels: [] },
  spoor_agent_buffer_batches: { type: 'gauge', help: 'Packets that wait to be handed on', labels: [] },
  spoor_agent_buffer_high_water_bytes: {
    type: 'gauge',
    help: 'The most bytes of spans that ever waited to be handed on',
    labels: [],
  },
  jaeger_agent_reporter_batches_submitted_total: {
    type: 'counter',
    help: "Packets whose spans the next stage has taken; as Jaeger's agent calls it",
    labels: ['format', 'protocol'],
  },
  jaeger_agent_reporter_batches_failures_total: {
    type: 'counter',
    help: "Packets whose spans were refused for good, or left at the end; as Jaeger's agent calls it",
    labels: ['format', 'protocol'],
  },
  jaeger_agent_reporter_spans_submitted_total: {
    type: 'counter',
    help: "Spans that the next stage has taken; as Jaeger's agent calls it",
    labels: ['format', 'protocol'],
  },
  jaeger_agent_reporter_spans_failures_total: {
    type: 'counter',
    help: "Spans that were refused for good, or left at the end; as Jaeger's agent calls it",
    labels: ['format', 'protocol'],
  },
  jaeger_agent_thrift_udp_server_packets_processed_total: {
    type: 'counter',
    help: "UDP packets that found room; as Jaeger's agent calls it",
    labels: ['model', 'protocol'],
  },
  jaeger_agent_thrift_udp_server_packets_dropped_total: {
    type: 'counter',
    help: "UDP packets that found no room; as Jaeger's agent calls it",
    labels: ['model', 'protocol'],
  },
  jaeger_agent_thrift_udp_t_processor_handler_errors_total: {
    type: 'counter',
    help: "UDP packets that cannot be read; as Jaeger's agent calls it",
    labels: ['model', 'protocol'],
  },
  jaeger_agent_reporter_batch_size: {
    type: 'gauge',
    help: "Spans of the packet that the next stage took last; as Jaeger's agent calls it",
    labels: ['format', 'protocol'],
  },
  jaeger_agent_thrift_udp_server_packet_size: {
    type: 'gauge',
    help: "Bytes of the UDP packet that arrived last; as Jaeger's agent calls it",
    labels: ['model', 'protocol'],
  },
  jaeger_agent_thrift_udp_server_queue_size: {
    type: 'gauge',
    help: "Packets that wait to be handed on, or are on their way; as Jaeger's agent calls it",
    labels: ['model', 'protocol'],
  },
  jaeger_agent_thrift_udp_server_read_errors_total: {
    type: 'counter',
    help: "Failures of the socket that receives packets; as Jaeger's agent calls it",
    labels: ['model', 'protocol'],
  },
  jaeger_agent_connection_status_collector_connected: {
    type: 'gauge',
    help: "1 while a collector is connected, else 0; as Jaeger's agent calls it",
    labels: [],
  },
  jaeger_agent_connection_status_collector_reconnects_total: {
    type: 'counter',
    help: "Connections to collectors that came about, the first ones too; as Jaeger's agent calls it",
    labels: [],
  },
  jaeger_agent_client_stats_batches_received_total: {
    type: 'counter',
    help: "Packets of clients that tell of themselves; as Jaeger's agent calls it",
    labels: [],
  },
  jaeger_agent_client_stats_batches_sent_total: {
    type: 'counter',
    help: "Packets that these clients sent, by their own numbers, since they were heard of first; as Jaeger's agent calls it",
    labels: [],
  },
  jaeger_agent_client_stats_connected_clients: {
    type: 'gauge',
    help: "Clients that told of themselves within the last hour, 2,000 at most; as Jaeger's agent calls it",
    labels: [],
  },
  jaeger_agent_client_stats_spans_dropped_total: {
    type: 'counter',
    help: "Spans that clients dropped before they sent them, as they tell themselves; as Jaeger's agent calls it",
    labels: ['cause'],
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
  spoor_cassandra_flush_seconds: {
    type: 'histogram',
    help: 'From the first request of a flush to Cassandra to the last answer',
    labels: [],
    buckets: SECONDS,
  },
  spoor_cassandra_flush_spans: {
    type: 'histogram',
    help: 'Spans whose rows a flush to Cassandra grouped by partition',
    labels: [],
    buckets: [1, 10, 100, 1000, 10_000],
  },
  spoor_cassandra_write_request_seconds: {
    type: 'histogram',
    help: 'Time of a request to Cassandra that wrote the rows of one partition; failures not counted',
    labels: [],
    buckets: SECONDS,
  },
  spoor_cassandra_write_concurrency: {
    type: 'gauge',
    help: 'Requests that may write to Cassandra at once, which follows from how fast it answers',
    labels: [],
  },
  spoor_cassandra_write_failures_total: {
    type: 'counter',
    help: 'Attempts to write to Cassandra that failed and were made again or given back, by whether it had too much to do (overloaded), was not there (unavailable), has other tables (schema), takes no mutation that large (too_large) or did not let the user (refused)',
    labels: ['trouble'],
  },
  spoor_cassandra_rows_written_total: { type: 'counter', help: 'Rows written to Cassandra', labels: [] },
  spoor_cassandra_mutations_total: {
    type: 'counter',
    help: 'Requests that wrote rows to Cassandra, each of one partition',
    labels: [],
  },
  spoor_cassandra_rows_read_total: { type: 'counter', help: 'Rows read from Cassandra', labels: [] },
  spoor_cassandra_queries_total: { type: 'counter', help: 'Requests that read from Cassandra', labels: [] },
  spoor_elasticsearch_bulk_requests_total: {
    type: 'counter',
    help: 'Bulk requests, by whether all items were settled (taken), some must be sent again (partly), the servers refused the whole (refused) or did not answer (failed)',
    labels: ['result'],
  },
  spoor_elasticsearch_bulk_duration_seconds: {
    type: 'histogram',
    help: 'From sending a bulk request to its answer',
    labels: [],
    buckets: SECONDS,
  },
  spoor_elasticsearch_bulk_bytes_total: {
    type: 'counter',
    help: 'Bytes of bulk requests that were answered, before compression',
    labels: [],
  },
  spoor_elasticsearch_bulk_items_total: {
    type: 'counter',
    help: 'Documents in bulk requests, of spans and of services, by what the servers said of each: stored (also when they had it before), retried, rejected',
    labels: ['outcome'],
  },
  spoor_elasticsearch_bulk_target_bytes: {
    type: 'gauge',
    help: 'The size at which a bulk request is full; follows how fast the servers answer',
    labels: [],
  },
  spoor_elasticsearch_bulk_concurrency: {
    type: 'gauge',
    help: 'Bulk requests that may be under way at once; fewer while the servers refuse',
    labels: [],
  },
  spoor_elasticsearch_templates_put_total: {
    type: 'counter',
    help: 'Index templates that were missing or different, and were put',
    labels: [],
  },
  spoor_elasticsearch_rollovers_total: { type: 'counter', help: 'New indices begun behind write aliases', labels: [] },
  spoor_elasticsearch_dependency_days_total: {
    type: 'counter',
    help: 'Days whose calls between services were counted and stored, each tenant by itself',
    labels: [],
  },
  spoor_elasticsearch_indices_deleted_total: {
    type: 'counter',
    help: 'Indices that retention deleted, by its reason',
    labels: ['reason'],
  },
} as const satisfies Record<string, MetricDefinition>;
export type MetricName = keyof typeof METRICS;
