import { useQuery } from '@tanstack/react-query';
import { fetchServices } from '../api/services.ts';
import { EmptyInstallation } from './EmptyInstallation.tsx';
import { ResultSkeleton } from './ResultSkeleton.tsx';
import { lookbacks, parseLookback, type SearchState } from './search-state.ts';
import type { ChangeSearch } from './useSearchState.ts';

interface Props {
  readonly state: SearchState;
  readonly onChange: ChangeSearch;
  readonly onRefresh: () => void;
}

interface Remedy {
  readonly label: string;
  readonly change: Partial<SearchState>;
}

/** What may be taken away from the search so that it finds more, the most likely first. */
function remediesFor(state: SearchState): readonly Remedy[] {
  const { time } = state;
  const lookbackMs = time.kind === 'lookback' ? (parseLookback(time.lookback) ?? 0) : 0;
  const wider = lookbacks.filter((lookback) => (parseLookback(lookback) ?? 0) > lookbackMs);
  const next = wider[Math.min(1, wider.length - 1)];
  const widest = wider.at(-1);
  const back = (lookback: string): Remedy => ({
    label: `Look back ${lookback}`,
    change: { time: { kind: 'lookback', lookback } },
  });
  return [
    ...(next === undefined ? [] : [back(next)]),
    ...(widest === undefined || widest === next ? [] : [back(widest)]),
    ...(state.tags === '' ? [] : [{ label: 'Without the tags', change: { tags: '' } }]),
    ...(state.minDuration === '' && state.maxDuration === ''
      ? []
      : [{ label: 'Of any duration', change: { minDuration: '', maxDuration: '' } }]),
    ...(state.operation === '' ? [] : [{ label: 'Of any operation', change: { operation: '' } }]),
    ...(state.service === '' ? [] : [{ label: 'Of any service', change: { service: '', operation: '' } }]),
  ];
}

export function EmptyResult({ state, onChange, onRefresh }: Props) {
  const services = useQuery({ queryKey: ['services'], queryFn: ({ signal }) => fetchServices(signal) });
  if (services.isPending) return <ResultSkeleton />;
  if (services.data?.length === 0) return <EmptyInstallation onRefresh={onRefresh} />;
  const isUnknown = state.service !== '' && services.data !== undefined && !services.data.includes(state.service);
  const several = state.tags.trim() !== '' && (state.operation !== '' || state.minDuration !== '');
  return (
    <div className="empty" role="status">
      <h1>No trace fits this search</h1>
      {isUnknown && (
        <p>
          No service called “{state.service}” has sent spans. Names are compared exactly, upper and lower case included.
        </p>
      )}
      {several && <p>All conditions must hold on one and the same span.</p>}
      <p>It may find more when it is wider:</p>
      <p className="empty-actions">
        {remediesFor(state).map((remedy) => (
          <button
            key={remedy.label}
            type="button"
            className="button"
            onClick={() => onChange({ ...remedy.change, window: undefined })}
          >
            {remedy.label}
          </button>
        ))}
        <button type="button" className="button" onClick={onRefresh}>
          Search again
        </button>
      </p>
    </div>
  );
}
