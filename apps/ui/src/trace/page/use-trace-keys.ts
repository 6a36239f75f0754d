import { useShortcuts } from '../../keys/shortcuts.ts';

/** What the keys of the trace page do. */
export interface TraceKeyActions {
  readonly moveBy: (rows: number) => void;
  readonly moveToEdge: (edge: 'first' | 'last') => void;
  readonly openDetails: () => void;
  readonly expandOrEnter: () => void;
  readonly collapseOrLeave: () => void;
  readonly nextMatch: (by: 1 | -1) => void;
  readonly nextError: (by: 1 | -1) => void;
  readonly focusFind: () => void;
  /** Returns false when there is nothing to clear. */
  readonly clear: () => boolean;
  readonly zoom: (factor: number) => void;
  readonly pan: (share: number) => void;
  readonly wholeTrace: () => void;
  readonly collapseOne: () => void;
  readonly expandOne: () => void;
  readonly collapseAll: () => void;
  readonly expandAll: () => void;
}

const pageRows = 20;

/** Keys that a button or a link has a use for itself act on rows only while nothing else has the focus. */
// biome-ignore lint/suspicious/noConfusingVoidType: as `Shortcut.run`
function onRows(act: () => void): (event: KeyboardEvent) => void | false {
  return (event) => {
    const target = event.target as Element;
    if (target !== document.body && !target.matches('[role="row"], [role="treegrid"], main')) return false;
    act();
    return undefined;
  };
}

/** Those of the Jaeger UI where it has them (`f` `b` `a` `d` `p` `o` `[` `]`), and those of a tree. */
export function useTraceKeys(actions: TraceKeyActions): void {
  useShortcuts('Trace: spans', [
    { keys: ['j', 'ArrowDown'], description: 'Go to the next span', run: onRows(() => actions.moveBy(1)) },
    { keys: ['k', 'ArrowUp'], description: 'Go to the previous span', run: onRows(() => actions.moveBy(-1)) },
    { keys: ['PageDown'], description: 'Go a page down', run: onRows(() => actions.moveBy(pageRows)) },
    { keys: ['PageUp'], description: 'Go a page up', run: onRows(() => actions.moveBy(-pageRows)) },
    { keys: ['Home'], description: 'Go to the first span', run: onRows(() => actions.moveToEdge('first')) },
    { keys: ['End'], description: 'Go to the last span', run: onRows(() => actions.moveToEdge('last')) },
    { keys: ['Enter', ' '], description: 'Open or close the details', run: onRows(actions.openDetails) },
    { keys: ['ArrowRight'], description: 'Expand, or go to the first child', run: onRows(actions.expandOrEnter) },
    { keys: ['ArrowLeft'], description: 'Collapse, or go to the parent', run: onRows(actions.collapseOrLeave) },
    { keys: ['p'], description: 'Collapse one level', run: actions.collapseOne },
    { keys: ['o'], description: 'Expand one level', run: actions.expandOne },
    { keys: [']'], description: 'Collapse all', run: actions.collapseAll },
    { keys: ['['], description: 'Expand all', run: actions.expandAll },
  ]);
  useShortcuts('Trace: find', [
    { keys: ['/', 'Mod+b'], description: 'Find in this trace', run: actions.focusFind },
    { keys: ['f'], description: 'Go to the next match', run: () => actions.nextMatch(1) },
    { keys: ['b'], description: 'Go to the previous match', run: () => actions.nextMatch(-1) },
    { keys: ['e'], description: 'Go to the next error', run: () => actions.nextError(1) },
    { keys: ['E'], description: 'Go to the previous error', run: () => actions.nextError(-1) },
    {
      keys: ['Escape'],
      description: 'Clear the find, then close the details',
      run: () => (actions.clear() ? undefined : false),
    },
  ]);
  useShortcuts('Trace: timeline', [
    { keys: ['w'], description: 'Zoom in', run: () => actions.zoom(0.8) },
    { keys: ['s'], description: 'Zoom out', run: () => actions.zoom(1.25) },
    { keys: ['W'], description: 'Zoom in a lot', run: () => actions.zoom(0.4) },
    { keys: ['S'], description: 'Zoom out a lot', run: () => actions.zoom(2.5) },
    { keys: ['a'], description: 'Pan left', run: () => actions.pan(-0.1) },
    { keys: ['d'], description: 'Pan right', run: () => actions.pan(0.1) },
    { keys: ['A'], description: 'Pan left a lot', run: () => actions.pan(-0.5) },
    { keys: ['D'], description: 'Pan right a lot', run: () => actions.pan(0.5) },
    { keys: ['0'], description: 'Show the whole trace', run: actions.wholeTrace },
  ]);
}
