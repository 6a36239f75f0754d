import { useEffect, useState } from 'react';
import { lookbacks, parseLookback, type SearchTime } from './search-state.ts';

interface Props {
  readonly time: SearchTime;
  readonly onChange: (time: SearchTime) => void;
}

/** What `datetime-local` reads and writes: local time, to the second. */
function toLocal(unixMs: number): string {
  const date = new Date(unixMs - new Date(unixMs).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19);
}

/** How far back from now, or between which moments. */
export function TimeField({ time, onChange }: Props) {
  const isRange = time.kind === 'range';
  const odd = time.kind === 'lookback' && !lookbacks.some((preset) => preset === time.lookback) ? [time.lookback] : [];
  return (
    <fieldset className="field search-time">
      <legend className="field-label">Time</legend>
      <div className="segments">
        {[...lookbacks, ...odd].map((preset) => (
          <label key={preset} className="segment">
            <input
              type="radio"
              name="search-lookback"
              value={preset}
              aria-label={`The last ${preset}`}
              checked={time.kind === 'lookback' && time.lookback === preset}
              onChange={() => onChange({ kind: 'lookback', lookback: preset })}
            />
            {preset}
          </label>
        ))}
        <label className="segment">
          <input
            type="radio"
            name="search-lookback"
            value="range"
            checked={isRange}
            onChange={() => {
              const endMs = Math.ceil(Date.now() / 1_000) * 1_000;
              const lookbackMs = time.kind === 'lookback' ? parseLookback(time.lookback) : undefined;
              onChange({ kind: 'range', startMs: endMs - (lookbackMs ?? 3_600_000), endMs });
            }}
          />
          exact
        </label>
      </div>
      {isRange && <RangeFields range={time} onChange={onChange} />}
    </fieldset>
  );
}

interface RangeProps {
  readonly range: Extract<SearchTime, { kind: 'range' }>;
  readonly onChange: (time: SearchTime) => void;
}

function RangeFields({ range, onChange }: RangeProps) {
  const [start, setStart] = useState(() => toLocal(range.startMs));
  const [end, setEnd] = useState(() => toLocal(range.endMs));
  useEffect(() => {
    setStart(toLocal(range.startMs));
    setEnd(toLocal(range.endMs));
  }, [range.startMs, range.endMs]);
  const startMs = Date.parse(start);
  const endMs = Date.parse(end);
  const problem = !(startMs > 0 && endMs > 0)
    ? 'Give both moments.'
    : endMs <= startMs
      ? 'The end is not after the start.'
      : undefined;
  const commit = () => {
    // Untouched fields leave the part of a second that they cannot show.
    const isTouched = start !== toLocal(range.startMs) || end !== toLocal(range.endMs);
    if (problem === undefined && isTouched) onChange({ kind: 'range', startMs, endMs });
  };
  const field = (label: string, value: string, set: (value: string) => void) => (
    <label className="search-moment">
      <span>{label}</span>
      <input
        type="datetime-local"
        step="1"
        value={value}
        aria-invalid={problem !== undefined}
        onChange={(event) => set(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
        }}
      />
    </label>
  );
  return (
    <div className="search-range">
      {field('From', start, setStart)}
      {field('To', end, setEnd)}
      <p className="field-problem" hidden={problem === undefined}>
        {problem}
      </p>
    </div>
  );
}
