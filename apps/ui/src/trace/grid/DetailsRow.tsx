import { type ReactNode, useLayoutEffect, useRef } from 'react';

interface Props {
  readonly row: number;
  readonly top: number;
  readonly onHeight: (row: number, height: number) => void;
  readonly children: ReactNode;
}

/** Details in place, below their row. Tells its height whenever that changes. */
export function DetailsRow({ row, top, onHeight, children }: Props) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const box = element.current;
    if (box === null) return;
    const measure = () => onHeight(row, box.offsetHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, [row, onHeight]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a row of the tree grid around it
    // biome-ignore lint/a11y/useFocusableInteractive: the span's row has the focus
    <div ref={element} role="row" data-details="" className="details-row" style={{ transform: `translateY(${top}px)` }}>
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: what is in it has the focus */}
      <div role="gridcell" aria-colspan={2}>
        {children}
      </div>
    </div>
  );
}
