/** Numbers different strings in the order in which they are first met. */
export class StringTable {
  readonly strings: string[] = [];
  readonly #indices = new Map<string, number>();

  indexOf(text: string): number {
    let index = this.#indices.get(text);
    if (index === undefined) {
      index = this.strings.push(text) - 1;
      this.#indices.set(text, index);
    }
    return index;
  }
}
