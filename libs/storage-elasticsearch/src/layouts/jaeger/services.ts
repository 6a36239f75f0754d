import type { SpanKind } from '@spoor/model';
import { SPAN_KINDS } from '@spoor/model';
import type { ExactJson, ServiceIndex } from '../layout.ts';
import { all, any, exists, keywordIs, not } from './clause.ts';
import { isOfTenant } from './query.ts';

/** The service index of a Jaeger (CONTRACT §5.3), and the kind, which Spoor keeps in `tag`. */
export function jaegerServices(kindField: string): ServiceIndex {
  return {
    fields: { service: 'serviceName', operation: 'operationName', kind: `tag.${kindField}` },
    spanOperation: 'operationName',
    query: (tenant, service) =>
      all(isOfTenant(tenant), ...(service === undefined ? [] : [keywordIs('serviceName', service)])).query,
    longNames: any(not(exists('serviceName')), not(exists('operationName'))).query,
    decode: ({ serviceName, operationName, tag }) => ({
      service: text(serviceName),
      operation: text(operationName),
      kind: kindOf(tag, kindField),
    }),
  };
}

function kindOf(tag: ExactJson | undefined, field: string): SpanKind | undefined {
  if (typeof tag !== 'object' || tag === null || Array.isArray(tag)) return undefined;
  const value = (tag as Readonly<Record<string, ExactJson>>)[field];
  return SPAN_KINDS.find((kind) => kind === value);
}

function text(value: ExactJson | undefined): string {
  return typeof value === 'string' ? value : '';
}
