import { createServer } from 'node:http';
import { SHAREABLE_CASSANDRA } from './cassandra.ts';
import { SHAREABLE_IMAGES } from './docker.ts';
import type { Outside } from './outside.ts';
import { SHAREABLE_SEARCH_SERVERS } from './search-server.ts';
import { KEEPER_VARIABLE, type Shareable } from './shared-servers.ts';

const START: Readonly<Record<string, () => Promise<Outside<Shareable>>>> = {
  ...SHAREABLE_SEARCH_SERVERS,
  ...SHAREABLE_CASSANDRA,
  ...SHAREABLE_IMAGES,
};

/**
 * Keeps the servers that suites share, which take half a minute to start. Runs in the process of the test run, beside the suites;
 * a server starts when the first suite asks for it, and stops with the run. Suites find the keeper by an environment variable.
 */
export default async function keepServers(): Promise<() => Promise<void>> {
  const started = new Map<string, Promise<Outside<Shareable>>>();
  const keeper = createServer(async (request, response) => {
    const name = request.url?.slice(1) ?? '';
    const start = START[name];
    try {
      if (start === undefined) throw new Error('there is no such server');
      const starting = started.get(name) ?? start();
      started.set(name, starting);
      const outcome = await starting;
      response.end(JSON.stringify('missing' in outcome ? outcome : { found: outcome.found.address }));
    } catch (error) {
      response.statusCode = 500;
      response.end(error instanceof Error ? error.message : String(error));
    }
  });
  await new Promise<void>((resolve) => keeper.listen(0, '127.0.0.1', resolve));
  const address = keeper.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  process.env[KEEPER_VARIABLE] = `http://127.0.0.1:${address.port}`;
  return async () => {
    keeper.close();
    for (const outcome of await Promise.allSettled(started.values()))
      if (outcome.status === 'fulfilled' && 'found' in outcome.value) await outcome.value.found.stop();
  };
}
