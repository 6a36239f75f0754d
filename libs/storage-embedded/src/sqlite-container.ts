import { statSync } from 'node:fs';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { DatabaseSync } from 'node:sqlite';
import { SpoorError } from '@spoor/model';
import type { BlockRow, Container, GarbageRow, NameRow, SegmentRow, SegmentState } from './container.ts';
import { corrupt } from './frame.ts';
import { APPLICATION_ID, LAYOUT_VERSION, SCHEMA } from './schema.ts';

/** Parts have this many numbers each for their stripes and for their postings. */
const NUMBERS_PER_PARTS = 65_536;
/** Pages that one slice of giving space back moves. */
const PAGES_PER_SLICE = 512;
/** Free pages that are kept for what comes next. */
const SPARE_PAGES = 64;

export interface SqliteContainerOptions {
  readonly path: string;
  readonly synchronous: 'full' | 'normal';
  /** For tests of a full disk: pages that the file may have. */
  readonly maxPages?: number;
}

/** Opens the file, makes it when it is absent. Throws `SPOOR_STORAGE_CORRUPT` for one that is damaged or of a newer layout. */
export function openSqliteContainer(options: SqliteContainerOptions): Container {
  const { path } = options;
  return guarded(path, () => {
    const database = new DatabaseSync(path, { timeout: 10_000 });
    try {
      prepareDatabase(database, options);
      return new SqliteContainer(database, path);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

function prepareDatabase(database: DatabaseSync, { path, synchronous, maxPages }: SqliteContainerOptions): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version);
  const application = Number(database.prepare('PRAGMA application_id').get()?.application_id);
  const isNew = Number(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n) === 0;
  if (!isNew && application !== APPLICATION_ID) throw corrupt(path, 'it is not a store of Spoor');
  if (version > LAYOUT_VERSION) {
    throw corrupt(
      path,
      `its layout is version ${version}, this Spoor knows up to ${LAYOUT_VERSION}: run a newer Spoor`,
    );
  }
  if (isNew) database.exec('PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL');
  database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864');
  database.exec(`PRAGMA synchronous = ${synchronous.toUpperCase()}; PRAGMA cache_size = -8192`);
  if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${maxPages}`);
  if (isNew) {
    database.exec(
      `BEGIN IMMEDIATE; ${SCHEMA}; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${LAYOUT_VERSION}; COMMIT`,
    );
  }
}

/** What SQLite's primary result codes mean here. */
const DAMAGE = new Set([11, 26]);

/** Turns SQLite's errors into Spoor's. */
function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof SpoorError) throw cause;
    const { errcode, code, message } = cause as { errcode?: number; code?: string; message?: string };
    if (code !== 'ERR_SQLITE_ERROR') throw cause;
    if (DAMAGE.has((errcode ?? 0) & 0xff)) throw corrupt(path, message ?? '', cause);
    throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', `${path}: ${message}; look at the disk's space and health`, {
      cause,
      retryAfterMs: 1000,
    });
  }
}

class SqliteContainer implements Container {
  private readonly database: DatabaseSync;
  private readonly path: string;
  private readonly statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync, path: string) {
    this.database = database;
    this.path = path;
  }

  writing<T>(work: () => T): T {
    return this.transaction('BEGIN IMMEDIATE', work);
  }

  reading<T>(work: () => T): T {
    return this.transaction('BEGIN', work);
  }

  private transaction<T>(begin: string, work: () => T): T {
    return guarded(this.path, () => {
      this.run(begin);
      try {
        const result = work();
        this.run('COMMIT');
        return result;
      } catch (error) {
        // SQLite has rolled back already after some errors, a full disk among them.
        if (this.database.isTransaction) this.run('ROLLBACK');
        throw error;
      }
    });
  }

  version(): number {
    return Number(this.row('PRAGMA data_version')?.data_version);
  }

  tenants() {
    return this.rows('SELECT id, name FROM tenant').map((row) => ({ id: Number(row.id), name: String(row.name) }));
  }

  addTenant(name: string): number {
    this.run('INSERT OR IGNORE INTO tenant (name) VALUES (?)', name);
    return Number(this.row('SELECT id FROM tenant WHERE name = ?', name)?.id);
  }

  segments(): readonly SegmentRow[] {
    return this.rows('SELECT * FROM segment ORDER BY id').map((row) => ({
      id: Number(row.id),
      tenant: Number(row.tenant),
      state: String(row.state) as SegmentState,
      parts: Number(row.parts),
      spanCount: Number(row.span_count),
      firstArrivalMs: Number(row.first_arrival_ms),
      lastArrivalMs: Number(row.last_arrival_ms),
    }));
  }

  newSegmentId(): number {
    return Number(this.row('UPDATE counter SET next_segment = next_segment + 1 RETURNING next_segment AS n')?.n) - 1;
  }

  putSegment(row: SegmentRow): void {
    this.run(
      `INSERT INTO segment (id, tenant, state, parts, span_count, first_arrival_ms, last_arrival_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, parts = excluded.parts,
       span_count = excluded.span_count, first_arrival_ms = excluded.first_arrival_ms, last_arrival_ms = excluded.last_arrival_ms`,
      row.id,
      row.tenant,
      row.state,
      row.parts,
      row.spanCount,
      row.firstArrivalMs,
      row.lastArrivalMs,
    );
  }

  deleteSegment(id: number): void {
    this.run('DELETE FROM segment WHERE id = ?', id);
    this.run('DELETE FROM segment_meta WHERE id = ?', id);
  }

  segmentMeta(id: number): Uint8Array {
    return this.blob('SELECT meta AS body FROM segment_meta WHERE id = ?', id);
  }

  segmentFilter(id: number): Uint8Array {
    return this.blob('SELECT filter AS body FROM segment_meta WHERE id = ?', id);
  }

  putSegmentMeta(id: number, meta: Uint8Array, filter: Uint8Array): void {
    this.run('INSERT OR REPLACE INTO segment_meta (id, filter, meta) VALUES (?, ?, ?)', id, filter, meta);
  }

  blocks(segment: number): readonly BlockRow[] {
    return this.rows('SELECT arrival, segment, span_count FROM block WHERE segment = ? ORDER BY arrival', segment).map(
      (row) => ({ arrival: Number(row.arrival), segment: Number(row.segment), spanCount: Number(row.span_count) }),
    );
  }

  blockIndex(arrival: number): Uint8Array {
    return this.blob('SELECT body FROM block WHERE arrival = ?', arrival);
  }

  putBlock(row: BlockRow, index: Uint8Array): void {
    this.run(
      'INSERT INTO block (arrival, segment, span_count, body) VALUES (?, ?, ?, ?)',
      row.arrival,
      row.segment,
      row.spanCount,
      index,
    );
  }

  deleteBlocks(segment: number): void {
    this.run('DELETE FROM block WHERE segment = ?', segment);
  }

  lastArrival(): number {
    return Number(this.row('SELECT last_arrival AS n FROM counter')?.n);
  }

  setLastArrival(arrival: number): void {
    this.run('UPDATE counter SET last_arrival = ?', arrival);
  }

  chunk(id: number): Uint8Array | undefined {
    return this.row('SELECT body FROM chunk WHERE id = ?', id)?.body as Uint8Array | undefined;
  }

  putChunk(id: number, body: Uint8Array): void {
    this.run('INSERT INTO chunk (id, body) VALUES (?, ?)', id, body);
  }

  newChunkIds(count: number): number {
    return (
      Number(this.row('UPDATE counter SET next_chunk = next_chunk + ? RETURNING next_chunk AS n', count)?.n) - count
    );
  }

  stripeHot(parts: number, stripe: number): Uint8Array {
    return this.blob('SELECT hot AS body FROM stripe WHERE id = ?', parts * NUMBERS_PER_PARTS + stripe);
  }

  stripeCold(parts: number, stripe: number): Uint8Array {
    return this.blob('SELECT cold AS body FROM stripe WHERE id = ?', parts * NUMBERS_PER_PARTS + stripe);
  }

  putStripe(parts: number, stripe: number, hot: Uint8Array, cold: Uint8Array): void {
    this.run('INSERT INTO stripe (id, hot, cold) VALUES (?, ?, ?)', parts * NUMBERS_PER_PARTS + stripe, hot, cold);
  }

  postings(parts: number, bucket: number): Uint8Array {
    return this.blob('SELECT body FROM postings WHERE id = ?', parts * NUMBERS_PER_PARTS + bucket);
  }

  putPostings(parts: number, bucket: number, body: Uint8Array): void {
    this.run('INSERT INTO postings (id, body) VALUES (?, ?)', parts * NUMBERS_PER_PARTS + bucket, body);
  }

  newParts(): number {
    return Number(this.row('UPDATE counter SET next_parts = next_parts + 1 RETURNING next_parts AS n')?.n) - 1;
  }

  garbage(): readonly GarbageRow[] {
    return this.rows('SELECT parts, chunk_ids FROM garbage').map((row) => ({
      parts: Number(row.parts),
      chunkIds: JSON.parse(String(row.chunk_ids)) as number[],
    }));
  }

  putGarbage(row: GarbageRow): void {
    this.run(
      'INSERT INTO garbage (parts, chunk_ids) VALUES (?, ?) ON CONFLICT (parts) DO UPDATE SET chunk_ids = excluded.chunk_ids',
      row.parts,
      JSON.stringify(row.chunkIds),
    );
  }

  dropGarbage(parts: number): void {
    this.run('DELETE FROM garbage WHERE parts = ?', parts);
  }

  collect(row: GarbageRow, atMost: number): boolean {
    const from = row.parts * NUMBERS_PER_PARTS;
    const to = from + NUMBERS_PER_PARTS;
    let left = atMost;
    for (const table of ['stripe', 'postings']) {
      left -= Number(
        this.run(
          `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE id >= ? AND id < ? LIMIT ?)`,
          from,
          to,
          Math.max(0, left),
        ).changes,
      );
    }
    let taken = 0;
    for (; taken < row.chunkIds.length && left > 0; taken += 1, left -= 1) {
      this.run('DELETE FROM chunk WHERE id = ?', row.chunkIds[taken]!);
    }
    const rest = row.chunkIds.slice(taken);
    if (rest.length > 0 || left <= 0) {
      this.putGarbage({ parts: row.parts, chunkIds: rest });
      return false;
    }
    this.run('DELETE FROM garbage WHERE parts = ?', row.parts);
    return true;
  }

  shrink(): boolean {
    return guarded(this.path, () => {
      const free = this.pragma('freelist_count');
      // Free pages are soon used again while little is free: only a surplus is worth moving pages for.
      if (free <= SPARE_PAGES) return true;
      // A statement that steps once frees one page; `all` runs it to its end.
      this.database.prepare(`PRAGMA incremental_vacuum(${Math.min(free - SPARE_PAGES, PAGES_PER_SLICE)})`).all();
      return this.pragma('freelist_count') >= free;
    });
  }

  truncateLog(): void {
    guarded(this.path, () => this.database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all());
  }

  putName(name: NameRow): void {
    this.run(
      `INSERT INTO name (tenant, service, operation, kind, segment) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (tenant, service, operation, kind) DO UPDATE SET segment = max(segment, excluded.segment)`,
      name.tenant,
      name.service,
      name.operation,
      name.kind,
      name.segment,
    );
  }

  services(tenant: number): readonly string[] {
    return this.rows('SELECT DISTINCT service FROM name WHERE tenant = ? ORDER BY service', tenant).map((row) =>
      String(row.service),
    );
  }

  operations(tenant: number, service: string) {
    return this.rows(
      'SELECT operation, kind FROM name WHERE tenant = ? AND service = ? ORDER BY operation, kind',
      tenant,
      service,
    ).map((row) => ({ name: String(row.operation), kind: Number(row.kind) }));
  }

  forgetNames(tenant: number, segment: number): void {
    this.run('DELETE FROM name WHERE tenant = ? AND segment <= ?', tenant, segment);
  }

  size() {
    const pageBytes = this.pragma('page_size');
    const usedBytes = (this.pragma('page_count') - this.pragma('freelist_count')) * pageBytes;
    let fileBytes = 0;
    for (const path of [this.path, `${this.path}-wal`])
      fileBytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    return { usedBytes, fileBytes };
  }

  close(): void {
    this.statements.clear();
    if (this.database.isOpen) this.database.close();
  }

  private pragma(name: string): number {
    return Number(this.row(`PRAGMA ${name}`)?.[name]);
  }

  private statement(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      this.statements.set(sql, statement);
    }
    return statement;
  }

  private run(sql: string, ...values: SQLInputValue[]) {
    return guarded(this.path, () => this.statement(sql).run(...values));
  }

  private row(sql: string, ...values: SQLInputValue[]) {
    return guarded(this.path, () => this.statement(sql).get(...values));
  }

  private rows(sql: string, ...values: SQLInputValue[]) {
    return guarded(this.path, () => this.statement(sql).all(...values));
  }

  private blob(sql: string, id: number): Uint8Array {
    const body = this.row(sql, id)?.body;
    if (!(body instanceof Uint8Array)) throw corrupt(this.path, `row ${id} of "${sql}" is missing`);
    return body;
  }
}
