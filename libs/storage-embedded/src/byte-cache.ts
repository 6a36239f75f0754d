/** What was used last, up to a number of bytes. */
export class ByteCache {
  private readonly entries = new Map<string, { readonly value: unknown; readonly bytes: number }>();
  private readonly maxBytes: number;
  private bytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get<T>(key: string, make: () => { readonly value: T; readonly bytes: number }): T {
    let entry = this.entries.get(key);
    if (entry !== undefined) this.entries.delete(key);
    else {
      entry = make();
      this.bytes += entry.bytes;
    }
    this.entries.set(key, entry);
    for (const [oldest, { bytes }] of this.entries) {
      if (this.bytes <= this.maxBytes || oldest === key) break;
      this.entries.delete(oldest);
      this.bytes -= bytes;
    }
    return entry.value as T;
  }
}
