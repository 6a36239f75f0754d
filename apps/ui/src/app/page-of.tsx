import { type ComponentType, useEffect, useState } from 'react';
import { PageLoading } from './PageLoading.tsx';

type Loaded<Props> = { readonly Page: ComponentType<Props> } | { readonly error: unknown };

/**
 * A page whose script is loaded when it is first shown. React's `lazy` would do as well, but for this: once `Suspense` has
 * shown that something is loading, it goes on showing it for 300 ms, however soon the script is there.
 */
export function pageOf<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let known: Loaded<Props> | undefined;
  return function LoadedPage(props: Props) {
    const [loaded, setLoaded] = useState(known);
    useEffect(() => {
      if (loaded !== undefined) return;
      let isCurrent = true;
      load()
        .then(
          (Page) => (known = { Page }),
          (error: unknown) => ({ error }),
        )
        .then((next) => isCurrent && setLoaded(next));
      return () => {
        isCurrent = false;
      };
    }, [loaded]);
    if (loaded === undefined) return <PageLoading />;
    // For the boundary around the page.
    if ('error' in loaded) throw loaded.error;
    return <loaded.Page {...props} />;
  };
}
