import { ticksOf } from '../model/view-range.ts';
import { useRange, type ViewStore } from '../page/view-store.ts';
import { tickCountFor } from './painter.ts';
import { formatTick } from './tick-text.ts';
import './TimeAxis.css';

/** The times above the timeline, as text that fits the ticks on the canvas. */
export function TimeAxis({ view, width }: { readonly view: ViewStore; readonly width: number }) {
  const range = useRange(view);
  const scale = width / (range.endMicros - range.startMicros);
  const ticks = ticksOf(range, tickCountFor(width));
  const step = (ticks[1] ?? range.endMicros) - (ticks[0] ?? 0);
  return (
    <div className="time-axis">
      {ticks.map((tick) => {
        const x = (tick - range.startMicros) * scale;
        if (x > width - 40) return null;
        return (
          <span key={tick} className="time-axis-tick" style={{ left: x }}>
            {formatTick(tick, step)}
          </span>
        );
      })}
    </div>
  );
}
