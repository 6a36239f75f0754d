import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Outside } from './outside.ts';
import { repositoryRoot } from './spoor-process.ts';

/** A Python with the packages of a requirements file. */
export interface Python {
  /** Runs a script to its end. Resolves with what it printed; throws, with what it said, when it fails. */
  run(script: string, args: readonly string[]): Promise<string>;
}

const INSTALL_DEADLINE_MS = 280_000;
const RUN_DEADLINE_MS = 60_000;
const cache = join(repositoryRoot, 'node_modules/.cache/spoor-python');
const execute = promisify(execFile);

/** A Python with these packages: kept from an earlier run, or installed once by pip. */
export async function pythonWith(requirementsFile: string): Promise<Outside<Python>> {
  const requirements = readFileSync(requirementsFile);
  const content = createHash('sha256').update(requirements).digest('hex').slice(0, 8);
  const directory = join(cache, content);
  const python = join(directory, 'bin', 'python');
  if (!existsSync(python)) {
    const missing = await install(requirementsFile, directory);
    if (missing !== undefined) return missing;
  }
  return {
    found: {
      async run(script, args) {
        const { stdout } = await execute(python, [script, ...args], { timeout: RUN_DEADLINE_MS });
        return stdout.trim();
      },
    },
  };
}

async function install(requirementsFile: string, directory: string): Promise<Outside<never> | undefined> {
  try {
    await execute('python3', ['-c', 'import venv'], { timeout: 30_000 });
  } catch {
    return { missing: 'There is no Python 3 with venv', remedy: 'Install Python 3.9 or newer' };
  }
  // An environment knows its own path, so it is made where it stays; the mark says that it is whole.
  const work = `${directory}.${process.pid}`;
  mkdirSync(cache, { recursive: true });
  try {
    await execute('python3', ['-m', 'venv', work], { timeout: INSTALL_DEADLINE_MS });
    const pip = [join(work, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '-r', requirementsFile]] as const;
    await execute(...pip, { timeout: INSTALL_DEADLINE_MS });
    // Only the scripts of pip hold the path; the interpreter finds its packages from where it stands.
    if (!existsSync(directory)) renameSync(work, directory);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { missing: `pip could not install the clients for Python: ${why}`, remedy: 'Give pip access to its index' };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
