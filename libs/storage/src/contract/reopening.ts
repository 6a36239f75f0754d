import type { Storage } from '../storage.ts';
import type { OpenStore } from './store.ts';

/** A store for the suite, out of what begins one on the same data each time, and what removes the data in the end. */
export async function reopening(
  begin: () => Promise<Pick<Storage, 'writer' | 'reader' | 'dependencies' | 'metrics' | 'metricsSlices' | 'stop'>>,
  remove: () => void | Promise<void>,
): Promise<OpenStore> {
  let store = await begin();
  const end = () => store.stop(new AbortController().signal);
  return {
    get writer() {
      return store.writer;
    },
    get reader() {
      return store.reader;
    },
    get dependencies() {
      return store.dependencies;
    },
    get metrics() {
      return store.metrics;
    },
    get metricsSlices() {
      return store.metricsSlices;
    },
    reopen: async () => {
      await end();
      store = await begin();
    },
    close: async () => {
      await end();
      await remove();
    },
  };
}
