const rows = ['62%', '48%', '71%', '55%', '40%', '66%', '52%', '45%', '60%', '50%'];

/** The frame of what will come, at once. */
export function ResultSkeleton() {
  return (
    <div className="result-skeleton" role="status" aria-label="Searching…">
      <div className="scatter" />
      {rows.map((width) => (
        <div key={width} className="result-skeleton-row">
          <span style={{ width }} />
          <span />
        </div>
      ))}
    </div>
  );
}
