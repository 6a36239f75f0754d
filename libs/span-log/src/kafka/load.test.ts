import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// The test runner imports more leniently than Node does.
test.each(['platformatic', 'kafkajs'])('Node itself can load the driver %s', async (client) => {
  const file = join(import.meta.dirname, `${client}.ts`);
  const script = `console.log(Object.keys(await import(${JSON.stringify(file)})).length > 0)`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(stdout.trim()).toBe('true');
});
