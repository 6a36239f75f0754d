import type { IndexKind, RequestObject, TemplateContent, TemplateSettings } from '../layout.ts';
import { SAMPLING_MAPPING } from '../sampling-mapping.ts';

/** Exact values, looked up by and never sorted by: no doc values, which cost a third of a span's bytes. */
const KEYWORD = { type: 'keyword', doc_values: false } as const;

/**
 * What is indexed of a span; everything else lies in `_source` only. `dynamic: false` ignores what is not named here, so that no
 * attribute ever becomes a field. Names longer than a term are hashed before they come here, so nothing is ever too long.
 */
const SPAN: RequestObject = {
  dynamic: false,
  properties: {
    tenant: KEYWORD,
    // Sorted by, and what groups spans.
    traceId: { type: 'keyword' },
    service: KEYWORD,
    operation: KEYWORD,
    kind: KEYWORD,
    status: KEYWORD,
    start: { type: 'long' },
    duration: { type: 'long', doc_values: false },
    attributes: KEYWORD,
    resource: KEYWORD,
    scope: { properties: { attributes: KEYWORD } },
    events: { properties: { attributes: KEYWORD } },
    numbers: KEYWORD,
  },
};

const NAME = { type: 'keyword' } as const;
const SERVICE: RequestObject = {
  dynamic: false,
  properties: { tenant: NAME, service: NAME, operation: NAME, kind: NAME },
};

/** A document in these is small, and one shard holds all of an installation. */
const SMALL: ReadonlySet<IndexKind> = new Set(['service', 'dependencies', 'sampling']);

const MAPPINGS: Readonly<Record<IndexKind, RequestObject>> = {
  span: SPAN,
  service: SERVICE,
  // What these hold is kept whole and found by time.
  dependencies: { dynamic: false, properties: { tenant: NAME, timestamp: { type: 'date', format: 'epoch_millis' } } },
  sampling: SAMPLING_MAPPING,
};

export function spoorTemplate(kind: IndexKind, settings: TemplateSettings): TemplateContent {
  const isSmall = SMALL.has(kind);
  return {
    settings: {
      index: {
        number_of_shards: isSmall ? 1 : settings.shards,
        number_of_replicas: settings.replicas,
        ...(isSmall ? {} : { refresh_interval: `${settings.refreshIntervalMs}ms`, codec: 'best_compression' }),
      },
    },
    mappings: MAPPINGS[kind],
  };
}
