import './TraceView.css';

/** The frame of the page while the trace is on its way, so that nothing jumps when it comes. */
export function TraceLoading({ traceId }: { readonly traceId: string }) {
  return (
    <div className="trace">
      <p className="trace-loading" role="status">
        Loading trace <code>{traceId.slice(0, 7)}</code>…
      </p>
      <div className="trace-loading-overview" />
      <div className="trace-loading-toolbar" />
      <div className="trace-loading-head" />
    </div>
  );
}
