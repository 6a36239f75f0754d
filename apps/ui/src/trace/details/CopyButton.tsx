import { type ReactNode, useEffect, useState } from 'react';
import './CopyButton.css';

interface Props {
  readonly label: string;
  readonly text: () => string;
  /** Beside the sign; the sign alone when absent. */
  readonly children?: ReactNode;
}

/** Copies, and says that it did. */
export function CopyButton({ label, text, children }: Props) {
  const [outcome, setOutcome] = useState<'copied' | 'failed' | undefined>();
  useEffect(() => {
    if (outcome === undefined) return;
    const timer = setTimeout(() => setOutcome(undefined), 1_500);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = () => {
    // Absent where the page is served without TLS from another host.
    const done = navigator.clipboard?.writeText(text()) ?? Promise.reject(new Error('no clipboard'));
    done.then(
      () => setOutcome('copied'),
      () => setOutcome('failed'),
    );
  };
  return (
    <button type="button" className="copy-button" aria-label={label} title={label} onClick={copy}>
      <svg
        width="12"
        height="12"
        viewBox="0 0 12 12"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.2"
        aria-hidden="true"
      >
        {outcome === 'copied' ? (
          <path d="M2 6.5l2.7 2.7L10 3" strokeWidth="1.6" />
        ) : (
          <path d="M4 4h6.5v6.5H4zM2.5 8H1.5V1.5H8v1" />
        )}
      </svg>
      {children}
      <span className="visually-hidden" role="status">
        {outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'The browser did not allow it' : ''}
      </span>
    </button>
  );
}
