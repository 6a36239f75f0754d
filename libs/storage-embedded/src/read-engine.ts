import { SPAN_KINDS } from '@spoor/model';
import { ByteCache } from './byte-cache.ts';
import { ChunkView } from './chunk.ts';
import type { Container, SegmentRow } from './container.ts';
import { openFrame } from './frame.ts';
import { TermHash } from './hash.ts';
import { decodeIndex } from './index-codec.ts';
import { segmentSource } from './segment-source.ts';
import type { Source } from './source.ts';
import { memorySource } from './source.ts';
import { mergeIndexes } from './span-index.ts';

const CACHE_BYTES = 64 * 2 ** 20;

/** The blocks of an unsealed segment, small ones merged in memory so that a search looks at few. */
interface OpenSegment {
  readonly seen: Set<number>;
  stack: (Source & { readonly index: Parameters<typeof memorySource>[0] })[];
}

/** What every read stands on: the sources of a tenant at one moment, and the spans' bytes. */
export class ReadEngine {
  readonly container: Container;
  readonly hash: TermHash;
  private readonly cache = new ByteCache(CACHE_BYTES);
  private readonly sealed = new Map<number, Source>();
  private readonly open = new Map<number, OpenSegment>();
  private tenants = new Map<string, number>();
  private byTenant = new Map<number, readonly Source[]>();
  private version = -1;

  constructor(container: Container, hashMask: number) {
    this.container = container;
    this.hash = new TermHash(hashMask);
  }

  /** Runs `work` on one state of the store, with the tenant's sources in it. */
  reading<T>(tenant: string, work: (sources: readonly Source[]) => T): T {
    return this.container.reading(() => {
      this.refresh();
      const id = this.tenants.get(tenant);
      return work(id === undefined ? [] : (this.byTenant.get(id) ?? []));
    });
  }

  tenantId(tenant: string): number | undefined {
    return this.tenants.get(tenant);
  }

  /** The spans of a chunk. Only within `reading`. */
  chunk(id: number): ChunkView {
    return this.cache.get(`b${id}`, () => {
      const frame = this.container.chunk(id);
      const what = `chunk ${id}`;
      const value = new ChunkView(openFrame(frame ?? new Uint8Array(0), what), what);
      return { value, bytes: value.bytes.length + value.spanCount * 40 };
    });
  }

  services(tenant: string): readonly string[] {
    return this.reading(tenant, () => {
      const id = this.tenantId(tenant);
      return id === undefined ? [] : this.container.services(id);
    });
  }

  operations(tenant: string, service: string, kind?: string) {
    return this.reading(tenant, () => {
      const id = this.tenantId(tenant);
      const all = id === undefined ? [] : this.container.operations(id, service);
      return all
        .map((row) => ({ name: row.name, spanKind: SPAN_KINDS[row.kind] ?? 'unspecified' }))
        .filter((operation) => kind === undefined || operation.spanKind === kind);
    });
  }

  private refresh(): void {
    const version = this.container.version();
    if (version === this.version) return;
    this.tenants = new Map(this.container.tenants().map(({ id, name }) => [name, id]));
    const rows = this.container.segments();
    const byTenant = new Map<number, Source[]>();
    const parts = new Set<number>();
    const unsealed = new Set<number>();
    for (const row of rows) {
      let list = byTenant.get(row.tenant);
      if (list === undefined) byTenant.set(row.tenant, (list = []));
      if (row.state === 'sealed') {
        parts.add(row.parts);
        list.push(this.sealedSource(row));
      } else {
        unsealed.add(row.id);
        list.push(...this.openSources(row));
      }
    }
    for (const id of this.sealed.keys()) if (!parts.has(id)) this.sealed.delete(id);
    for (const id of this.open.keys()) if (!unsealed.has(id)) this.open.delete(id);
    this.byTenant = byTenant;
    this.version = version;
  }

  private sealedSource(row: SegmentRow): Source {
    let source = this.sealed.get(row.parts);
    if (source === undefined) this.sealed.set(row.parts, (source = segmentSource(this.container, this.cache, row)));
    return source;
  }

  private openSources(row: SegmentRow): readonly Source[] {
    let segment = this.open.get(row.id);
    if (segment === undefined) this.open.set(row.id, (segment = { seen: new Set(), stack: [] }));
    const { stack, seen } = segment;
    for (const { arrival } of this.container.blocks(row.id)) {
      if (seen.has(arrival)) continue;
      stack.push(memorySource(decodeIndex(this.container.blockIndex(arrival), `block ${arrival}`)));
      seen.add(arrival);
      while (stack.length > 1 && stack.at(-2)!.count < 2 * stack.at(-1)!.count) {
        const [a, b] = stack.splice(-2);
        stack.push(memorySource(mergeIndexes([a!.index, b!.index])));
      }
    }
    return stack;
  }
}
