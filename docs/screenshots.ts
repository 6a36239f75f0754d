/** Takes the pictures of the README from the real pages, filled by the demo: `npm run screenshots`. */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium, openBrowser, repositoryRoot, spawnSpoor, startAllInOne } from '../test/harness/index.ts';

const directory = join(repositoryRoot, 'docs/images');
const VISITS = '160';

const chromium = findChromium();
if ('missing' in chromium) throw new Error(`${chromium.missing}. ${chromium.remedy}`);
mkdirSync(directory, { recursive: true });

await using spoor = await startAllInOne();
const demo = spawnSpoor({
  main: 'examples/shop/src/main.ts',
  args: ['--endpoint', `http://${spoor.addresses.otlpHttp}`, '--requests', VISITS, '--rate', '8'],
});
if ((await demo.ended) !== 0) throw new Error(JSON.stringify(demo.logs()));

await using browser = await openBrowser(chromium.found);
const page = await browser.newPage({ viewport: { width: 1280, height: 760 } });
const pages = `http://${spoor.addresses.queryHttp}`;

/** In both themes, so that a README can show the one that its reader has. */
async function picture(name: string): Promise<void> {
  for (const [colorScheme, suffix] of [
    ['light', ''],
    ['dark', '-dark'],
  ] as const) {
    const path = join(directory, `${name}${suffix}.png`);
    await page.emulateMedia({ colorScheme });
    // Two frames, so that the canvases have drawn what the document holds.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await page.screenshot({ path, animations: 'disabled' });
    process.stdout.write(`${path}: ${Math.round(statSync(path).size / 1024)} KiB\n`);
  }
}

await page.goto(`${pages}/search?service=frontend`);
const traces = page.getByRole('list', { name: 'Traces' });
await traces.getByRole('listitem').first().waitFor();
await picture('search');

await page.goto(`${pages}/search?service=payment&tags=error%3Dtrue&sort=longest`);
await traces
  .getByRole('link', { name: /POST \/checkout/ })
  .first()
  .click();
const spans = page.getByRole('treegrid', { name: 'Spans' });
await page.getByRole('button', { name: 'Side panel' }).click();
// The span that tried again: it has attributes and an event, and no stack trace with the paths of this machine.
await spans
  .getByRole('row', { name: /checkout POST \/orders/ })
  .first()
  .click();
await page.getByText('payment will be tried again').first().waitFor();
await picture('trace');
