import { useEffect, useRef, useSyncExternalStore } from 'react';
import { type Shortcut, type ShortcutGroup, ShortcutRegistry } from './registry.ts';

const registry = new ShortcutRegistry();

/** Radio buttons and sliders count: the arrows are theirs. */
function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return target instanceof HTMLInputElement && !['button', 'checkbox', 'submit'].includes(target.type);
}

/** Listens for the whole page; call once. What a widget handles itself it marks with `preventDefault`, and it never comes here. */
export function listenForShortcuts(): () => void {
  const listener = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog:modal') !== null) return;
    if (['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
    if (registry.handle(event, isField(event.target), performance.now())) event.preventDefault();
  };
  addEventListener('keydown', listener);
  return () => removeEventListener('keydown', listener);
}

/**
 * Registers shortcuts for as long as the component is mounted; they also appear in the help dialog under `title`.
 * `run` always sees the newest render; keys and descriptions are those of the first.
 */
export function useShortcuts(title: string, shortcuts: readonly Shortcut[]): void {
  const newest = useRef(shortcuts);
  useEffect(() => {
    newest.current = shortcuts;
  });
  useEffect(() => {
    const group: ShortcutGroup = {
      title,
      shortcuts: newest.current.map((shortcut, index) => ({
        ...shortcut,
        run: (event) => newest.current[index]?.run(event),
      })),
    };
    return registry.add(group);
  }, [title]);
}

/** Everything registered now. */
export function useShortcutGroups(): readonly ShortcutGroup[] {
  return useSyncExternalStore(registry.subscribe, registry.groups);
}
