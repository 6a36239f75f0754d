import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Outside } from './outside.ts';
import { repositoryRoot } from './spoor-process.ts';

/** A program in Go, built. */
export interface GoProgram {
  /** Runs it to its end. Resolves with what it printed; throws, with what it said, when it fails. */
  run(args: readonly string[]): Promise<string>;
}

const BUILD_DEADLINE_MS = 290_000;
const RUN_DEADLINE_MS = 60_000;
const cache = join(repositoryRoot, 'node_modules/.cache/spoor-go');
const execute = promisify(execFile);

/** The program of the module in a directory: kept from an earlier run, or built once with the modules that it names. */
export async function goProgram(directory: string): Promise<Outside<GoProgram>> {
  const hash = createHash('sha256');
  const sources = readdirSync(directory).filter((name) => /\.(go|mod|sum)$/.test(name));
  for (const file of sources.sort()) hash.update(readFileSync(join(directory, file)));
  const program = join(cache, hash.digest('hex').slice(0, 8));
  if (!existsSync(program)) {
    try {
      await execute('go', ['version'], { timeout: 30_000 });
    } catch {
      return { missing: 'There is no Go', remedy: 'Install Go 1.19 or newer' };
    }
    mkdirSync(cache, { recursive: true });
    const work = `${program}.${process.pid}`;
    try {
      await execute('go', ['build', '-mod=readonly', '-o', work, '.'], { cwd: directory, timeout: BUILD_DEADLINE_MS });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { missing: `The clients for Go could not be built: ${why}`, remedy: 'Give Go access to its module proxy' };
    }
    renameSync(work, program);
  }
  return {
    found: {
      async run(args) {
        const { stdout } = await execute(program, [...args], { timeout: RUN_DEADLINE_MS });
        return stdout.trim();
      },
    },
  };
}
