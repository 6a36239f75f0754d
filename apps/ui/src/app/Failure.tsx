import type { ReactNode } from 'react';
import './Failure.css';

interface Props {
  /** `The traces could not be loaded` */
  readonly what: string;
  readonly why: string;
  readonly onRetry?: () => void;
  readonly retryLabel?: string;
  /** What else may help. */
  readonly children?: ReactNode;
}

/** Something failed: what, why, and what one can do. */
export function Failure({ what, why, onRetry, retryLabel = 'Try again', children }: Props) {
  return (
    <div className="failure" role="alert">
      <h2>{what}</h2>
      <p className="failure-why">{why}</p>
      {children}
      {onRetry !== undefined && (
        <button type="button" className="button" onClick={onRetry}>
          {retryLabel}
        </button>
      )}
    </div>
  );
}
