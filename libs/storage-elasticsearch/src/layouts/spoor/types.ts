/** Letters of a document's `…Types`, one an attribute: what the text in its term stands for. All strings: no types at all. */
export const TYPE = {
  string: code('s'),
  boolean: code('b'),
  integer: code('i'),
  double: code('d'),
  /** Hex. */
  bytes: code('y'),
  empty: code('n'),
  /** JSON; of strings, booleans and integers only, which it tells apart. */
  array: code('a'),
  /** Not in the term but in `…Exact`, key and value, in the order of these letters. */
  kept: code('x'),
} as const;

function code(letter: string): number {
  return letter.charCodeAt(0);
}
