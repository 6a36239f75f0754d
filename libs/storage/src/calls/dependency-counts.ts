import type { DependencyLink } from '../dependencies.ts';

/** Calls, counted by parent and child. */
export class DependencyCounts {
  private readonly counts = new Map<string, Map<string, number>>();

  add(parent: string, child: string, calls = 1): void {
    const children = this.counts.get(parent) ?? new Map<string, number>();
    this.counts.set(parent, children);
    children.set(child, (children.get(child) ?? 0) + calls);
  }

  /** One a (parent, child), sorted by parent, then child. */
  links(): DependencyLink[] {
    const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
    return [...this.counts]
      .flatMap(([parent, children]) => [...children].map(([child, callCount]) => ({ parent, child, callCount })))
      .sort((a, b) => byName(a.parent, b.parent) || byName(a.child, b.child));
  }
}
