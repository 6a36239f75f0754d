import { readFileSync } from 'node:fs';
import type { ProcessHost } from './run-process.ts';

/** How often a process that npm started looks whether npm's shell is still there. */
const PARENT_CHECK_MS = 500;

/** What `runProcess` needs, from Node's own process object, which a `main.ts` hands over. */
export function processHost(node: NodeJS.Process): ProcessHost {
  // A reader of the log that went away takes its lines with it, not the service: without a listener each line that
  // cannot be written would be an error that nobody caught, which is logged, which cannot be written.
  for (const stream of [node.stdout, node.stderr]) stream.on('error', () => {});
  return {
    argv: node.argv.slice(2),
    env: node.env,
    stdout: node.stdout,
    stderr: node.stderr,
    readFile: (path) => readFileSync(path, 'utf8'),
    nowMs: () => performance.now(),
    onStopSignal(callback) {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) node.on(signal, () => callback(signal));
      if (node.env['npm_lifecycle_event'] !== undefined) whenOrphaned(node, () => callback('SIGTERM'));
    },
    // Unhandled rejections arrive here too.
    onUncaught: (callback) => void node.on('uncaughtException', callback),
  };
}

/** A SIGTERM to npm ends the shell between npm and this process, and nobody passes it on: the new parent tells. */
function whenOrphaned(node: NodeJS.Process, callback: () => void): void {
  const parent = node.ppid;
  const timer = setInterval(() => {
    if (node.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, PARENT_CHECK_MS);
  timer.unref();
}
