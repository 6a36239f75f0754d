import type { TraceQuery } from '@spoor/storage';
import { filterConditions } from '../../filter/conditions.ts';
import { checkConditionCount, invalid, type ParameterName, type Parameters } from '../parameters.ts';

const DEFAULT_SEARCH_DEPTH = 100;

/** Both spellings of a field of the query are taken: `query.serviceName` and `query.service_name`. */
function field(name: string): ParameterName {
  return [`query.${name}`, `query.${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`];
}

/** The conditions of `/api/v3/traces` and `/api/v3/trace-summaries` (CONTRACT §7.5). Throws `SPOOR_INVALID_REQUEST`. */
export function v3TraceQuery(parameters: Parameters, maxSearchDepth: number): TraceQuery {
  const serviceName = parameters.text(field('serviceName'));
  const operationName = parameters.text(field('operationName'));
  const attributesText = parameters.text(field('attributes'));
  const attributes = attributesText === undefined ? [] : [...parameters.textMap('query.attributes', attributesText)];
  checkConditionCount(attributes.length);
  const startUnixNano = parameters.rfc3339(field('startTimeMin'));
  const endUnixNano = parameters.rfc3339(field('startTimeMax'));
  if (startUnixNano === undefined || endUnixNano === undefined)
    throw invalid("parameters 'query.startTimeMin' and 'query.startTimeMax' are required");
  if (startUnixNano >= endUnixNano) throw invalid("'query.startTimeMin' must be before 'query.startTimeMax'");
  const time = { startUnixNano, endUnixNano };
  const minDurationNanos = parameters.duration(field('durationMin'));
  const maxDurationNanos = parameters.duration(field('durationMax'));
  if (minDurationNanos !== undefined && maxDurationNanos !== undefined && maxDurationNanos < minDurationNanos)
    throw invalid("'query.durationMax' must not be less than 'query.durationMin'");
  const page = parameters.text('query.page');
  const filter = parameters.text('query.filter');
  const others = [serviceName, operationName, attributesText, minDurationNanos, maxDurationNanos];
  // The peer's rule: a filter says everything or nothing.
  if (filter !== undefined && others.some((one) => one !== undefined))
    throw invalid(
      "parameter 'query.filter' goes with the times, the depth and the page only; say the other conditions in the filter",
    );
  return {
    ...(serviceName === undefined ? {} : { serviceName }),
    ...(operationName === undefined ? {} : { operationName }),
    attributes: attributes.map(([key, value]) => ({ key, value })),
    time,
    ...(minDurationNanos === undefined ? {} : { minDurationNanos }),
    ...(maxDurationNanos === undefined ? {} : { maxDurationNanos }),
    ...(filter === undefined ? {} : filterConditions(parameters.json('query.filter', filter), 'query.filter', time)),
    limit: parameters.limit(
      ['query.searchDepth', 'query.search_depth', 'query.numTraces', 'query.num_traces'],
      DEFAULT_SEARCH_DEPTH,
      maxSearchDepth,
    ),
    ...(page === undefined ? {} : { page }),
  };
}

/** `query.rawTraces` of a search. */
export function wantsRawTraces(parameters: Parameters): boolean {
  return parameters.boolean(field('rawTraces'));
}
