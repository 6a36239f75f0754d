import { basePath } from './api/client.ts';
import { loadTracePage } from './app/pages.ts';
import { preloadTrace } from './trace/worker/preload.ts';

// Before the rest of the page's script runs, so that the server works meanwhile.
const path = location.pathname.slice(basePath().length);
if (path.startsWith('/trace/')) {
  preloadTrace(path);
  loadTracePage();
}
