import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Route, Router, Switch, useLocation } from 'wouter';
import { basePath } from '../api/client.ts';
import { ApiError } from '../api/errors.ts';
import { listenForShortcuts } from '../keys/shortcuts.ts';
import { keepPreloadFor } from '../trace/worker/preload.ts';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { NotFound } from './NotFound.tsx';
import { pageOf } from './page-of.tsx';
import { loadSearchPage, loadTracePage } from './pages.ts';
import { Shell } from './Shell.tsx';

const SearchPage = pageOf(loadSearchPage);
const TracePage = pageOf(loadTracePage);

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < 1 && error instanceof ApiError && error.isRetryable,
      refetchOnWindowFocus: false,
      staleTime: 60_000,
    },
  },
});

export function App() {
  useEffect(listenForShortcuts, []);
  return (
    <QueryClientProvider client={queryClient}>
      <Router base={basePath()}>
        <Shell>
          <ErrorBoundary>
            <Pages />
          </ErrorBoundary>
        </Shell>
      </Router>
    </QueryClientProvider>
  );
}

function Pages() {
  const [path] = useLocation();
  useEffect(() => keepPreloadFor(path), [path]);
  return (
    <Switch>
      <Route path="/" component={SearchPage} />
      <Route path="/search" component={SearchPage} />
      <Route path="/trace/:id">{({ id }) => <TracePage key={id} id={id} />}</Route>
      <Route component={NotFound} />
    </Switch>
  );
}
