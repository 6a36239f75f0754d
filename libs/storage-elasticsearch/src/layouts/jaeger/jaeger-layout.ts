import { DEFAULT_TENANT, SPAN_KINDS } from '@spoor/model';
import { type Layout, type LayoutOptions, type ServiceEntry, withStreamTime } from '../layout.ts';
import { decodeJaegerSpan } from './decode.ts';
import { JaegerSpanEncoder } from './document.ts';
import { fnv64a } from './fnv64.ts';
import { jaegerQuery, jaegerTracesQuery } from './query.ts';
import { jaegerServices } from './services.ts';
import type { TagFieldSettings } from './tag-fields.ts';
import { createTagFields } from './tag-fields.ts';
import { jaegerTemplate } from './template.ts';

const utf8 = new TextEncoder();

/** The documents and indices of CONTRACT §5, so that a Jaeger reads what Spoor writes and the other way round. */
export function createJaegerLayout(settings: TagFieldSettings, { isStream }: LayoutOptions): Layout {
  const fields = createTagFields(settings);
  const kindField = fields.nameOf('span.kind') ?? 'kind';
  return {
    name: 'jaeger',
    stems: {
      span: 'jaeger-span',
      service: 'jaeger-service',
      dependencies: 'jaeger-dependencies',
      sampling: 'jaeger-sampling',
    },
    template(kind, own) {
      const content = jaegerTemplate(kind, own);
      return isStream && kind === 'span' ? withStreamTime(content) : content;
    },
    spanEncoder: () => new JaegerSpanEncoder(fields, { isStream }),
    serviceDocument: (entry) => serviceDocument(entry, kindField),
    keepsKinds: true,
    decode: (source) => decodeJaegerSpan(source, fields),
    query: (query, tenant) => jaegerQuery(query, tenant, fields),
    tracesQuery: jaegerTracesQuery,
    sort: { start: 'startTime', traceId: 'traceID', startUnitNanos: 1_000n },
    hitFields: ['traceID', 'startTime'],
    linkFields: undefined,
    hasContentIds: false,
    services: jaegerServices(kindField),
  };
}

/**
 * The peer's document (CONTRACT §5.3) and the kind, which the peer neither stores nor looks at, in a field that its mapping
 * makes a keyword. The id begins with the peer's; what follows tells apart what that hash does not, such as `ab` of `c` and `a`
 * of `bc`, and keeps a Jaeger from writing over the document.
 */
function serviceDocument({ tenant, service, operation, kindNumber }: ServiceEntry, kindField: string) {
  const kind = SPAN_KINDS[kindNumber]!;
  const hash = fnv64a(utf8.encode(service + operation)).replace(/^0+(?=.)/, '');
  const json = JSON.stringify({
    serviceName: service,
    operationName: operation,
    tag: { [kindField]: kind },
    ...(tenant === DEFAULT_TENANT ? {} : { tenant }),
  });
  return { id: `${hash}_${fnv64a(utf8.encode(JSON.stringify([tenant, service])))}_${kind}`, json };
}
