import { type AttributeCondition, parseDecimal, type TimeRange, type TraceQuery } from '@spoor/storage';
import { checkConditionCount, invalid, parseSpanKind, quoted } from '../http/parameters.ts';
import { parseGoDuration } from '../text/go-duration.ts';
import { parseRfc3339 } from '../text/rfc3339.ts';
import { type Comparison, comparisonsOf } from './comparisons.ts';

/** What of a query a filter can say. */
export type FilterConditions = Partial<
  Pick<
    TraceQuery,
    'serviceName' | 'operationName' | 'spanKind' | 'attributes' | 'minDurationNanos' | 'maxDurationNanos' | 'time'
  >
>;

type Names = 'serviceName' | 'operationName' | 'spanKind';
const NAMES: Readonly<Record<string, Names>> = {
  'resource.service': 'serviceName',
  'span.name': 'operationName',
  'span.kind': 'spanKind',
};
const SUPPORTED = [...Object.keys(NAMES), 'span.duration', 'span.startTime'].join(', ');

/** Bounds that both hold; absent ones hold for everything. */
interface Bounds {
  min?: bigint;
  max?: bigint;
}

/** The conditions of a filter within `time`; `name` is where it was given. Throws `SPOOR_INVALID_REQUEST`. */
export function filterConditions(filter: unknown, name: string, time: TimeRange): FilterConditions {
  const comparisons = comparisonsOf(filter, name);
  checkConditionCount(comparisons.length);
  const attributes: AttributeCondition[] = [];
  const names: { [field in Names]?: string } = {};
  const duration: Bounds = {};
  const start: Bounds = { min: time.startUnixNano, max: time.endUnixNano };
  for (const comparison of comparisons) {
    const { reference, operator, value, at } = comparison;
    if (reference.kind === 'attribute') {
      attributes.push(attributeCondition(comparison, reference.key));
      continue;
    }
    const field = `${reference.level}.${reference.name}`;
    const ofName = Object.hasOwn(NAMES, field) ? NAMES[field] : undefined;
    if (ofName !== undefined) {
      if (operator !== 'eq') throw invalid(`${at} compares ${field} with ${operator}; only eq is supported`);
      const wanted = ofName === 'spanKind' ? told(at, () => parseSpanKind(value)) : value;
      if (names[ofName] !== undefined) throw invalid(`${at} compares ${field} a second time; a span has only one`);
      names[ofName] = wanted;
    } else if (field === 'span.duration')
      narrow(
        duration,
        comparison,
        told(at, () => parseGoDuration(value)),
      );
    else if (field === 'span.startTime')
      narrow(
        start,
        comparison,
        told(at, () => parseRfc3339(value)),
      );
    else throw invalid(`${at} compares the field ${quoted(field)}, which is not supported; supported are ${SUPPORTED}`);
  }
  return {
    ...(names as FilterConditions),
    attributes,
    ...(duration.min === undefined ? {} : { minDurationNanos: duration.min }),
    ...(duration.max === undefined ? {} : { maxDurationNanos: duration.max }),
    time: { startUnixNano: start.min!, endUnixNano: start.max! },
  };
}

function attributeCondition({ operator, value, at }: Comparison, key: string): AttributeCondition {
  if (operator === 'eq') return { key, value };
  if (operator !== 'ne' && parseDecimal(value) === undefined)
    throw invalid(`${at} compares ${quoted(key)} with ${quoted(value)}, which is no decimal number; use eq or ne`);
  return { key, value, operator };
}

function narrow(bounds: Bounds, { operator, at }: Comparison, value: bigint): void {
  if (operator === 'ne') throw invalid(`${at}.op is "ne", which is not supported for times and durations`);
  const min = operator === 'gt' ? value + 1n : value;
  const max = operator === 'lt' ? value - 1n : value;
  const isFrom = operator === 'gt' || operator === 'gte' || operator === 'eq';
  const isTo = operator === 'lt' || operator === 'lte' || operator === 'eq';
  if (isFrom && (bounds.min === undefined || min > bounds.min)) bounds.min = min;
  if (isTo && (bounds.max === undefined || max < bounds.max)) bounds.max = max;
}

/** With the place in front of what is wrong. */
function told<T>(at: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw invalid(`${at}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
