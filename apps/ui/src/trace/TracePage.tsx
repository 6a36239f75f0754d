import { parseTraceId } from '@spoor/model';
import { useEffect } from 'react';
import { Link } from 'wouter';
import { Failure } from '../app/Failure.tsx';
import { TraceLoading } from './page/TraceLoading.tsx';
import { TraceView } from './page/TraceView.tsx';
import { useTrace } from './page/use-trace.ts';

/** `id` is the path's last part as it stands: hex, perhaps without its leading zeros. */
export function TracePage({ id }: { readonly id: string }) {
  const traceId = parseTraceId(id);
  if (traceId === undefined) {
    return (
      <Failure what="This is not a trace id" why={`“${id.slice(0, 100)}” is not one to 32 hexadecimal digits.`}>
        <BackToSearch />
      </Failure>
    );
  }
  return <LoadedTrace traceId={traceId} />;
}

function LoadedTrace({ traceId }: { readonly traceId: string }) {
  const { state, retry } = useTrace(traceId);
  const title =
    state.status === 'ready' ? (state.columns.names[state.columns.name[state.columns.rootRow] ?? 0] ?? '') : '';
  useEffect(() => {
    document.title = `${title === '' ? 'Trace' : title} · ${traceId.slice(0, 7)} · Spoor`;
    return () => {
      document.title = 'Spoor';
    };
  }, [title, traceId]);
  if (state.status === 'ready') return <TraceView columns={state.columns} worker={state.worker} />;
  if (state.status === 'loading') return <TraceLoading traceId={traceId} />;
  if (state.status === 'failed') return <Failure what={state.what} why={state.why} onRetry={retry} />;
  return (
    <Failure
      what="There is no such trace"
      why={`No span of trace ${traceId} is stored.`}
      onRetry={retry}
      retryLabel="Look again"
    >
      <p>Its spans may still be on their way, it may not have been sampled, or it may be older than what is kept.</p>
      <BackToSearch />
    </Failure>
  );
}

function BackToSearch() {
  return (
    <p>
      <Link href="/search">Go to the search</Link>
    </p>
  );
}
