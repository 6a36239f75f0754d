import { createHash } from 'node:crypto';
import { SPAN_KINDS } from '@spoor/model';
import { type Layout, type LayoutOptions, type ServiceEntry, withStreamTime } from '../layout.ts';
import { decodeSpoorSpan } from './decode.ts';
import { SpoorSpanEncoder } from './document.ts';
import { spoorQuery, spoorTracesQuery } from './query.ts';
import { spoorServices } from './services.ts';
import { spoorTemplate } from './template.ts';
import { indexedName } from './term.ts';

/** One flat document a span; attributes as terms, times in nanoseconds. */
export function createSpoorLayout({ isStream }: LayoutOptions): Layout {
  if (!isStream) return spoorLayout;
  return {
    ...spoorLayout,
    template(kind, settings) {
      const content = spoorTemplate(kind, settings);
      return kind === 'span' ? withStreamTime(content) : content;
    },
    spanEncoder: () => new SpoorSpanEncoder({ isStream }),
  };
}

export const spoorLayout: Layout = {
  name: 'spoor',
  stems: {
    span: 'spoor-span',
    service: 'spoor-service',
    dependencies: 'spoor-dependencies',
    sampling: 'spoor-sampling',
  },
  template: spoorTemplate,
  spanEncoder: () => new SpoorSpanEncoder({ isStream: false }),
  serviceDocument,
  keepsKinds: true,
  decode: decodeSpoorSpan,
  query: spoorQuery,
  tracesQuery: spoorTracesQuery,
  sort: { start: 'start', traceId: 'traceId', startUnitNanos: 1n },
  hitFields: ['traceId', 'start'],
  linkFields: ['traceId', 'spanId', 'parentSpanId', 'kind', 'start', 'duration', 'end', 'resource*'],
  hasContentIds: true,
  services: spoorServices,
};

/** A name that is too long to be indexed stands beside its hash. */
function serviceDocument({ tenant, service, operation, kindNumber }: ServiceEntry) {
  const fields = {
    tenant: indexedName(tenant),
    service: indexedName(service),
    operation: indexedName(operation),
    kind: SPAN_KINDS[kindNumber]!,
  };
  const json = JSON.stringify({
    ...fields,
    ...(fields.service === service ? {} : { serviceName: service }),
    ...(fields.operation === operation ? {} : { operationName: operation }),
  });
  return { id: createHash('sha256').update(json).digest('base64url').slice(0, 32), json };
}
