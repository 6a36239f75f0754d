import { Fragment } from 'react';

/** The text with each occurrence of a word marked. `words` are lower case. */
export function Highlighted({ text, words }: { readonly text: string; readonly words: readonly string[] }) {
  if (words.length === 0) return text;
  const parts = partsOf(text, words);
  return parts.map((part, i) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never move
    i % 2 === 1 ? <mark key={i}>{part}</mark> : <Fragment key={i}>{part}</Fragment>,
  );
}

/** Alternates between what is not marked and what is, beginning with what is not. */
export function partsOf(text: string, words: readonly string[]): string[] {
  const lower = text.toLowerCase();
  // A letter whose lower case is longer would put every mark after it in a wrong place.
  if (lower.length !== text.length) return [text];
  const parts: string[] = [];
  let from = 0;
  while (from < text.length) {
    let at = -1;
    let length = 0;
    for (const word of words) {
      const found = word === '' ? -1 : lower.indexOf(word, from);
      if (found < 0 || (at >= 0 && (found > at || (found === at && word.length <= length)))) continue;
      at = found;
      length = word.length;
    }
    if (at < 0) break;
    parts.push(text.slice(from, at), text.slice(at, at + length));
    from = at + length;
  }
  parts.push(text.slice(from));
  return parts;
}
