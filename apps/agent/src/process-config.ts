import { tracingConfig } from '@spoor/self-tracing';
import { adminConfig, listenAddress, logConfig, section, shutdownConfig } from '@spoor/service';
import { z } from 'zod';
import { agentConfig } from './config.ts';
import { reporterConfig } from './reporter-config.ts';

/** Everything that can be set for an agent that is a process of its own. */
export const agentProcessConfig = z.strictObject({
  agent: agentConfig,
  reporter: reporterConfig,
  http: section({
    endpoint: listenAddress()
      .prefault('127.0.0.1:5778')
      .meta({ description: 'Where clients ask for their sampling strategies', env: ['HTTP_SERVER_HOST_PORT'] }),
  }),
  tracing: tracingConfig,
  admin: adminConfig('127.0.0.1:14271'),
  log: logConfig,
  shutdown: shutdownConfig,
});
export type AgentProcessConfig = z.output<typeof agentProcessConfig>;
