import { SpoorError } from '@spoor/model';
import { expect, test } from 'vitest';
import { createTenancy, tenancyConfig } from './tenancy.ts';

const metadata = (...values: string[]) => ({ get: (key: string) => (key === 'x-tenant' ? values : []) });

function failureOf(call: () => unknown): string {
  try {
    return `no error but ${String(call())}`;
  } catch (error) {
    return error instanceof SpoorError ? `${error.code}: ${error.message}` : String(error);
  }
}

test('without tenancy there is one tenant, whatever the header says', () => {
  const tenancy = createTenancy(tenancyConfig.parse(undefined));
  expect(tenancy.fromHttpHeaders({ 'x-tenant': 'acme' })).toBe('default');
  expect(tenancy.fromGrpcMetadata(metadata('acme'))).toBe('default');
});

test('with tenancy the header names the tenant', () => {
  const tenancy = createTenancy(tenancyConfig.parse({ enabled: true, header: 'X-Tenant' }));
  expect(tenancy.fromHttpHeaders({ 'x-tenant': 'acme' })).toBe('acme');
  expect(tenancy.fromGrpcMetadata(metadata('acme'))).toBe('acme');
});

test('a missing, unknown or repeated tenant is refused as the contract says', () => {
  const tenancy = createTenancy(tenancyConfig.parse({ enabled: true, tenants: ['acme'] }));
  expect(failureOf(() => tenancy.fromHttpHeaders({}))).toBe('SPOOR_UNAUTHENTICATED: missing tenant header');
  expect(failureOf(() => tenancy.fromHttpHeaders({ 'x-tenant': 'other' }))).toBe(
    'SPOOR_UNAUTHENTICATED: unknown tenant',
  );
  expect(failureOf(() => tenancy.fromGrpcMetadata(metadata()))).toBe('SPOOR_UNAUTHENTICATED: missing tenant header');
  expect(failureOf(() => tenancy.fromGrpcMetadata(metadata('other')))).toBe('SPOOR_PERMISSION_DENIED: unknown tenant');
  expect(failureOf(() => tenancy.fromGrpcMetadata(metadata('acme', 'acme')))).toBe(
    'SPOOR_PERMISSION_DENIED: extra tenant header',
  );
});
