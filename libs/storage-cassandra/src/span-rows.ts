import type { Tag } from '@spoor/jaeger';
import type { Span, Tenant } from '@spoor/model';
import type { CassandraStorageConfig } from './config.ts';
import { nameKey } from './name-key.ts';
import type { NamesCache } from './names-cache.ts';
import type { OversizedSpans } from './oversized-spans.ts';
import { bytesOf, type CqlValue, MAX_ROW_BYTES, Partitions, UNSET } from './partitions.ts';
import { type SpanFacts, spanFacts } from './span-facts.ts';
import { spanHash } from './span-hash.ts';
import { bigintValue, processValue, spanValues, textValue } from './span-values.ts';
import type { StoredSpan } from './stored-span.ts';
import { storedSpanMaker } from './stored-span.ts';
import { tagFilter } from './tag-filter.ts';
import { indexTexts, isShort } from './tag-texts.ts';
import type { TenantKeys } from './tenant-keys.ts';
import { tenantKeys } from './tenant-keys.ts';
import { ValueWriter } from './value-writer.ts';

/** The number of partitions that the rows of one service are spread over in `service_name_index` (CONTRACT §6.1). */
export const SERVICE_BUCKETS = 10;
const HOUR_MICROS = 3_600_000_000n;
/** What the kind of a span without one is in `tag_index`, so that every span has a row for its kind (`service-stream.ts`). */
export const NO_KIND = 'unspecified';

/** The rows of a flush, and the names among them that are to be remembered once they are stored. */
export class SpanRows {
  readonly partitions = new Partitions();
  readonly names = new Set<string>();
  spans = 0;
  /** In microseconds; before all of them when there are none. */
  newestStartMicros = -1n;
  /** Spans of the flush: the hash is of their ids, too. */
  private readonly seen = new Set<string>();
  private readonly ids = new Map<readonly CqlValue[], string>();
  private readonly refused: ReadonlySet<string>;
  private readonly writer = new ValueWriter();
  private readonly config: CassandraStorageConfig['write'];
  private readonly known: NamesCache;
  private readonly allowsTag: (key: string) => boolean;
  private readonly processValues = new WeakMap<StoredSpan['process'], Buffer>();

  /** `refused` are the ids of rows that the server does not take (`idOf`). */
  constructor(config: CassandraStorageConfig['write'], known: NamesCache, refused: ReadonlySet<string> = new Set()) {
    this.refused = refused;
    this.config = config;
    this.known = known;
    this.allowsTag = tagFilter(config.tags);
  }

  /** What is too large for a row has no row at all, and is told to `oversized`. */
  add(tenant: Tenant, spans: readonly Span[], oversized: OversizedSpans): void {
    const keys = tenantKeys(tenant);
    const storedSpanOf = storedSpanMaker();
    for (const span of spans) this.addSpan(tenant, keys, storedSpanOf(span), oversized);
    this.spans += spans.length;
  }

  /** Of a row of `spans`: the same whenever its span comes again. */
  idOf(row: readonly CqlValue[]): string | undefined {
    return this.ids.get(row);
  }

  private addSpan(tenant: Tenant, keys: TenantKeys, span: StoredSpan, oversized: OversizedSpans): void {
    const { partitions, writer } = this;
    let process = this.processValues.get(span.process);
    if (process === undefined) {
      process = processValue(writer, span.process);
      this.processValues.set(span.process, process);
    }
    const values = spanValues(span, writer, process);
    const hash = spanHash(values);
    const { spanId, startTime } = values;
    const id = `${tenant} ${span.traceId} ${hash.toString('latin1')}`;
    const row = [
      spanId,
      hash,
      values.parentId,
      values.operationName,
      values.flags,
      startTime,
      values.duration,
      unlessEmpty(values.tags),
      unlessEmpty(values.logs),
      unlessEmpty(values.references),
      values.process,
    ];
    const bytes = bytesOf(row);
    if (bytes > MAX_ROW_BYTES || this.refused.has(id)) {
      oversized.add(span, bytes);
      return;
    }
    if (this.seen.has(id)) return;
    this.seen.add(id);
    this.ids.set(row, id);
    partitions.add('spans', `t${tenant} ${span.traceId}`, () => [keys.traceKey(span.traceId)], row);

    if (this.config.onlySpans === true) return;
    const startMicros = span.startTimeUnixNano / 1_000n;
    if (startMicros > this.newestStartMicros) this.newestStartMicros = startMicros;
    const service = keys.serviceKey(nameKey(span.process.serviceName));
    const operation = nameKey(span.operationName);
    const traceId = Buffer.from(span.traceId, 'hex');
    const facts = spanFacts(span);
    this.addNames(
      keys,
      service,
      nameKey(span.process.serviceName),
      operation,
      facts.kind === NO_KIND ? '' : facts.kind,
    );

    const bucket = Number(hash.readBigUInt64BE() % BigInt(SERVICE_BUCKETS));
    const serviceValue = () => textValue(writer, service);
    partitions.add('services', `s${bucket}${service}`, () => [serviceValue(), int32(bucket)], [startTime, traceId]);
    partitions.add(
      'operations',
      `o${joined(service, operation)}`,
      () => [serviceValue(), textValue(writer, operation)],
      [startTime, traceId],
    );
    if (this.config.durations) {
      const hour = durationBucket(startMicros);
      for (const name of ['', operation]) {
        const key = () => [serviceValue(), textValue(writer, name), bigintValue(writer, hour)];
        partitions.add('durations', `d${hour} ${joined(service, name)}`, key, [values.duration, startTime, traceId]);
      }
    }
    for (const [key, text] of this.tagsOf(span, facts)) {
      const value = () => [serviceValue(), textValue(writer, key), textValue(writer, text)];
      partitions.add('tags', `k${joined(service, joined(key, text))}`, value, [startTime, traceId, spanId]);
    }
  }

  private addNames(keys: TenantKeys, service: string, serviceName: string, operation: string, kind: string): void {
    const { partitions, writer } = this;
    const isNew = (id: string) => {
      if (this.known.has(id) || this.names.has(id)) return false;
      this.names.add(id);
      return true;
    };
    if (isNew(`n${service}`)) {
      const partition = keys.servicesPartition;
      if (partition === undefined)
        partitions.add('serviceNames', `n${service}`, () => [textValue(writer, service)], []);
      else {
        const key = () => [textValue(writer, partition)];
        partitions.add('operationNames', `p${partition}`, key, [EMPTY, textValue(writer, serviceName)]);
      }
    }
    if (!isNew(`p${kind} ${joined(service, operation)}`)) return;
    const key = () => [textValue(writer, service)];
    partitions.add('operationNames', `p${service}`, key, [textValue(writer, kind), textValue(writer, operation)]);
  }

  /** Each key with each text once, over span, process and logs (CONTRACT §6.1). */
  private tagsOf(span: StoredSpan, { kind, isError }: SpanFacts): Iterable<readonly [string, string]> {
    const { tags: config } = this.config;
    const found = new Map<string, readonly [string, string]>();
    const add = ({ key, value }: Tag) => {
      if (!this.allowsTag(key) || !isShort(key)) return;
      for (const text of indexTexts(value)) found.set(joined(key, text), [key, text]);
    };
    if (config.processTags) span.process.tags.forEach(add);
    if (config.spanTags) {
      span.tags.forEach(add);
      if (kind === NO_KIND) add({ key: 'span.kind', value: NO_KIND });
      if (isError) add({ key: 'error', value: true });
    }
    if (config.logs) for (const log of span.logs) log.fields.forEach(add);
    return found.values();
  }
}

const EMPTY = Buffer.alloc(0);

/** The hour that a span lies in for `duration_index`: rounded, not truncated (CONTRACT §6.1). In milliseconds. */
export function durationBucket(startMicros: bigint): bigint {
  return ((startMicros + HOUR_MICROS / 2n) / HOUR_MICROS) * 3_600_000n;
}

/** A list of nothing is its count only. */
function unlessEmpty(list: Buffer): CqlValue {
  return list.length === 4 ? UNSET : list;
}

/** Two texts as one that no other two give. */
function joined(first: string, second: string): string {
  return `${first.length} ${first}${second}`;
}

function int32(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(4);
  buffer.writeInt32BE(value);
  return buffer;
}
