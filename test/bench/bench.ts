import { availableParallelism, cpus } from 'node:os';

/** One line of a result. `cpuSecondsPerMillionSpans` and the like are medians where `runs` is given. */
export interface BenchResult {
  /** Which of the bench's cases this is. */
  readonly case: string;
  readonly [measure: string]: string | number | boolean | null;
}

export interface BenchContext {
  /** The case asked for on the command line; without one, all of them. */
  wants(name: string): boolean;
  /** The value of `--key=value` on the command line. */
  option(key: string): string | undefined;
  /** Prints a result. */
  report(result: BenchResult): void;
  /** Progress, for people. */
  note(text: string): void;
}

/** A bench: measures its cases, each of which it reports at least once. */
export type Bench = (context: BenchContext) => void | Promise<void>;

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/** CPU-seconds, user and system, that this process used while `work` ran. */
export function cpuSecondsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Three significant digits: what is behind them is noise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** What a figure is worth nothing without. */
export function surroundings(): { node: string; machine: string } {
  return { node: process.version, machine: `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}` };
}
