import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { processUsage } from './process-usage.ts';
import { waitFor } from './wait-for.ts';

export const repositoryRoot = resolve(import.meta.dirname, '../..');

/** A line that a process logged: pino's JSON, or `{ msg }` for anything else it printed. */
export interface LogLine {
  readonly level?: number;
  readonly msg?: string;
  readonly listener?: string;
  readonly address?: string;
  readonly [field: string]: unknown;
}

export interface SpoorProcess {
  readonly pid: number;
  /** The last lines, oldest first; standard output and standard error together. */
  logs(): readonly LogLine[];
  /** `host:port` of a listener, once it accepts connections. */
  address(listener: string): string | undefined;
  exited(): boolean;
  /** Resolves when the process has ended, with its exit code, or `null` when a signal ended it. */
  readonly ended: Promise<number | null>;
  signal(signal: NodeJS.Signals): void;
  rssBytes(): number;
  peakRssBytes(): number;
  cpuSeconds(): number;
}

export interface SpawnOptions {
  /** From the root of the repository: `apps/all-in-one/src/main.ts`. */
  readonly main: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of Node itself. */
  readonly nodeArgs?: readonly string[];
}

const MAX_LOG_LINES = 5_000;
const running = new Set<ChildProcess>();

// The last net: a test runner that ends early leaves nothing behind.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

function parseLine(line: string): LogLine {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed === 'object' && parsed !== null) return parsed as LogLine;
  } catch {
    // Not pino's: a message for people, or a crash of Node.
  }
  return { msg: line };
}

/** What a child needs of this process's environment, and nothing that would configure it by chance. */
function plainEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LANG', 'TZ'];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

/** Starts one of the repository's processes with this Node. It is killed, at the latest, when this process ends. */
export function spawnSpoor({ main, args = [], env = {}, nodeArgs = [] }: SpawnOptions): SpoorProcess {
  const child = spawn(process.execPath, [...nodeArgs, join(repositoryRoot, main), ...args], {
    cwd: repositoryRoot,
    env: { ...plainEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const lines: LogLine[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts.filter((part) => part.trim() !== '').map(parseLine));
      if (lines.length > MAX_LOG_LINES) lines.splice(0, lines.length - MAX_LOG_LINES);
    });
  }
  // The listeners' lines come first and must outlive the bound above.
  const addresses = new Map<string, string>();
  const address = (listener: string): string | undefined => {
    for (const line of lines)
      if (line.msg === 'listening' && line.listener && line.address) addresses.set(line.listener, line.address);
    return addresses.get(listener);
  };
  let over = false;
  const ended = new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => {
      over = true;
      running.delete(child);
      done(code);
    });
  });
  ended.catch(() => {
    over = true;
    running.delete(child);
  });
  const pid = child.pid ?? 0;
  return {
    pid,
    logs: () => lines,
    address,
    exited: () => over,
    ended,
    signal: (signal) => void child.kill(signal),
    rssBytes: () => processUsage(pid).rssBytes,
    peakRssBytes: () => processUsage(pid).peakRssBytes,
    cpuSeconds: () => processUsage(pid).cpuSeconds,
  };
}

/** The end of what a process logged, as text for the message of a failure. */
export function logTail(child: SpoorProcess, count = 20): string {
  return child
    .logs()
    .slice(-count)
    .map((line) => JSON.stringify(line))
    .join('\n');
}

/** Waits until every listener accepts connections and the admin port says ready. Throws, with the log, when the process ends. */
export async function waitUntilReady(
  child: SpoorProcess,
  listeners: readonly string[],
  deadlineMs: number,
): Promise<void> {
  const ready = async (): Promise<boolean> => {
    const admin = child.address('admin');
    if (listeners.some((listener) => child.address(listener) === undefined) || admin === undefined) return false;
    const response = await fetch(`http://${admin}/`, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.status === 200;
  };
  try {
    const outcome = await waitFor(async () => (child.exited() ? 'ended' : (await ready()) && 'ready'), {
      deadlineMs,
      describe: `a ready process with the listeners ${listeners.join(', ')}`,
    });
    if (outcome === 'ended') throw new Error(`the process ended with code ${await child.ended} before it was ready`);
  } catch (error) {
    child.signal('SIGKILL');
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message}; it logged:\n${logTail(child)}`, { cause: error });
  }
}
