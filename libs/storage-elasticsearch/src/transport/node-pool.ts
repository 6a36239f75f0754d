const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 30_000;

interface NodeState {
  readonly address: string;
  failures: number;
  /** Until then it is asked only when no other is left. */
  restsUntilMs: number;
}

/** Takes turns among nodes; those that failed rest, longer each time, until they answer. */
export class NodePool {
  private nodes: readonly NodeState[];
  private readonly nowMs: () => number;
  private turn = 0;

  constructor(addresses: readonly string[], nowMs: () => number) {
    this.nodes = addresses.map((address) => ({ address, failures: 0, restsUntilMs: 0 }));
    this.nowMs = nowMs;
  }

  /** Whether there is no other node than these. */
  isExhausted(tried: ReadonlySet<string>): boolean {
    return this.nodes.every(({ address }) => tried.has(address));
  }

  /** From now on these. What is known of one that stays is kept. */
  replace(addresses: readonly string[]): void {
    this.nodes = addresses.map((address) => this.of(address) ?? { address, failures: 0, restsUntilMs: 0 });
    this.turn %= this.nodes.length;
  }

  /** The next node that is not among `tried` and does not rest; else the one that has rested longest. */
  next(tried: ReadonlySet<string>): string {
    const now = this.nowMs();
    let rested: NodeState | undefined;
    for (let i = 0; i < this.nodes.length; i += 1) {
      const node = this.nodes[(this.turn + i) % this.nodes.length]!;
      if (tried.has(node.address)) continue;
      if (node.restsUntilMs <= now) {
        this.turn = (this.turn + i + 1) % this.nodes.length;
        return node.address;
      }
      if (rested === undefined || node.restsUntilMs < rested.restsUntilMs) rested = node;
    }
    if (rested === undefined) throw new RangeError('every node was tried');
    return rested.address;
  }

  failed(address: string): void {
    const node = this.of(address);
    if (node === undefined) return;
    node.restsUntilMs = this.nowMs() + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** node.failures);
    node.failures = Math.min(node.failures + 1, 10);
  }

  answered(address: string): void {
    const node = this.of(address);
    if (node === undefined) return;
    node.failures = 0;
    node.restsUntilMs = 0;
  }

  private of(address: string): NodeState | undefined {
    return this.nodes.find((node) => node.address === address);
  }
}
