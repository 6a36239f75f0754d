/** Bytes of CQL values, one after the other, in memory that grows by whole pieces: what has been handed out stays as it is. */
export class ValueWriter {
  private bytes: Buffer;
  private at = 0;
  private start = 0;
  private readonly pieceBytes: number;

  constructor(pieceBytes = 64 * 1024) {
    this.pieceBytes = pieceBytes;
    this.bytes = Buffer.allocUnsafeSlow(pieceBytes);
  }

  /** The value written since the last call. */
  take(): Buffer {
    const value = this.bytes.subarray(this.start, this.at);
    this.start = this.at;
    return value;
  }

  int32(value: number): void {
    this.reserve(4);
    this.at = this.bytes.writeInt32BE(value, this.at);
  }

  int64(value: bigint): void {
    this.reserve(8);
    this.at = this.bytes.writeBigInt64BE(value, this.at);
  }

  double(value: number): void {
    this.reserve(8);
    this.at = this.bytes.writeDoubleBE(value, this.at);
  }

  byte(value: number): void {
    this.reserve(1);
    this.at = this.bytes.writeUInt8(value, this.at);
  }

  text(value: string): void {
    this.reserve(value.length * 3);
    this.at += this.bytes.write(value, this.at, 'utf8');
  }

  raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.bytes.set(value, this.at);
    this.at += value.length;
  }

  /** Makes room for a length in front of what follows; `close` fills it in. */
  open(): number {
    this.int32(0);
    return this.at - this.start;
  }

  close(mark: number): void {
    const from = this.start + mark;
    this.bytes.writeInt32BE(this.at - from, from - 4);
  }

  null(): void {
    this.int32(-1);
  }

  private reserve(size: number): void {
    if (this.at + size <= this.bytes.length) return;
    const begun = this.bytes.subarray(this.start, this.at);
    const next = Buffer.allocUnsafeSlow(Math.max(this.pieceBytes, 2 * begun.length + size));
    next.set(begun);
    this.bytes = next;
    this.at = begun.length;
    this.start = 0;
  }
}
