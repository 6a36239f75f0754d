import type { AttributeTable, SpanCursor } from '@spoor/otlp';
import { ATTRIBUTE_STRIDE, attributeTextAt, KEY_END, KEY_START } from '@spoor/otlp';
import { ChunkBuilder, ChunkView } from './chunk.ts';
import { sealFrame } from './frame.ts';
import { type TermHash, wordAt } from './hash.ts';
import { orderByTime, sortPairs } from './sort.ts';
import type { Columns, Origin, SpanIndex } from './span-index.ts';
import {
  ALL_COLUMNS,
  Distinct,
  ERROR_CONDITION,
  makeColumns,
  NO_PARENT,
  PARENT_ELSEWHERE,
  STATUS_ERROR,
} from './span-index.ts';

/** Bytes of spans in a chunk: what reading one span costs at most, and what compression has to work with. */
const CHUNK_BYTES = 128 * 1024;
/** Spans in a block at most. */
export const MAX_BLOCK_SPANS = 8192;

export interface BuiltBlock {
  readonly index: SpanIndex;
  readonly chunks: readonly { readonly id: number; readonly body: Uint8Array }[];
  readonly names: readonly { readonly service: string; readonly operation: string; readonly kind: number }[];
}

/** Builds one block: takes span after span from cursors, keeps their bytes in chunks and their facts in an index. */
export class BlockBuilder {
  count = 0;
  private readonly hash: TermHash;
  private readonly newChunkId: () => number;
  private readonly errorTerm: number;
  private readonly kindTerms: readonly number[];
  private readonly columns: Columns = makeColumns(MAX_BLOCK_SPANS);
  private readonly termEnds = new Uint32Array(MAX_BLOCK_SPANS);
  private terms = new Uint32Array(MAX_BLOCK_SPANS * 16);
  private termCount = 0;
  private readonly builder = new ChunkBuilder();
  private chunkId = 0;
  private finished: { readonly id: number; readonly bytes: Uint8Array }[] = [];
  private chunkIds: number[] = [];
  private origins = newOrigins();
  private operations = new Map<string, number>();
  private operationTerms: number[] = [];
  private names = new Map<number, { service: string; operation: string; kind: number }>();
  private cursor: SpanCursor | undefined;
  private scopeNumber = -1;
  private origin = 0;
  private originIsError = false;
  private originTerm = 0;

  constructor(hash: TermHash, kinds: readonly string[], newChunkId: () => number) {
    this.hash = hash;
    this.newChunkId = newChunkId;
    this.errorTerm = hash.attribute('error', 'true');
    this.kindTerms = kinds.map((kind) => hash.attribute('span.kind', kind));
  }

  /** Adds the span that the cursor stands on. `content` is the hash of its content. Returns where its bytes are. */
  add(cursor: SpanCursor, content: number): { readonly chunkId: number; readonly position: number } {
    const { columns, count, hash } = this;
    const { bytes } = cursor;
    if (cursor !== this.cursor || cursor.scopeNumber !== this.scopeNumber) this.enterOrigin(cursor);
    if (this.builder.length >= CHUNK_BYTES) this.finishChunk();
    if (this.builder.spanCount === 0) {
      this.chunkId = this.newChunkId();
      this.chunkIds.push(this.chunkId);
    }
    const position = this.builder.spanCount;
    this.builder.add(bytes, cursor);
    const operation = this.operationOf(cursor.operationName());
    const trace0 = wordAt(bytes, cursor.traceIdAt);
    const trace1 = wordAt(bytes, cursor.traceIdAt + 4);
    const trace2 = wordAt(bytes, cursor.traceIdAt + 8);
    const trace3 = wordAt(bytes, cursor.traceIdAt + 12);
    const parentAt = cursor.parentSpanIdAt;
    const hasError =
      this.addAttributes(bytes, cursor.spanAttributes) | this.addAttributes(bytes, cursor.eventAttributes);
    const isError = cursor.statusNumber === 2;
    const errorHolds = isError || this.originIsError || hasError !== 0;
    columns.startHigh[count] = cursor.startTimeHigh;
    columns.startLow[count] = cursor.startTimeLow;
    columns.endHigh[count] = cursor.endTimeHigh;
    columns.endLow[count] = cursor.endTimeLow;
    columns.trace0[count] = trace0;
    columns.trace1[count] = trace1;
    columns.trace2[count] = trace2;
    columns.trace3[count] = trace3;
    columns.origin[count] = this.origin;
    columns.operation[count] = operation;
    columns.facts[count] = cursor.kindNumber | (isError ? STATUS_ERROR : 0) | (errorHolds ? ERROR_CONDITION : 0);
    columns.parentOrigin[count] = parentAt < 0 ? NO_PARENT : PARENT_ELSEWHERE;
    columns.span0[count] = wordAt(bytes, cursor.spanIdAt);
    columns.span1[count] = wordAt(bytes, cursor.spanIdAt + 4);
    columns.parent0[count] = parentAt < 0 ? 0 : wordAt(bytes, parentAt);
    columns.parent1[count] = parentAt < 0 ? 0 : wordAt(bytes, parentAt + 4);
    columns.chunk[count] = this.chunkIds.length - 1;
    columns.position[count] = position;
    columns.content[count] = content;
    this.term(hash.trace(trace0, trace1, trace2, trace3));
    this.term(this.originTerm);
    this.term(this.operationTerms[operation]!);
    this.term(this.kindTerms[cursor.kindNumber]!);
    if (errorHolds) this.term(this.errorTerm);
    this.termEnds[count] = this.termCount;
    this.noteName(cursor, operation);
    this.count += 1;
    return { chunkId: this.chunkId, position };
  }

  /** A chunk of this block, as far as it has come. */
  view(chunkId: number): ChunkView | undefined {
    const bytes =
      chunkId === this.chunkId && this.builder.spanCount > 0
        ? this.builder.message()
        : this.finished.find((chunk) => chunk.id === chunkId)?.bytes;
    return bytes === undefined ? undefined : new ChunkView(bytes, `chunk ${chunkId}`);
  }

  /** The block of what was added, and begins the next one. */
  finish(arrival: number): BuiltBlock {
    this.finishChunk();
    const { count } = this;
    const order = orderByTime(this.columns.startHigh.subarray(0, count), this.columns.startLow.subarray(0, count));
    const columns = makeColumns(count);
    for (const name of ALL_COLUMNS) {
      const from = this.columns[name];
      const to = columns[name];
      for (let i = 0; i < count; i += 1) to[i] = from[order[i]!]!;
    }
    const terms = this.orderedTerms(order);
    const built: BuiltBlock = {
      index: {
        count,
        columns,
        termHashes: terms.first,
        termOrdinals: terms.second,
        origins: this.origins.values,
        operations: [...this.operations.keys()],
        chunkIds: this.chunkIds,
        firstArrival: arrival,
      },
      chunks: this.finished.map(({ id, bytes }) => ({ id, body: sealFrame(bytes, 'zstd') })),
      names: [...this.names.values()],
    };
    this.clear();
    return built;
  }

  /** Forgets what was added. */
  clear(): void {
    this.count = this.termCount = 0;
    this.builder.clear();
    this.finished = [];
    this.chunkIds = [];
    this.origins = newOrigins();
    this.operations = new Map();
    this.operationTerms = [];
    this.names = new Map();
    this.cursor = undefined;
  }

  private finishChunk(): void {
    if (this.builder.spanCount === 0) return;
    this.finished.push({ id: this.chunkId, bytes: this.builder.message().slice() });
    this.builder.clear();
  }

  private enterOrigin(cursor: SpanCursor): void {
    this.cursor = cursor;
    this.scopeNumber = cursor.scopeNumber;
    const { termCount } = this;
    const { bytes, resourceAttributes, scopeAttributes } = cursor;
    this.originIsError =
      (this.addAttributes(bytes, resourceAttributes) | this.addAttributes(bytes, scopeAttributes)) !== 0;
    const terms = [...new Set(this.terms.subarray(termCount, this.termCount))].sort((a, b) => a - b);
    this.termCount = termCount;
    const origin = { service: cursor.serviceName(), terms };
    this.origin = this.origins.number(origin);
    this.originTerm = this.hash.origin(origin);
  }

  /** Adds the terms of the attributes; 1 when error=true is among them. */
  private addAttributes(bytes: Uint8Array, table: AttributeTable): number {
    let isError = 0;
    for (let row = 0; row < table.count; row += 1) {
      const term = this.hash.attributeRow(bytes, table, row);
      this.term(term);
      if (term === this.errorTerm && isErrorTrue(bytes, table, row)) isError = 1;
    }
    return isError;
  }

  private term(hash: number): void {
    if (this.termCount === this.terms.length) {
      const grown = new Uint32Array(this.terms.length * 2);
      grown.set(this.terms);
      this.terms = grown;
    }
    this.terms[this.termCount++] = hash;
  }

  private operationOf(name: string): number {
    const known = this.operations.get(name);
    if (known !== undefined) return known;
    const number = this.operations.size;
    this.operations.set(name, number);
    this.operationTerms.push(this.hash.operation(name));
    return number;
  }

  private noteName(cursor: SpanCursor, operation: number): void {
    const key = (this.origin * MAX_BLOCK_SPANS + operation) * 8 + cursor.kindNumber;
    if (this.names.has(key)) return;
    this.names.set(key, {
      service: cursor.serviceName(),
      operation: cursor.operationName(),
      kind: cursor.kindNumber,
    });
  }

  private orderedTerms(order: Uint32Array) {
    const hashes = new Uint32Array(this.termCount);
    const ordinals = new Uint32Array(this.termCount);
    let at = 0;
    for (let ordinal = 0; ordinal < order.length; ordinal += 1) {
      const span = order[ordinal]!;
      const end = this.termEnds[span]!;
      for (let i = span === 0 ? 0 : this.termEnds[span - 1]!; i < end; i += 1) {
        hashes[at] = this.terms[i]!;
        ordinals[at] = ordinal;
        at += 1;
      }
    }
    // Terms of origins left between two spans' terms were taken back, so every term belongs to a span.
    return sortPairs(hashes, ordinals, 0);
  }
}

function newOrigins(): Distinct<Origin> {
  return new Distinct<Origin>((origin) => `${origin.terms.join()} ${origin.service}`);
}

function isErrorTrue(bytes: Uint8Array, table: AttributeTable, row: number): boolean {
  const at = row * ATTRIBUTE_STRIDE;
  const key = Buffer.from(bytes.subarray(table.cells[at + KEY_START]!, table.cells[at + KEY_END]!)).toString();
  return key === 'error' && attributeTextAt(bytes, table, row) === 'true';
}
