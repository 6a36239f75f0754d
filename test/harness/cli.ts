import { readFileSync } from 'node:fs';
import { runCli } from '../../apps/cli/src/index.ts';

export interface CliOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line as its `main.ts` does, in this process, and with no settings but these. */
export async function runSpoor(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  nowMs: () => number = Date.now,
): Promise<CliOutcome> {
  const printed = { stdout: '', stderr: '' };
  const code = await runCli({
    version: '0.0.0',
    argv,
    env,
    print: (text) => {
      printed.stdout += text;
    },
    printError: (text) => {
      printed.stderr += text;
    },
    readFile: (path) => readFileSync(path, 'utf8'),
    nowMs,
  });
  return { code, ...printed };
}
