import { readFileSync } from 'node:fs';
import { runProcess } from '@spoor/service';
import packageJson from '../package.json' with { type: 'json' };
import { createCollectorProcess } from './collector-process.ts';
import { collectorProcessConfig } from './process-config.ts';

const { version } = packageJson;

const code = await runProcess(
  {
    command: 'npm run collector --',
    version,
    schema: collectorProcessConfig,
    create: (config, { logger }) => createCollectorProcess(config, { logger, version }),
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
