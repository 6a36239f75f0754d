import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/**
 * For `node --import`: builds the UI when it is absent or old, then lets the program begin. In a process of its own, so that
 * the bundler's memory is gone afterwards; within the same command, so that a signal to `npm start` reaches Spoor itself.
 */
if (isMainThread) {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, 'build.ts'), '--if-old'], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
