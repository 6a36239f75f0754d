import { join } from 'node:path';
import { processHost, runProcess } from '@spoor/service';
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
    create: (config, { logger }) => createAllInOne(config, { logger, version, uiDirectory, env: process.env }),
  },
  processHost(process),
);
process.exit(code);
