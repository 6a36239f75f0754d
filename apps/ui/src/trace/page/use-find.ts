import { useCallback, useEffect, useMemo, useState } from 'react';
import { parseFind } from '../model/find.ts';
import type { TraceWorkerClient } from '../worker/trace-worker-client.ts';
import type { PageAddress } from './page-address.ts';

/** Typing rests this long before it is looked for. */
const restMs = 120;

const none = new Int32Array();

export interface Find {
  readonly text: string;
  readonly setText: (text: string) => void;
  /** Lower case, for marking; empty when the find is for span ids. */
  readonly words: readonly string[];
  /** Ascending rows. Those of the text before while a find runs. */
  readonly rows: Int32Array;
  readonly isRunning: boolean;
}

/** Finds in the worker what is typed, and keeps it in the address as `uiFind`. */
export function useFind(worker: TraceWorkerClient, initial: string, update: (changes: PageAddress) => void): Find {
  const [text, setText] = useState(initial);
  const [found, setFound] = useState<{ readonly text: string; readonly rows: Int32Array }>({ text: '', rows: none });
  const isEmpty = text.trim() === '';
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was found before only decides how soon
  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(
      () => {
        update({ uiFind: text.trim() });
        if (text.trim() === '') return setFound({ text, rows: none });
        worker.find(text).then(
          (rows) => isCurrent && rows !== undefined && setFound({ text, rows }),
          () => isCurrent && setFound({ text, rows: none }),
        );
      },
      found.text === text ? 0 : restMs,
    );
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [text, worker, update]);
  const words = useMemo(() => parseFind(found.text).words, [found.text]);
  return {
    text,
    setText: useCallback((next: string) => setText(next), []),
    words: isEmpty ? [] : words,
    rows: isEmpty ? none : found.rows,
    isRunning: !isEmpty && found.text !== text,
  };
}
