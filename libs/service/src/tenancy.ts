import { DEFAULT_TENANT, SpoorError, type Tenant } from '@spoor/model';
import { z } from 'zod';
import { section } from './config-values.ts';

const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;

/** The settings under `tenancy` (CONTRACT §7.9). */
export const tenancyConfig = section({
  enabled: z
    .boolean()
    .default(false)
    .meta({ description: 'Keep tenants apart by a header of each request', env: ['MULTI_TENANCY_ENABLED'] }),
  header: z
    .string()
    .toLowerCase()
    .regex(HEADER_NAME)
    .default('x-tenant')
    .meta({
      description: 'The HTTP header, or gRPC metadata key, that names the tenant',
      accepts: 'the name of a header',
      env: ['MULTI_TENANCY_HEADER'],
    }),
  tenants: z
    .array(z.string().min(1))
    .default([])
    .meta({ description: 'The tenants that may be named; none is any', env: ['MULTI_TENANCY_TENANTS'] }),
});
export type TenancyConfig = z.output<typeof tenancyConfig>;

/** Says whose request it is, or throws `SPOOR_UNAUTHENTICATED` or `SPOOR_PERMISSION_DENIED` (CONTRACT §7.9). */
export interface Tenancy {
  /** Headers as Node has them, with lower-case names. An unknown tenant is unauthenticated over HTTP. */
  fromHttpHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Tenant;
  fromGrpcMetadata(metadata: { get(key: string): readonly (string | Buffer)[] }): Tenant;
}

// An index key in every store: long enough for any name or UUID, short enough to be held per trace.
const MAX_TENANT_LENGTH = 200;

export function createTenancy(config: TenancyConfig): Tenancy {
  const known = new Set(config.tenants);
  const isKnown = (tenant: string) => tenant.length <= MAX_TENANT_LENGTH && (known.size === 0 || known.has(tenant));
  return {
    fromHttpHeaders(headers) {
      if (!config.enabled) return DEFAULT_TENANT;
      const value = headers[config.header];
      const tenant = Array.isArray(value) ? value[0] : value;
      if (tenant === undefined || tenant === '') throw new SpoorError('SPOOR_UNAUTHENTICATED', 'missing tenant header');
      if (!isKnown(tenant)) throw new SpoorError('SPOOR_UNAUTHENTICATED', 'unknown tenant');
      return tenant;
    },
    fromGrpcMetadata(metadata) {
      if (!config.enabled) return DEFAULT_TENANT;
      const values = metadata.get(config.header);
      if (values.length > 1) throw new SpoorError('SPOOR_PERMISSION_DENIED', 'extra tenant header');
      const tenant = values[0]?.toString() ?? '';
      if (tenant === '') throw new SpoorError('SPOOR_UNAUTHENTICATED', 'missing tenant header');
      if (!isKnown(tenant)) throw new SpoorError('SPOOR_PERMISSION_DENIED', 'unknown tenant');
      return tenant;
    },
  };
}
