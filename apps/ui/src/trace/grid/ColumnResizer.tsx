import { useRef } from 'react';

interface Props {
  readonly width: number;
  readonly available: number;
  readonly onWidth: (px: number) => void;
}

const leastPx = 160;
const stepPx = 24;

/** The edge between the tree and the timeline: dragged, or moved with the arrow keys. */
export function ColumnResizer({ width, available, onWidth }: Props) {
  const grabbedAt = useRef<number | undefined>(undefined);
  const most = Math.max(leastPx, Math.floor(available / 2));
  const set = (px: number) => onWidth(Math.round(Math.min(Math.max(px, leastPx), most)));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a splitter, not a rule
    <div
      role="separator"
      className="column-resizer"
      style={{ left: width }}
      tabIndex={0}
      aria-orientation="vertical"
      aria-label="Width of the tree"
      aria-valuenow={width}
      aria-valuemin={leastPx}
      aria-valuemax={most}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        grabbedAt.current = event.clientX - width;
      }}
      onPointerMove={(event) => {
        if (grabbedAt.current !== undefined) set(event.clientX - grabbedAt.current);
      }}
      onPointerUp={() => {
        grabbedAt.current = undefined;
      }}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
        event.preventDefault();
        set(width + (event.key === 'ArrowLeft' ? -stepPx : stepPx));
      }}
    />
  );
}
