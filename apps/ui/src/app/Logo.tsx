export function Logo() {
  return (
    <svg width="18" height="18" viewBox="0 0 16 16" aria-hidden="true">
      <rect width="16" height="16" rx="3.5" fill="var(--accent)" />
      <g fill="var(--accent-text)">
        <rect x="3" y="3.5" width="10" height="2" rx="1" />
        <rect x="5" y="7" width="5" height="2" rx="1" />
        <rect x="8" y="10.5" width="4" height="2" rx="1" />
      </g>
    </svg>
  );
}
