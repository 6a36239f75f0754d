import { Server, ServerCredentials } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { SpoorError } from '@spoor/model';
import { HealthImplementation } from 'grpc-health-check';
import type { QueryEnvironment } from '../http/environment.ts';
import { loadPackageDefinition, QUERY_SERVICE, queryServiceDefinition } from './definitions.ts';
import { createMethodWrapper, type MethodOptions } from './methods.ts';
import { queryService } from './query-service.ts';

export interface GrpcAddress {
  readonly host: string;
  readonly port: number;
}

export interface QueryGrpcServer {
  /** The address in use: the port is the real one where 0 was asked for. */
  listen(address: GrpcAddress): Promise<GrpcAddress>;
  setServing(isServing: boolean): void;
  /** Lets calls under way finish until `signal` aborts, then breaks them off. */
  close(signal: AbortSignal): Promise<void>;
}

/** Nobody asks a query of this size; it bounds what a request may make the server hold. */
const MAX_REQUEST_BYTES = 1024 * 1024;

export function createGrpcServer(environment: QueryEnvironment, options: MethodOptions): QueryGrpcServer {
  const server = new Server({ 'grpc.max_receive_message_length': MAX_REQUEST_BYTES });
  const loaded = loadPackageDefinition();
  server.addService(queryServiceDefinition(loaded), queryService(environment, createMethodWrapper(options)));
  const health = new HealthImplementation({ '': 'NOT_SERVING', [QUERY_SERVICE]: 'NOT_SERVING' });
  health.addToServer(server);
  new ReflectionService(loaded).addToServer(server);
  return {
    listen: (address) => listen(server, address),
    setServing(isServing) {
      for (const name of ['', QUERY_SERVICE]) health.setStatus(name, isServing ? 'SERVING' : 'NOT_SERVING');
    },
    async close(signal) {
      if (signal.aborted) {
        server.forceShutdown();
        return;
      }
      const force = () => server.forceShutdown();
      signal.addEventListener('abort', force, { once: true });
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      signal.removeEventListener('abort', force);
    },
  };
}

function listen(server: Server, { host, port }: GrpcAddress): Promise<GrpcAddress> {
  const target = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(target, ServerCredentials.createInsecure(), (cause, bound) => {
      if (cause === null) resolve({ host, port: bound });
      else
        reject(
          new SpoorError(
            'SPOOR_ADDRESS_IN_USE',
            `cannot listen on ${target} for gRPC queries; set query.grpc.endpoint to a free address`,
            { cause },
          ),
        );
    });
  });
}
