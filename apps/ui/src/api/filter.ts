export interface AttributeComparison {
  readonly key: string;
  readonly operator: 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte';
  readonly value: string;
}

/** What a search asks for, but its time; durations as Go writes them. */
export interface FilterConditions {
  readonly serviceName: string | undefined;
  readonly operationName: string | undefined;
  readonly durationMin: string | undefined;
  readonly durationMax: string | undefined;
  readonly attributes: readonly AttributeComparison[];
}

interface Call {
  readonly op: string;
  readonly args: readonly object[];
}

/** The conditions as an expression of the API of version 3; there must be one at least. */
export function filterOf(conditions: FilterConditions): Call {
  const { serviceName, operationName, durationMin, durationMax, attributes } = conditions;
  const calls: readonly Call[] = [
    ...ofField('resource', 'service', 'eq', serviceName),
    ...ofField('span', 'name', 'eq', operationName),
    ...ofField('span', 'duration', 'gte', durationMin),
    ...ofField('span', 'duration', 'lte', durationMax),
    ...attributes.map(({ key, operator, value }) => ({
      op: operator,
      args: [{ attr: { key } }, { scalar: { value } }],
    })),
  ];
  const [first, ...others] = calls;
  if (first === undefined) throw new Error('a filter without conditions');
  return others.length === 0 ? first : { op: 'and', args: calls.map((call) => ({ call })) };
}

function ofField(level: string, name: string, op: string, value: string | undefined): readonly Call[] {
  return value === undefined ? [] : [{ op, args: [{ field: { level, name } }, { scalar: { value } }] }];
}
