/** A growing list of integers in rows of `stride` cells. */
export class IntList {
  readonly stride: number;
  cells: Int32Array;
  /** Rows. */
  count = 0;

  constructor(stride: number, rows: number) {
    this.stride = stride;
    this.cells = new Int32Array(stride * Math.max(1, rows));
  }

  /** Adds a row and returns the index of its first cell, whose contents are the caller's to write. */
  add(): number {
    const at = this.count * this.stride;
    if (at === this.cells.length) {
      const grown = new Int32Array(at * 2);
      grown.set(this.cells);
      this.cells = grown;
    }
    this.count += 1;
    return at;
  }
}
