import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { openBrowser } from './browser.ts';
import { findChromium } from './chromium.ts';
import { foundOrSkipped } from './outside.ts';
import { scenario } from './scenario.ts';
import { waitFor } from './wait-for.ts';

const PAGE = `<!doctype html><title>page</title><p>text</p>
<script src="/script.js"></script><script>document.title = 'inline script ran'</script>`;

scenario('a page that complains fails the test that opened it', async ({ skip }) => {
  const server = createServer((request, response) => {
    response.setHeader('content-security-policy', "default-src 'none'; script-src 'self'");
    if (request.url === '/script.js') response.setHeader('content-type', 'text/javascript');
    else response.setHeader('content-type', 'text/html');
    response.end(request.url === '/script.js' ? 'throw new Error("from the script")' : PAGE);
  }).listen(0, '127.0.0.1');
  try {
    const browser = await openBrowser(foundOrSkipped(findChromium(), skip));
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await waitFor(() => browser.problems().some((problem) => problem.startsWith('CSP violation: script-src')), {
      describe: 'the report of the violation',
    });
    expect(await page.title()).toBe('page');
    expect(browser.problems()).toContainEqual(expect.stringMatching(/uncaught error: Error: from the script/));
    expect(browser.forgive(/from the script/)).toHaveLength(1);
    await expect(browser.close()).rejects.toThrow('CSP violation');
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
