/** One thing that a key does. */
export interface Shortcut {
  /**
   * Each opens the same thing. Names are those of `KeyboardEvent.key` (`j`, `?`, `ArrowDown`, `Enter`), with `Mod+` (Ctrl, or ⌘),
   * `Alt+` and `Shift+` before them (`Shift` only for keys that are no character); two keys in a row with a space: `g s`.
   */
  readonly keys: readonly string[];
  /** As the help dialog says it: a verb first. */
  readonly description: string;
  /** Return `false` to let the key pass on, as if there were no shortcut. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most shortcuts return nothing
  readonly run: (event: KeyboardEvent) => void | false;
  /** Also while the focus is in a text field. */
  readonly inFields?: boolean;
}

export interface ShortcutGroup {
  readonly title: string;
  readonly shortcuts: readonly Shortcut[];
}

/** How long the second key of a sequence may take. */
const sequenceTimeoutMs = 1_000;

/** The name under which shortcuts know the key of an event. */
export function keyNameOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const modifiers = [
    event.ctrlKey || event.metaKey ? 'Mod+' : '',
    event.altKey ? 'Alt+' : '',
    event.shiftKey && event.key.length > 1 ? 'Shift+' : '',
  ];
  return modifiers.join('') + event.key;
}

/** Decides which shortcut a row of keys means. The group registered last goes first, so that a page can take a key over from the shell. */
export class ShortcutRegistry {
  #groups: readonly ShortcutGroup[] = [];
  #listeners = new Set<() => void>();
  #pending: { readonly key: string; readonly atMs: number } | undefined;

  /** Returns what takes the group away again. */
  add(group: ShortcutGroup): () => void {
    this.#change([...this.#groups, group]);
    return () => this.#change(this.#groups.filter((other) => other !== group));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** In the order of registration; the same array as long as nothing changes. */
  readonly groups = (): readonly ShortcutGroup[] => this.#groups;

  /** Returns true when a shortcut took the key. `nowMs` is any clock that goes forward. */
  handle(event: KeyboardEvent, inField: boolean, nowMs: number): boolean {
    const key = keyNameOf(event);
    const first = this.#pending;
    this.#pending = undefined;
    if (
      first !== undefined &&
      nowMs - first.atMs <= sequenceTimeoutMs &&
      this.#run(`${first.key} ${key}`, event, inField)
    )
      return true;
    if (this.#run(key, event, inField)) return true;
    if (!inField && this.#startsSequence(key)) this.#pending = { key, atMs: nowMs };
    return false;
  }

  #run(keys: string, event: KeyboardEvent, inField: boolean): boolean {
    for (const group of this.#groups.toReversed()) {
      for (const shortcut of group.shortcuts) {
        if (!shortcut.keys.includes(keys) || (inField && shortcut.inFields !== true)) continue;
        if (shortcut.run(event) !== false) return true;
      }
    }
    return false;
  }

  #startsSequence(key: string): boolean {
    return this.#groups.some((group) =>
      group.shortcuts.some((shortcut) => shortcut.keys.some((keys) => keys.startsWith(`${key} `))),
    );
  }

  #change(groups: readonly ShortcutGroup[]): void {
    this.#groups = groups;
    for (const listener of this.#listeners) listener();
  }
}
