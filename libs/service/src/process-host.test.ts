import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

/** Logs without end, and stops in order when it is asked to. */
const CHATTY = `
import { z } from 'zod';
import { logConfig, processHost, runProcess, shutdownConfig } from ${JSON.stringify(new URL('index.ts', import.meta.url).href)};
let timer;
process.exit(await runProcess({
  command: 'chatty', version: '1',
  schema: z.strictObject({ log: logConfig, shutdown: shutdownConfig }),
  create: (config, { logger }) => ({
    name: 'chatty',
    async start() { timer = setInterval(() => logger.info('still here'), 5); },
    async stop() { clearInterval(timer); process.stderr.write('stopped in order'); },
  }),
}, processHost(process)));
`;

test('a process whose log nobody reads any more goes on, and stops in order', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', CHATTY], {
    // Nothing that configures the test run.
    env: {},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (told += chunk));
  await once(child.stdout, 'data');
  child.stdout.destroy();
  await once(child.stdout, 'close');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(told).toBe('stopped in order');
});
