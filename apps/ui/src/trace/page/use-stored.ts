import { useCallback, useState } from 'react';

/** State that this browser remembers. `parse` returns `undefined` for what it does not know. */
export function useStored<T extends string | number>(
  key: string,
  initial: T,
  parse: (text: string) => T | undefined,
): readonly [T, (next: T) => void] {
  const [value, setValue] = useState(() => {
    try {
      const stored = localStorage.getItem(key);
      return (stored === null ? undefined : parse(stored)) ?? initial;
    } catch {
      return initial;
    }
  });
  const set = useCallback(
    (next: T) => {
      setValue(next);
      try {
        localStorage.setItem(key, String(next));
      } catch {
        // Storage may be forbidden; it is then remembered as long as the page.
      }
    },
    [key],
  );
  return [value, set];
}
