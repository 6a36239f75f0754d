import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tenantKeys } from './tenant-keys.ts';

const TRACE_ID = '0102030405060708090a0b0c0d0e0f10';
const text = fc.string({ unit: fc.constantFrom('a', '\u0001', '%', 'ü', 'default'), maxLength: 5 });

describe('the keys of tenants', () => {
  test('of the default one are those of the peer', () => {
    const keys = tenantKeys('default');
    expect(keys.serviceKey('shop')).toBe('shop');
    expect(keys.traceKey(TRACE_ID).toString('hex')).toBe(TRACE_ID);
  });

  test('never meet, and give back the name they were made of', () => {
    const tenant = fc.oneof(fc.constant('default'), text).filter((name) => name !== '');
    fc.assert(
      fc.property(tenant, text, tenant, text, (one, service, other, anotherService) => {
        const [keys, otherKeys] = [tenantKeys(one), tenantKeys(other)];
        expect(keys.serviceNameOfKey(keys.serviceKey(service))).toBe(service);
        const isSame = keys.serviceKey(service) === otherKeys.serviceKey(anotherService);
        expect(isSame).toBe(one === other && service === anotherService);
        expect(keys.traceKey(TRACE_ID).equals(otherKeys.traceKey(TRACE_ID))).toBe(one === other);
        // The list of a tenant's services lies among the operations, as if it were a service.
        expect(otherKeys.servicesPartition).not.toBe(keys.serviceKey(service));
      }),
    );
  });
});
