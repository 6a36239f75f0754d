import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from './spoor-process.ts';

export interface CliOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in a process of its own, with this Node and no settings from this environment. */
export function runSpoor(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliOutcome> {
  const main = join(repositoryRoot, 'apps/cli/src/main.ts');
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...args],
      { cwd: repositoryRoot, env: { PATH: process.env['PATH'] ?? '', ...env }, timeout: 60_000 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
    );
  });
}
