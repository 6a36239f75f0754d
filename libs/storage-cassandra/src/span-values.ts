import type { Tag } from '@spoor/jaeger';
import type { StoredSpan } from './stored-span.ts';
import type { ValueWriter } from './value-writer.ts';

/** The values of a row of `traces` as CQL has them, for the statement `INSERT_SPAN`. */
export interface SpanValues {
  readonly spanId: Buffer;
  readonly parentId: Buffer;
  readonly operationName: Buffer;
  readonly flags: Buffer;
  readonly startTime: Buffer;
  readonly duration: Buffer;
  readonly tags: Buffer;
  readonly logs: Buffer;
  readonly references: Buffer;
  readonly process: Buffer;
}

/** The driver takes any JavaScript values and finds out what they are; writing the few types of this schema costs a fraction. */
export function spanValues(span: StoredSpan, writer: ValueWriter, process: Buffer): SpanValues {
  const parent = span.references.find(({ type, traceId }) => type === 'CHILD_OF' && traceId === span.traceId);
  writer.int32(span.flags);
  const flags = writer.take();
  writeTags(writer, span.tags);
  const tags = writer.take();
  writeLogs(writer, span.logs);
  const logs = writer.take();
  writeReferences(writer, span.references);
  const references = writer.take();
  return {
    spanId: Buffer.from(span.spanId, 'hex'),
    parentId: parent === undefined ? NO_PARENT : Buffer.from(parent.spanId, 'hex'),
    operationName: textValue(writer, span.operationName),
    flags,
    startTime: bigintValue(writer, span.startTimeUnixNano / 1_000n),
    duration: bigintValue(writer, span.durationNanos / 1_000n),
    tags,
    logs,
    references,
    process,
  };
}

const NO_PARENT = Buffer.alloc(8);

export function textValue(writer: ValueWriter, text: string): Buffer {
  writer.text(text);
  return writer.take();
}

export function bigintValue(writer: ValueWriter, value: bigint): Buffer {
  writer.int64(value);
  return writer.take();
}

export function processValue(writer: ValueWriter, { serviceName, tags }: StoredSpan['process']): Buffer {
  writeText(writer, serviceName);
  const list = writer.open();
  writeTags(writer, tags);
  writer.close(list);
  return writer.take();
}

function writeLogs(writer: ValueWriter, logs: StoredSpan['logs']): void {
  writer.int32(logs.length);
  for (const { timeUnixNano, fields } of logs) {
    const log = writer.open();
    writer.int32(8);
    writer.int64(timeUnixNano / 1_000n);
    const list = writer.open();
    writeTags(writer, fields);
    writer.close(list);
    writer.close(log);
  }
}

function writeReferences(writer: ValueWriter, references: StoredSpan['references']): void {
  writer.int32(references.length);
  for (const { type, traceId, spanId } of references) {
    const reference = writer.open();
    writeText(writer, type === 'CHILD_OF' ? 'child-of' : 'follows-from');
    writer.int32(16);
    writer.raw(Buffer.from(traceId, 'hex'));
    writer.int32(8);
    writer.raw(Buffer.from(spanId, 'hex'));
    writer.close(reference);
  }
}

function writeTags(writer: ValueWriter, tags: readonly Tag[]): void {
  writer.int32(tags.length);
  for (const { key, value } of tags) {
    const tag = writer.open();
    writeText(writer, key);
    writeValue(writer, value);
    writer.close(tag);
  }
}

/** The type, then one field a type, null but for the one that holds. */
function writeValue(writer: ValueWriter, value: Tag['value']): void {
  const [type, place] = typeOf(value);
  writeText(writer, type);
  for (let field = 0; field < FIELDS; field += 1) {
    if (field !== place) writer.null();
    else if (typeof value === 'string') writeText(writer, value);
    else if (typeof value === 'boolean') {
      writer.int32(1);
      writer.byte(value ? 1 : 0);
    } else if (typeof value === 'bigint') {
      writer.int32(8);
      writer.int64(value);
    } else if (typeof value === 'number') {
      writer.int32(8);
      writer.double(value);
    } else {
      writer.int32(value.length);
      writer.raw(value);
    }
  }
}

const FIELDS = 5;

function typeOf(value: Tag['value']): readonly [string, number] {
  if (typeof value === 'string') return STRING;
  if (typeof value === 'boolean') return BOOL;
  if (typeof value === 'bigint') return INT64;
  return typeof value === 'number' ? FLOAT64 : BINARY;
}

const STRING = ['string', 0] as const;
const BOOL = ['bool', 1] as const;
const INT64 = ['int64', 2] as const;
const FLOAT64 = ['float64', 3] as const;
const BINARY = ['binary', 4] as const;

function writeText(writer: ValueWriter, text: string): void {
  const mark = writer.open();
  writer.text(text);
  writer.close(mark);
}
