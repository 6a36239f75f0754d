/** What one part says of itself. */
export interface ReadinessState {
  readonly ready: boolean;
  /** Why not, for a person. */
  readonly reason?: string;
}

/** The named checks that together say whether a process can do its work now. */
export interface Readiness {
  /** A name MUST be added once. `check` is called for every question and MUST be cheap. */
  add(name: string, check: () => ReadinessState): void;
  /** From now on not ready for this reason, whatever the checks say: the process is starting, or stopping. `undefined` ends it. */
  hold(reason: string | undefined): void;
  /** `name: reason` of every check that fails; none means ready. */
  reasons(): readonly string[];
}

export function createReadiness(): Readiness {
  const checks = new Map<string, () => ReadinessState>();
  let held: string | undefined;
  return {
    add(name, check) {
      if (checks.has(name)) throw new Error(`the readiness check ${name} exists already`);
      checks.set(name, check);
    },
    hold(reason) {
      held = reason;
    },
    reasons() {
      if (held !== undefined) return [held];
      return [...checks].flatMap(([name, check]) => {
        const { ready, reason } = check();
        return ready ? [] : [`${name}: ${reason ?? 'not ready'}`];
      });
    },
  };
}
