import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useMemo } from 'react';
import { explain } from '../api/errors.ts';
import { fetchOperations, fetchServices } from '../api/services.ts';
import { Combobox } from '../controls/Combobox.tsx';
import { ServiceDot } from '../controls/ServiceDot.tsx';
import { DraftField } from './DraftField.tsx';
import { problemsOf, type SearchState, writeSearch } from './search-state.ts';
import { TagsField } from './TagsField.tsx';
import { TimeField } from './TimeField.tsx';
import type { ChangeSearch } from './useSearchState.ts';

interface Props {
  readonly state: SearchState;
  readonly onChange: ChangeSearch;
  /** Asks again although nothing changed. */
  readonly onSubmit: () => void;
}

const limits = [20, 50, 100, 200, 500, 1_000, 1_500];

/** The left rail. What is chosen holds at once; what is typed holds on Enter or when the field is left. */
export function SearchForm({ state, onChange, onSubmit }: Props) {
  const services = useQuery({ queryKey: ['services'], queryFn: ({ signal }) => fetchServices(signal) });
  const operations = useQuery({
    queryKey: ['operations', state.service],
    queryFn: ({ signal }) => fetchOperations(state.service, signal),
    enabled: state.service !== '',
  });
  const operationNames = useMemo(
    () => [...new Set((operations.data ?? []).map((operation) => operation.name))],
    [operations.data],
  );
  const problems = problemsOf(state);
  // A change of any condition makes the window of another plot meaningless.
  const change = (part: Partial<SearchState>) => {
    if (writeSearch({ ...state, ...part }) !== writeSearch(state)) onChange({ ...part, window: undefined });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };

  return (
    <form className="search-form" aria-label="Search traces" onSubmit={submit}>
      <Combobox
        id="search-service"
        label="Service"
        placeholder="Any service"
        items={services.data ?? []}
        value={state.service}
        isLoading={services.isPending}
        onChange={(service) => change({ service, operation: '' })}
        renderMark={(name) => <ServiceDot name={name} />}
        note={services.error && <p className="field-problem">{explain(services.error).why}</p>}
      />
      <Combobox
        id="search-operation"
        label="Operation"
        placeholder={state.service === '' ? 'Choose a service first' : 'Any operation'}
        items={operationNames}
        value={state.operation}
        isLoading={operations.isPending}
        disabled={state.service === '' && state.operation === ''}
        onChange={(operation) => change({ operation })}
        note={operations.error && <p className="field-problem">{explain(operations.error).why}</p>}
      />
      <TagsField value={state.tags} problem={problems.tags} onChange={(tags) => change({ tags })} />
      <fieldset className="field search-duration">
        <legend className="field-label">Span duration</legend>
        <div className="search-pair">
          <DraftField
            id="search-min-duration"
            label="Shortest duration"
            placeholder="from, 100ms"
            value={state.minDuration}
            problem={problems.minDuration}
            onChange={(minDuration) => change({ minDuration })}
          />
          <DraftField
            id="search-max-duration"
            label="Longest duration"
            placeholder="to, 1.5s"
            value={state.maxDuration}
            problem={problems.maxDuration}
            onChange={(maxDuration) => change({ maxDuration })}
          />
        </div>
      </fieldset>
      <TimeField time={state.time} onChange={(time) => change({ time })} />
      <div className="field">
        <label htmlFor="search-limit">Traces at a time</label>
        <select
          id="search-limit"
          value={state.limit}
          onChange={(event) => change({ limit: Number(event.target.value) })}
        >
          {[...new Set([...limits, state.limit])]
            .sort((a, b) => a - b)
            .map((limit) => (
              <option key={limit} value={limit}>
                {limit}
              </option>
            ))}
        </select>
      </div>
      <div className="search-actions">
        <button type="submit" className="button-primary">
          Find traces
        </button>
        <button
          type="button"
          className="button-quiet"
          disabled={writeSearch(state) === ''}
          onClick={() =>
            change({
              service: '',
              operation: '',
              tags: '',
              minDuration: '',
              maxDuration: '',
              time: { kind: 'lookback', lookback: '1h' },
              limit: 100,
              sort: 'newest',
            })
          }
        >
          Reset
        </button>
      </div>
    </form>
  );
}
