/** Between the shell and a page whose script is still on its way. Said to screen readers; to eyes only if it takes long. */
export function PageLoading() {
  return (
    <p className="page-loading" role="status">
      Loading…
    </p>
  );
}
