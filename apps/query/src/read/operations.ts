import type { SpanKind } from '@spoor/model';
import type { Operation } from '@spoor/storage';

/**
 * Operations as version 3 of the API shows them: a kind that was not given is shown as `internal` (CONTRACT §7.5), so the
 * two become one, and asking for `internal` finds both.
 */
export function presentedOperations(
  operations: readonly Operation[],
  only: SpanKind | undefined,
): readonly Operation[] {
  const wanted = only === 'unspecified' ? 'internal' : only;
  const seen = new Set<string>();
  const presented: Operation[] = [];
  for (const operation of operations) {
    const spanKind = operation.spanKind === 'unspecified' ? 'internal' : operation.spanKind;
    const identity = `${spanKind} ${operation.name}`;
    if (seen.has(identity) || (wanted !== undefined && wanted !== spanKind)) continue;
    seen.add(identity);
    presented.push({ name: operation.name, spanKind });
  }
  return presented;
}
