import type { IndexKind, RequestObject, TemplateContent, TemplateSettings } from '../layout.ts';
import { SAMPLING_MAPPING } from '../sampling-mapping.ts';

/** Everything of the peer's mapping (CONTRACT §5.2, §5.3), and the field of the tenant, which is Spoor's own. */
const KEYWORD = { type: 'keyword', ignore_above: 256 } as const;
const TAGS = { type: 'nested', dynamic: false, properties: { key: KEYWORD, value: KEYWORD, type: KEYWORD } } as const;
const TENANT = { type: 'keyword' } as const;

const SPAN: RequestObject = {
  dynamic_templates: [fieldsOf('span_tags_map', 'tag.*'), fieldsOf('process_tags_map', 'process.tag.*')],
  properties: {
    traceID: KEYWORD,
    parentSpanID: KEYWORD,
    spanID: KEYWORD,
    operationName: KEYWORD,
    startTime: { type: 'long' },
    startTimeMillis: { type: 'date', format: 'epoch_millis' },
    duration: { type: 'long' },
    flags: { type: 'integer' },
    logs: { type: 'nested', dynamic: false, properties: { timestamp: { type: 'long' }, fields: TAGS } },
    process: { properties: { serviceName: KEYWORD, tag: { type: 'object' }, tags: TAGS } },
    references: {
      type: 'nested',
      dynamic: false,
      properties: {
        refType: KEYWORD,
        traceID: KEYWORD,
        spanID: KEYWORD,
        traceState: KEYWORD,
        flags: { type: 'integer' },
        tags: TAGS,
      },
    },
    tag: { type: 'object' },
    tags: TAGS,
    scopeTag: { type: 'object' },
    scopeTags: TAGS,
    tenant: TENANT,
  },
};

const SERVICE: RequestObject = {
  dynamic_templates: [fieldsOf('span_tags_map', 'tag.*')],
  properties: { serviceName: KEYWORD, operationName: KEYWORD, tenant: TENANT },
};

const MAPPINGS: Readonly<Record<IndexKind, RequestObject>> = {
  span: SPAN,
  service: SERVICE,
  // What Spoor keeps beside the peer's content is not searched.
  dependencies: { properties: { tenant: TENANT, spoor: { type: 'object', enabled: false } } },
  sampling: SAMPLING_MAPPING,
};

export function jaegerTemplate(kind: IndexKind, { shards, replicas }: TemplateSettings): TemplateContent {
  return {
    settings: {
      index: {
        number_of_shards: shards,
        number_of_replicas: replicas,
        mapping: { nested_fields: { limit: 50 } },
        requests: { cache: { enable: kind !== 'sampling' } },
      },
    },
    mappings: MAPPINGS[kind],
  };
}

/** Fields below a path become keywords, whatever the type of the first value. */
function fieldsOf(name: string, path: string): RequestObject {
  return { [name]: { mapping: KEYWORD, path_match: path } };
}
