/** "Spor", so that the file is told from other SQLite files. */
export const APPLICATION_ID = 0x53706f72;
/** Raised with each change after which an older Spoor would misread the file. */
export const LAYOUT_VERSION = 1;

/**
 * `block`: the indexes of open and closed segments. `stripe` and `postings`: those of sealed ones, by `parts`.
 * `chunk`: OTLP messages. `name`: where each operation last occurred. Large columns stand last, so that SQLite reads them only
 * when they are asked for.
 */
export const SCHEMA = `
CREATE TABLE counter (next_chunk INTEGER NOT NULL, next_parts INTEGER NOT NULL, next_segment INTEGER NOT NULL, last_arrival INTEGER NOT NULL);
INSERT INTO counter VALUES (1, 1, 1, 0);
CREATE TABLE tenant (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE segment (id INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, state TEXT NOT NULL, parts INTEGER NOT NULL,
  span_count INTEGER NOT NULL, first_arrival_ms INTEGER NOT NULL, last_arrival_ms INTEGER NOT NULL);
CREATE TABLE segment_meta (id INTEGER PRIMARY KEY, meta BLOB NOT NULL, filter BLOB NOT NULL);
CREATE TABLE block (arrival INTEGER PRIMARY KEY, segment INTEGER NOT NULL, span_count INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX block_of_segment ON block (segment, span_count);
CREATE TABLE chunk (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE stripe (id INTEGER PRIMARY KEY, hot BLOB NOT NULL, cold BLOB NOT NULL);
CREATE TABLE postings (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE garbage (parts INTEGER PRIMARY KEY, chunk_ids TEXT NOT NULL);
CREATE TABLE name (tenant INTEGER NOT NULL, service TEXT NOT NULL, operation TEXT NOT NULL, kind INTEGER NOT NULL,
  segment INTEGER NOT NULL, PRIMARY KEY (tenant, service, operation, kind)) WITHOUT ROWID`;
