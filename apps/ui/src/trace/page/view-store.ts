import { useSyncExternalStore } from 'react';
import type { ViewRange } from '../model/view-range.ts';
import { clampRange, fullRange, isFullRange, panned, showing, zoomed } from '../model/view-range.ts';

/** The zoom, apart from React's state: canvases follow each change in the same frame, and nothing else renders. */
export class ViewStore {
  readonly durationMicros: number;
  #range: ViewRange;
  readonly #listeners = new Set<() => void>();

  constructor(durationMicros: number, range: ViewRange = fullRange(durationMicros)) {
    this.durationMicros = durationMicros;
    this.#range = clampRange(range, durationMicros);
  }

  readonly range = (): ViewRange => this.#range;

  get isFull(): boolean {
    return isFullRange(this.#range, this.durationMicros);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  set(range: ViewRange): void {
    const next = clampRange(range, this.durationMicros);
    if (next.startMicros === this.#range.startMicros && next.endMicros === this.#range.endMicros) return;
    this.#range = next;
    for (const listener of this.#listeners) listener();
  }

  reset(): void {
    this.set(fullRange(this.durationMicros));
  }

  /** See `zoomed`. */
  zoom(factor: number, anchor = 0.5): void {
    this.set(zoomed(this.#range, factor, anchor, this.durationMicros));
  }

  /** See `showing`. */
  show(startMicros: number, endMicros: number): void {
    this.set(showing(this.#range, startMicros, endMicros, this.durationMicros));
  }

  pan(share: number): void {
    this.set(panned(this.#range, share, this.durationMicros));
  }
}

export function useRange(view: ViewStore): ViewRange {
  return useSyncExternalStore(view.subscribe, view.range);
}
