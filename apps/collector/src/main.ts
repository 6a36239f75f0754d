import { processHost, runProcess } from '@spoor/service';
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
  processHost(process),
);
process.exit(code);
