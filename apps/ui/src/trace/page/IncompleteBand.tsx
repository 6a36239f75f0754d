import { formatCounted } from '../../format/number.ts';
import type { TraceColumns } from '../model/columns.ts';

/** Says that spans are missing, when they are. */
export function IncompleteBand({ columns }: { readonly columns: TraceColumns }) {
  if (columns.orphanCount === 0) return null;
  return (
    <p className="trace-band" role="note">
      <strong>Incomplete.</strong> {formatCounted(columns.orphanCount, 'span')}{' '}
      {columns.orphanCount === 1 ? 'names a parent' : 'name parents'} that did not arrive: shown at the outermost level
      with the mark ⤒. They may still be on their way, or may not have been sampled.
    </p>
  );
}
