/**
 * A table of ours in the peer's keyspace, which a peer never looks at: what writers leave out of the index tables (`left_out`), and
 * the latest start of a span that may lack rows because of it (`until`, in microseconds), all in one partition. A row is written
 * with `until` as its timestamp, so that of several writers and moments the latest stays. Where nobody leaves anything out it is
 * empty, or need not be there at all.
 */
export const GAPS_TABLE = 'spoor_index_gaps';

/** The only value of the partition key. */
export const GAPS_PARTITION = 'index';
