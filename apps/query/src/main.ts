import { join } from 'node:path';
import { processHost, runProcess } from '@spoor/service';
import packageJson from '../package.json' with { type: 'json' };
import { queryProcessConfig } from './process-config.ts';
import { createQueryProcess } from './query-process.ts';

const { version } = packageJson;
const uiDirectory = join(import.meta.dirname, '../../ui/dist');

const code = await runProcess(
  {
    command: 'npm run query --',
    version,
    schema: queryProcessConfig,
    create: (config, { logger }) => createQueryProcess(config, { logger, version, uiDirectory }),
  },
  processHost(process),
);
process.exit(code);
