import { test } from 'vitest';
import { type AllInOne, startAllInOne } from './all-in-one.ts';
import { type GuardedBrowser, openBrowser } from './browser.ts';
import { findChromium } from './chromium.ts';
import { foundOrSkipped } from './outside.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

/**
 * A test that names what it needs and gets it running, and put away afterwards however the test ends:
 *
 *     scenario('a killed all-in-one still has the trace', async ({ spoor }) => { … });
 *
 * What a test does not name is not started.
 */
export interface Cast {
  /** An all-in-one of its own, ready, on free ports and a temporary directory. */
  readonly spoor: AllInOne;
  /** A browser whose complaints fail the test. */
  readonly browser: GuardedBrowser;
  readonly directory: TemporaryDirectory;
}

export const scenario = test.extend<Cast>({
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads from the pattern what a fixture needs.
  spoor: async ({}, use) => {
    await using spoor = await startAllInOne();
    await use(spoor);
  },
  browser: async ({ skip }, use) => {
    await using browser = await openBrowser(foundOrSkipped(findChromium(), skip));
    await use(browser);
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above.
  directory: async ({}, use) => {
    using directory = temporaryDirectory();
    await use(directory);
  },
});
