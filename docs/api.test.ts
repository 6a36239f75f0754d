import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { type Addresses, foundOrSkipped, type Outside, repositoryRoot } from '../test/harness/index.ts';
import { scenario } from '../test/harness/scenario.ts';

interface Example {
  readonly language: string;
  readonly source: string;
  /** What the answer holds at least. */
  readonly answer: unknown;
}

/** Each block of code that is followed by a block of JSON. */
function examplesOf(page: string): readonly Example[] {
  return [...page.matchAll(/```(sh|js)\n([\s\S]*?)```\n+```json\n([\s\S]*?)```/g)].map(
    ([, language, source, answer]) => ({
      language: language ?? '',
      source: source ?? '',
      answer: JSON.parse(answer ?? ''),
    }),
  );
}

/** The page names the usual ports; the process under test has others. */
function withAddresses(source: string, addresses: Addresses): string {
  return source
    .replaceAll('127.0.0.1:4318', addresses.otlpHttp)
    .replaceAll('127.0.0.1:16686', addresses.queryHttp)
    .replaceAll('127.0.0.1:16685', addresses.queryGrpc);
}

const run = promisify(execFile);

async function findPrograms(): Promise<Outside<true>> {
  try {
    for (const [program, flag] of [
      ['bash', '--version'],
      ['curl', '--version'],
      ['openssl', 'version'],
    ] as const)
      await run(program, [flag]);
    return { found: true };
  } catch {
    return { missing: 'The examples need bash, curl and openssl', remedy: 'Install them' };
  }
}

scenario('the examples of the API page print what the page shows', async ({ spoor, skip }) => {
  foundOrSkipped(await findPrograms(), skip);
  const examples = examplesOf(readFileSync(join(repositoryRoot, 'docs/api.md'), 'utf8'));
  expect(examples.length).toBeGreaterThan(8);
  for (const { language, source, answer } of examples) {
    const program = withAddresses(source, spoor.addresses);
    const [command, args] =
      language === 'sh' ? ['bash', ['-c', program]] : [process.execPath, ['--input-type=module', '-e', program]];
    const { stdout } = await run(command, args, { cwd: join(repositoryRoot, 'test') });
    expect(JSON.parse(stdout), source).toMatchObject(answer as object);
  }
});

scenario('the span that the README sends by hand is stored', async ({ spoor, skip }) => {
  foundOrSkipped(await findPrograms(), skip);
  const readme = readFileSync(join(repositoryRoot, 'README.md'), 'utf8');
  const program = /```sh\n(curl [\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const { stdout } = await run('bash', ['-c', withAddresses(program, spoor.addresses)]);
  expect(JSON.parse(stdout)).toEqual({ partialSuccess: {} });
  const services = await fetch(`http://${spoor.addresses.queryHttp}/api/services`);
  expect(await services.json()).toMatchObject({ data: ['by-hand'] });
});
