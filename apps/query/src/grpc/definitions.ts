import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';

/** The service whose health is told under its own name (CONTRACT §1.2). */
export const QUERY_SERVICE = 'jaeger.api_v3.QueryService';

/** Messages of these are encoded already. */
const ENCODED_RESPONSES = ['GetTrace', 'FindTraces'] as const;

/** What reflection tells. */
export function loadPackageDefinition(): PackageDefinition {
  return loadSync('jaeger/api_v3/query_service.proto', {
    includeDirs: [join(import.meta.dirname, 'proto'), otlpProtoDirectory()],
    longs: String,
    enums: String,
    defaults: false,
  });
}

function otlpProtoDirectory(): string {
  return join(dirname(createRequire(import.meta.url).resolve('@spoor/otlp')), '..', 'proto');
}

/** The service, with the answers that hold spans handed through as the bytes that `encodeTraces` made. */
export function queryServiceDefinition(loaded: PackageDefinition): ServiceDefinition {
  const service: Record<string, ServiceDefinition[string]> = { ...(loaded[QUERY_SERVICE] as ServiceDefinition) };
  for (const name of ENCODED_RESPONSES) {
    const method = service[name];
    if (method === undefined) throw new Error(`the definition of ${QUERY_SERVICE} lacks ${name}`);
    service[name] = { ...method, responseSerialize: (bytes: Buffer) => bytes };
  }
  return service;
}
