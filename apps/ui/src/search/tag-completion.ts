import { matchNames } from '../controls/match.ts';
import { formatLogfmt, type LogfmtToken, tokenise } from './logfmt.ts';

export interface Completion {
  /** What the list shows. */
  readonly label: string;
  /** The whole field once it is taken, and where the caret goes. */
  readonly text: string;
  readonly caret: number;
}

export interface TagSource {
  readonly keys: () => readonly string[];
  readonly values: (key: string) => readonly string[];
}

const maxShown = 12;

/** What may stand at the caret: keys while a key is typed, values after its equals sign or comparison. */
export function completionsAt(text: string, caret: number, source: TagSource): readonly Completion[] {
  const token = tokenise(text).find(({ start, end }) => start < caret && caret <= end);
  const place: Pick<LogfmtToken, 'start' | 'end'> = token ?? { start: caret, end: caret };
  const replace = (label: string, inserted: string): Completion => {
    const before = text.slice(0, place.start) + inserted;
    return { label, text: before + text.slice(place.end), caret: before.length };
  };
  const written = text.slice(place.start, caret);
  const typed = tokenise(written)[0];
  if (token !== undefined && typed !== undefined && typed.operator !== '') {
    const { key, operator } = typed;
    const comparison = operator === '=' ? {} : { comparison: operator };
    return matchNames(source.values(key), typed.value, maxShown)
      .items.filter((value) => !(value === token.value && token.isClosed))
      .map((value) => replace(value, formatLogfmt([{ key, value, ...comparison }])));
  }
  const used = new Set(
    tokenise(text)
      .filter((other) => other !== token)
      .map((other) => other.key),
  );
  return matchNames(
    source.keys().filter((key) => !used.has(key)),
    typed?.key ?? '',
    maxShown,
  ).items.map((key) => replace(key, `${key}=`));
}
