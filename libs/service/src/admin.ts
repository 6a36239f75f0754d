import type { AddressInfo } from 'node:net';
import type { Clock, Component } from '@spoor/model';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { formatAddress, type ListenAddress, listenAddress, section } from './config-values.ts';
import { listenError } from './listen-error.ts';
import type { Readiness } from './readiness.ts';

/** The settings under `admin`; each process has its own port (CONTRACT §1.1). */
export function adminConfig(defaultEndpoint: string) {
  return section({
    endpoint: listenAddress()
      .prefault(defaultEndpoint)
      .meta({ description: 'Where health, metrics and the configuration are served', env: ['ADMIN_HTTP_HOST_PORT'] }),
  });
}

export interface AdminDependencies {
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly clock: Clock;
  readonly readiness: Readiness;
  readonly version: string;
  /** What `/config` shows. Secrets mask themselves. */
  readonly config: unknown;
}

export interface Admin extends Component {
  /** With the real port; only while started. */
  address(): ListenAddress | undefined;
}

/** The admin server: `/`, `/live`, `/metrics`, `/config`, `/version` (CONTRACT §1.1). */
export function createAdmin(config: { readonly endpoint: ListenAddress }, deps: AdminDependencies): Admin {
  let server: FastifyInstance | undefined;
  let address: ListenAddress | undefined;
  return {
    name: 'admin',
    address: () => address,
    async start() {
      const app = Fastify({ logger: false, forceCloseConnections: true });
      addRoutes(app, deps);
      try {
        await app.listen(config.endpoint);
      } catch (error) {
        throw listenError(error, config.endpoint, 'admin.endpoint');
      }
      server = app;
      address = { host: config.endpoint.host, port: (app.server.address() as AddressInfo).port };
      deps.logger.info({ listener: 'admin', address: formatAddress(address) }, 'listening');
    },
    async stop() {
      const app = server;
      server = undefined;
      address = undefined;
      await app?.close();
    },
  };
}

function addRoutes(app: FastifyInstance, deps: AdminDependencies): void {
  const startedAtMs = deps.clock.nowMs();
  const upSince = new Date(startedAtMs).toISOString();
  app.get('/', (_request, reply) => {
    const reasons = deps.readiness.reasons();
    if (reasons.length > 0) return reply.code(503).send({ status: 'Server not available', reasons });
    const uptime = `${(deps.clock.nowMs() - startedAtMs) / 1000}s`;
    return reply.send({ status: 'Server available', upSince, uptime });
  });
  app.get('/live', () => ({ status: 'alive' }));
  app.get('/metrics', async (_request, reply) =>
    reply.type(deps.metrics.contentType).send(await deps.metrics.metrics()),
  );
  app.get('/config', () => deps.config);
  app.get('/version', () => ({ version: deps.version, node: process.version }));
}
