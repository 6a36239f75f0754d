import type { Tenant, TraceId } from '@spoor/model';
import { DEFAULT_TENANT } from '@spoor/model';

/**
 * The schema has no column for a tenant (CONTRACT §6), and a keyspace for each would cost every node a dozen tables of memory.
 * So the tenant is part of the partition keys: names of services carry it in front, trace ids behind. The default tenant's
 * keys are the peer's own. The names of the other tenants' services stand in a partition of `operation_names_v2` instead of
 * `service_names`, so that a peer in the same keyspace neither lists them nor comes upon any of their rows.
 */
const MARK = '\u0001';

export interface TenantKeys {
  /** What stands for a service in every partition key. */
  serviceKey(serviceName: string): string;
  /** What `serviceKey` made of a service's name. */
  serviceNameOfKey(key: string): string;
  /** The partition of a trace in `traces`. */
  traceKey(traceId: TraceId): Buffer;
  /** The partition of `operation_names_v2` that lists the tenant's services; absent where `service_names` does. */
  readonly servicesPartition: string | undefined;
}

export function tenantKeys(tenant: Tenant): TenantKeys {
  if (tenant === DEFAULT_TENANT) return DEFAULT_KEYS;
  const prefix = `${MARK}${encodeURIComponent(tenant)}`;
  const suffix = Buffer.from(tenant, 'utf8').toString('hex');
  return {
    serviceKey: (name) => `${prefix}${MARK}${name}`,
    serviceNameOfKey: (key) => key.slice(prefix.length + 1),
    traceKey: (traceId) => Buffer.from(traceId + suffix, 'hex'),
    servicesPartition: prefix,
  };
}

/** The tenant whose services stand in the partition; `undefined` for one of operations. */
export function tenantOfServicesPartition(partition: string): Tenant | undefined {
  if (!partition.startsWith(MARK) || partition.includes(MARK, 1)) return undefined;
  return decodeURIComponent(partition.slice(MARK.length));
}

/** A name that begins like another tenant's key gets a second mark: after the first one of those comes a tenant, never a mark. */
const DEFAULT_KEYS: TenantKeys = {
  serviceKey: (name) => (name.startsWith(MARK) ? MARK + name : name),
  serviceNameOfKey: (key) => (key.startsWith(MARK) ? key.slice(1) : key),
  traceKey: (traceId) => Buffer.from(traceId, 'hex'),
  servicesPartition: undefined,
};
