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

async function picture(name: string): Promise<void> {
  const path = join(directory, `${name}.png`);
  // Two frames, so that the canvases have drawn what the document holds.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.screenshot({ path, animations: 'disabled' });
  process.stdout.write(`${path}: ${Math.round(statSync(path).size / 1024)} KiB\n`);
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
await spans.locator('[data-row]').getByText('authorize').first().click();
await spans.locator('[data-details]').waitFor();
await picture('trace');

await page.emulateMedia({ colorScheme: 'dark' });
await picture('trace-dark');
