import { type Ref, useImperativeHandle, useRef } from 'react';
import { formatCount } from '../../format/number.ts';
import './TraceToolbar.css';

export interface FindBoxHandle {
  focus(): void;
}

export type DetailsMode = 'inline' | 'side';

interface Props {
  readonly ref: Ref<FindBoxHandle>;
  readonly text: string;
  readonly onText: (text: string) => void;
  /** `undefined` while the find runs. */
  readonly matchCount: number | undefined;
  /** Place among the matches, from 0. */
  readonly matchPlace: number | undefined;
  readonly onMove: (by: 1 | -1) => void;
  readonly onlyMatches: boolean;
  readonly onOnlyMatches: (only: boolean) => void;
  readonly onExpandAll: () => void;
  readonly onCollapseAll: () => void;
  readonly onExpandOne: () => void;
  readonly onCollapseOne: () => void;
  readonly showsCriticalPath: boolean;
  readonly onCriticalPath: (shows: boolean) => void;
  readonly detailsMode: DetailsMode;
  readonly onDetailsMode: (mode: DetailsMode) => void;
}

/** Find, and how the spans are shown. */
export function TraceToolbar(props: Props) {
  const input = useRef<HTMLInputElement>(null);
  useImperativeHandle(props.ref, () => ({ focus: () => input.current?.select() }), []);
  const hasText = props.text.trim() !== '';
  const hasMatches = hasText && (props.matchCount ?? 0) > 0;
  return (
    <div className="trace-toolbar" role="toolbar" aria-label="Spans">
      <search className="trace-find">
        <input
          ref={input}
          type="search"
          value={props.text}
          placeholder="Find in names, services, attributes, events…"
          aria-label="Find in this trace"
          spellCheck={false}
          onChange={(event) => props.onText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') {
              event.preventDefault();
              props.onMove(event.shiftKey ? -1 : 1);
            } else if (event.key === 'Escape' && props.text !== '') {
              event.preventDefault();
              props.onText('');
            }
          }}
        />
        <span className="trace-find-count" role="status">
          {hasText && placeText(props.matchCount, props.matchPlace)}
        </span>
        <button
          type="button"
          className="button-quiet"
          disabled={!hasMatches}
          aria-label="Previous match"
          title="Previous match (b)"
          onClick={() => props.onMove(-1)}
        >
          ↑
        </button>
        <button
          type="button"
          className="button-quiet"
          disabled={!hasMatches}
          aria-label="Next match"
          title="Next match (f)"
          onClick={() => props.onMove(1)}
        >
          ↓
        </button>
        <label className="trace-find-only">
          <input
            type="checkbox"
            checked={props.onlyMatches}
            onChange={(event) => props.onOnlyMatches(event.target.checked)}
          />
          Only matches
        </label>
      </search>
      {/* biome-ignore lint/a11y/useSemanticElements: buttons, not fields */}
      <div className="trace-toolbar-group" role="group" aria-label="Tree">
        <button type="button" className="button-quiet" title="Collapse one level (p)" onClick={props.onCollapseOne}>
          − Level
        </button>
        <button type="button" className="button-quiet" title="Expand one level (o)" onClick={props.onExpandOne}>
          + Level
        </button>
        <button type="button" className="button-quiet" title="Collapse all (])" onClick={props.onCollapseAll}>
          Collapse all
        </button>
        <button type="button" className="button-quiet" title="Expand all ([)" onClick={props.onExpandAll}>
          Expand all
        </button>
      </div>
      <button
        type="button"
        className="button trace-toolbar-path"
        aria-pressed={props.showsCriticalPath}
        title="The line along the bars: the work that the end of the trace waited for"
        onClick={() => props.onCriticalPath(!props.showsCriticalPath)}
      >
        Critical path
      </button>
      <button
        type="button"
        className="button"
        aria-pressed={props.detailsMode === 'side'}
        title="Show the details of a span beside the timeline, not in it"
        onClick={() => props.onDetailsMode(props.detailsMode === 'side' ? 'inline' : 'side')}
      >
        Side panel
      </button>
    </div>
  );
}

function placeText(count: number | undefined, place: number | undefined): string {
  if (count === undefined) return '…';
  if (count === 0) return 'No match';
  return place === undefined ? formatCount(count) : `${formatCount(place + 1)} of ${formatCount(count)}`;
}
