const MAX_ENTRIES = 100_000;

/** Bits of the kinds that are known of an operation. */
type Operations = Map<string, number>;

/**
 * Service entries that are in the index for sure, so that they are not written again with each span. Two generations, each for
 * half the time: an entry is forgotten after at most the whole of it, and memory stays bounded.
 */
export class ServiceCache {
  private readonly halfLifeMs: number;
  private readonly nowMs: () => number;
  private young = new Map<string, Operations>();
  private old = new Map<string, Operations>();
  private bornMs: number;
  private count = 0;

  constructor(ttlMs: number, nowMs: () => number) {
    this.halfLifeMs = ttlMs / 2;
    this.nowMs = nowMs;
    this.bornMs = nowMs();
  }

  /** `group` names index, tenant and service. */
  has(group: string, operation: string, kindNumber: number): boolean {
    const bit = 1 << kindNumber;
    return (
      ((this.young.get(group)?.get(operation) ?? 0) & bit) !== 0 ||
      ((this.old.get(group)?.get(operation) ?? 0) & bit) !== 0
    );
  }

  add(group: string, operation: string, kindNumber: number): void {
    let operations = this.young.get(group);
    if (operations === undefined) this.young.set(group, (operations = new Map()));
    const known = operations.get(operation);
    if (known === undefined) this.count += 1;
    operations.set(operation, (known ?? 0) | (1 << kindNumber));
    if (this.count >= MAX_ENTRIES) this.age();
  }

  /** To be called now and then. */
  forgetOld(): void {
    if (this.nowMs() - this.bornMs >= this.halfLifeMs) this.age();
  }

  private age(): void {
    this.old = this.young;
    this.young = new Map();
    this.count = 0;
    this.bornMs = this.nowMs();
  }
}
