import { type ChildProcess, spawn } from 'node:child_process';
import type { BreakableServer } from './breakable-server.ts';
import { waitFor } from './wait-for.ts';

export interface JavaOptions {
  /** What people call the server. */
  readonly name: string;
  /** Of the virtual machine and of the program. */
  readonly args: readonly string[];
  /** What the server logs when it has started. */
  readonly startedLine: string;
  /** Resolves when the server answers; is tried again while it throws. */
  answers(): Promise<unknown>;
}

/** A server in a Java virtual machine of its own. It ends with this process. */
export interface JavaServer extends BreakableServer {
  /** Another one after `revive`. */
  readonly pid: number;
}

const READY_DEADLINE_MS = 240_000;
const LOG_TAIL_CHARACTERS = 8_000;
const running = new Set<ChildProcess>();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** What keeps a virtual machine small and quick to start. Not for measuring: the code is compiled once, quickly. */
export function smallVirtualMachine(heap: string): string[] {
  return [`-Xmx${heap}`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.awt.headless=true'];
}

/** Resolves when this very process says that it started and the server answers; a port alone may be somebody else's. */
export async function startJava(options: JavaOptions): Promise<JavaServer> {
  let child = await launch(options);
  return {
    get pid() {
      return child.pid ?? 0;
    },
    kill: () => end(child),
    async revive(answers = options.answers) {
      child = await launch({ ...options, answers });
    },
    async freeze() {
      child.kill('SIGSTOP');
    },
    async thaw() {
      child.kill('SIGCONT');
    },
    stop: () => end(child),
  };
}

async function launch({ name, args, startedLine, answers }: JavaOptions): Promise<ChildProcess> {
  const child = spawn('java', [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('close', () => running.delete(child));
  let log = '';
  let started = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      log = (log + text).slice(-LOG_TAIL_CHARACTERS);
      started ||= log.includes(startedLine);
    });
  }
  try {
    const outcome = await waitFor(() => (hasEnded(child) ? 'ended' : started && 'started'), {
      describe: `the started line of ${name}`,
      deadlineMs: READY_DEADLINE_MS,
    });
    if (outcome === 'ended') throw new Error(`${name} ended`);
    const answered = () => answers().then(() => true);
    await waitFor(answered, { describe: `an answer from ${name}`, deadlineMs: READY_DEADLINE_MS });
    return child;
  } catch (error) {
    await end(child);
    throw new Error(`${name} did not start; it logged:\n${log}`, { cause: error });
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Resolves when the process is gone. */
async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => resolve());
  child.kill('SIGKILL');
  await ended;
}
