export interface Match {
  readonly items: readonly string[];
  /** How many matched, of which `items` may be the first few. */
  readonly total: number;
}

/** The names that contain the text (case does not matter): those that begin with it first, then where a word begins with it, then the rest. */
export function matchNames(names: readonly string[], text: string, max: number): Match {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return { items: names.slice(0, max), total: names.length };
  const ranked: [string[], string[], string[]] = [[], [], []];
  for (const name of names) {
    const at = name.toLowerCase().indexOf(wanted);
    if (at < 0) continue;
    const startsWord = at > 0 && /[^\p{L}\p{N}]/u.test(name[at - 1] ?? '');
    ranked[at === 0 ? 0 : startsWord ? 1 : 2].push(name);
  }
  const all = ranked.flat();
  return { items: all.slice(0, max), total: all.length };
}
