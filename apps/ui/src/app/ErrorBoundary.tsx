import { Component, type ReactNode } from 'react';
import { explain } from '../api/errors.ts';
import { Failure } from './Failure.tsx';

interface Props {
  readonly children: ReactNode;
}

interface State {
  readonly error: unknown;
  readonly failed: boolean;
}

/** A fault while rendering shows itself here instead of a blank page. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: undefined, failed: false };

  static getDerivedStateFromError(error: unknown): State {
    return { error, failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    const { what, why } = explain(this.state.error);
    return <Failure what={what} why={why} onRetry={() => location.reload()} retryLabel="Reload the page" />;
  }
}
