import { processHost, runProcess } from '@spoor/service';
import packageJson from '../package.json' with { type: 'json' };
import { createIngesterProcess } from './ingester-process.ts';
import { ingesterProcessConfig } from './process-config.ts';

const { version } = packageJson;

const code = await runProcess(
  {
    command: 'npm run ingester --',
    version,
    schema: ingesterProcessConfig,
    create: (config, { logger }) => createIngesterProcess(config, { logger, version }),
  },
  processHost(process),
);
process.exit(code);
