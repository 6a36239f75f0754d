/** Height of a row without details, in CSS pixels. */
export const ROW_HEIGHT = 24;

/** Where rows stand when a few of them have details of other heights below them. Places are indices of visible rows. */
export class RowLayout {
  readonly rowCount: number;
  readonly #places: readonly number[];
  /** Height of the details at all places before and with this one. */
  readonly #sums: readonly number[];

  /** `details`: height of the details below the row, by place. */
  constructor(rowCount: number, details: ReadonlyMap<number, number> = new Map()) {
    this.rowCount = rowCount;
    this.#places = [...details.keys()].sort((a, b) => a - b);
    let sum = 0;
    this.#sums = this.#places.map((place) => (sum += details.get(place) ?? 0));
  }

  get height(): number {
    return this.rowCount * ROW_HEIGHT + (this.#sums.at(-1) ?? 0);
  }

  /** The top edge of the row. */
  topOf(place: number): number {
    return place * ROW_HEIGHT + this.#detailsBefore(place);
  }

  /** The row at that height, its details being part of it; the last or first one beyond the edges. */
  placeAt(y: number): number {
    let low = 0;
    let high = this.rowCount - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.topOf(middle) <= y) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  #detailsBefore(place: number): number {
    let sum = 0;
    for (let i = 0; i < this.#places.length && (this.#places[i] ?? 0) < place; i += 1) sum = this.#sums[i] ?? 0;
    return sum;
  }
}
