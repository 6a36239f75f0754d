import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { Route, Router, Switch } from 'wouter';
import { basePath } from '../api/client.ts';
import { ApiError } from '../api/errors.ts';
import { listenForShortcuts } from '../keys/shortcuts.ts';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { NotFound } from './NotFound.tsx';
import { PageLoading } from './PageLoading.tsx';
import { Shell } from './Shell.tsx';

const SearchPage = lazy(async () => ({ default: (await import('../search/SearchPage.tsx')).SearchPage }));
const TracePage = lazy(async () => ({ default: (await import('../trace/TracePage.tsx')).TracePage }));

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
            <Suspense fallback={<PageLoading />}>
              <Switch>
                <Route path="/" component={SearchPage} />
                <Route path="/search" component={SearchPage} />
                <Route path="/trace/:id">{({ id }) => <TracePage key={id} id={id} />}</Route>
                <Route component={NotFound} />
              </Switch>
            </Suspense>
          </ErrorBoundary>
        </Shell>
      </Router>
    </QueryClientProvider>
  );
}
