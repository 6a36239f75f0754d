/**
 * What a Jaeger sends to read its spans (CONTRACT §5.5): the bodies of its requests, made here without anything of Spoor's reader.
 */

/** Of the aggregations over traces and names, as the peer sets it by default. */
export const MAX_DOC_COUNT = 10_000;

export interface PeerConditions {
  readonly startMs: number;
  readonly endMs: number;
  readonly service?: string;
  readonly operation?: string;
  /** Values are regular expressions, which have to match all of a value. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly minMicros?: number;
  readonly maxMicros?: number;
  readonly limit?: number;
}

const DAY_MICROS = 86_400_000_000;

/** The search for ids of traces: newest first, by an aggregation. */
export function findTraceIds(conditions: PeerConditions): object {
  const { startMs, endMs, service, operation, tags = {}, minMicros, maxMicros, limit = 20 } = conditions;
  const hasDuration = minMicros !== undefined || maxMicros !== undefined;
  const duration = { gte: minMicros ?? 0, lte: maxMicros ?? DAY_MICROS };
  return {
    size: 0,
    query: {
      bool: {
        must: [
          ...(hasDuration ? [{ range: { duration } }] : []),
          { range: { startTimeMillis: { gte: startMs, lte: endMs } } },
          ...(service === undefined ? [] : [{ match: { 'process.serviceName': { query: service } } }]),
          ...(operation === undefined ? [] : [{ match: { operationName: { query: operation } } }]),
          ...Object.entries(tags).map(([key, value]) => tagQuery(key, value)),
        ],
      },
    },
    aggs: {
      traceIDs: {
        terms: { field: 'traceID', size: limit, order: [{ startTime: 'desc' }] },
        aggs: { startTime: { max: { field: 'startTime' } } },
      },
    },
  };
}

/** In the five places where a tag may be. */
function tagQuery(key: string, value: string): object {
  const field = key.replaceAll('.', '@');
  const places = ['tag', 'process.tag'].map((place) => ({
    bool: { must: [{ regexp: { [`${place}.${field}`]: { value } } }] },
  }));
  const lists = ['tags', 'process.tags', 'logs.fields'].map((path) => ({
    nested: {
      path,
      query: {
        bool: { must: [{ match: { [`${path}.key`]: { query: key } } }, { regexp: { [`${path}.value`]: { value } } }] },
      },
    },
  }));
  return { bool: { should: [...places, ...lists] } };
}

export function servicesRequest(): object {
  return {
    size: 0,
    aggs: { distinct_services: { terms: { field: 'serviceName', size: MAX_DOC_COUNT } } },
  };
}

export function operationsRequest(service: string): object {
  return {
    size: 0,
    query: { term: { serviceName: service } },
    aggs: { distinct_operations: { terms: { field: 'operationName', size: MAX_DOC_COUNT } } },
  };
}

export interface TracePage {
  readonly traceId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly size: number;
  /** Where the page before ended. */
  readonly after?: readonly unknown[];
  /** Spans of one start are in the order of their ids: not in the versions up to 2.20. */
  readonly breaksTies: boolean;
}

/** An `_msearch`: an item for each trace. */
export function tracesRequest(indices: readonly string[], pages: readonly TracePage[]): string {
  const lines = pages.flatMap(({ traceId, startMs, endMs, size, after, breaksTies }) => [
    { index: indices, ignore_unavailable: true },
    {
      query: {
        bool: { must: [{ term: { traceID: traceId } }, { range: { startTimeMillis: { gte: startMs, lte: endMs } } }] },
      },
      size,
      sort: [{ startTime: 'asc' }, ...(breaksTies ? [{ spanID: 'asc' }] : [])],
      track_total_hits: true,
      ...(after === undefined ? {} : { search_after: after }),
    },
  ]);
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
