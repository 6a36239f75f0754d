import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryDirectory extends Disposable {
  readonly path: string;
  remove(): void;
}

const present = new Set<string>();

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  present.delete(path);
}

process.once('exit', () => {
  for (const path of present) remove(path);
});

/** A fresh directory under the system's place for such. Removed by `remove`, at the end of a `using` block, or with the process. */
export function temporaryDirectory(name = 'test'): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), `spoor-${name}-`));
  present.add(path);
  return { path, remove: () => remove(path), [Symbol.dispose]: () => remove(path) };
}
