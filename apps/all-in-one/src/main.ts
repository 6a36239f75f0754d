import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess } from '@spoor/service';
import packageJson from '../package.json' with { type: 'json' };
import { createAllInOne } from './all-in-one.ts';
import { allInOneConfig } from './config.ts';

const { version } = packageJson;
const uiDirectory = join(import.meta.dirname, '../../ui/dist');

const code = await runProcess(
  {
    command: 'npm start --',
    version,
    schema: allInOneConfig,
    create: (config, { logger }) => createAllInOne(config, { logger, version, uiDirectory }),
  },
  {
    argv: process.argv.slice(2),
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    readFile: (path) => readFileSync(path, 'utf8'),
    nowMs: () => performance.now(),
    onStopSignal(callback) {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => callback(signal));
    },
    // Unhandled rejections arrive here too.
    onUncaught: (callback) => void process.on('uncaughtException', callback),
  },
);
process.exit(code);
