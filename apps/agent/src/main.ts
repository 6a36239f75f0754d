import { processHost, runProcess } from '@spoor/service';
import packageJson from '../package.json' with { type: 'json' };
import { createAgentProcess } from './agent-process.ts';
import { agentProcessConfig } from './process-config.ts';

const { version } = packageJson;

const code = await runProcess(
  {
    command: 'npm run agent --',
    version,
    schema: agentProcessConfig,
    create: (config, { logger }) => createAgentProcess(config, { logger, version, env: process.env }),
  },
  processHost(process),
);
process.exit(code);
