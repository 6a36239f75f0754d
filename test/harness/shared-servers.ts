import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Outside } from './outside.ts';

/** A server that several suites use. */
export interface Shareable {
  /** What suites need to know of it. */
  readonly address: string;
  stop(): Promise<void>;
}

/** The address of the keeper (global-setup.ts) that starts servers for the suites of one test run. */
export const KEEPER_VARIABLE = 'SPOOR_TEST_SERVER_KEEPER';

/**
 * The address of the server of that name which the suites of a test run share: started when the first suite asks, stopped at the
 * end of the run. Undefined outside a test run, where the caller has to start one of its own.
 */
export async function sharedServer(name: string): Promise<Outside<string> | undefined> {
  const keeper = process.env[KEEPER_VARIABLE];
  if (!keeper) return undefined;
  const { status, text } = await ask(`${keeper}/${name}`);
  if (status !== 200) throw new Error(`the keeper of shared servers could not start ${name}: ${text}`);
  return JSON.parse(text) as Outside<string>;
}

/** Waits as long as it takes, which `fetch` does not: an image may have to be pulled before its server starts. */
async function ask(url: string): Promise<{ readonly status: number | undefined; readonly text: string }> {
  const [response] = (await once(get(url), 'response')) as [IncomingMessage];
  response.setEncoding('utf8');
  return { status: response.statusCode, text: (await response.toArray()).join('') };
}
