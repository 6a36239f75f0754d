import type { SpanKind } from '@spoor/model';
import { SPAN_KINDS } from '@spoor/model';
import type { ExactObject, ServiceIndex } from '../layout.ts';
import { HASHED_NAME_PREFIX, indexedName } from './term.ts';

/** The service index of the layout spoor. Names that are too long for a term are hashed there. */
export const spoorServices: ServiceIndex = {
  fields: { service: 'service', operation: 'operation', kind: 'kind' },
  spanOperation: 'operation',
  query: (tenant, service) => ({
    bool: {
      filter: [
        { term: { tenant: indexedName(tenant) } },
        ...(service === undefined ? [] : [{ term: { service: indexedName(service) } }]),
      ],
    },
  }),
  longNames: {
    bool: {
      should: [{ prefix: { service: HASHED_NAME_PREFIX } }, { prefix: { operation: HASHED_NAME_PREFIX } }],
      minimum_should_match: 1,
    },
  },
  decode: (source) => ({
    service: text(source['serviceName'] ?? source['service']),
    operation: text(source['operationName'] ?? source['operation']),
    kind: SPAN_KINDS.find((kind): kind is SpanKind => kind === source['kind']),
  }),
};

function text(value: ExactObject[string] | undefined): string {
  return typeof value === 'string' ? value : '';
}
