import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MemoryMetrics } from '../test/memory-metrics.ts';
import { MemoryReader } from '../test/memory-reader.ts';
import { type StartedQuery, startQuery } from '../test/start-query.ts';

let directory: string;
let started: StartedQuery;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spoor-ui-'));
});
afterEach(async () => {
  await started.stop();
  await rm(directory, { recursive: true });
});

const PAGE =
  '<!doctype html><base href="/" data-inject-target="BASE_URL" /><script src="./assets/main-1a2b.js"></script>';
const SCRIPT = `export const text = ${JSON.stringify('x'.repeat(2_000))};`;

async function writeUi(): Promise<void> {
  await mkdir(join(directory, 'assets'));
  await writeFile(join(directory, 'index.html'), PAGE);
  await writeFile(join(directory, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(directory, 'assets', 'main-1a2b.js'), SCRIPT);
  await writeFile(join(directory, 'assets', 'main-1a2b.js.gz'), gzipSync(SCRIPT));
}

test('every path of the UI gets its page, under a policy that runs nothing of somebody else’s', async () => {
  await writeUi();
  started = await startQuery([], {}, { uiDirectory: directory });
  for (const path of ['/', '/search?service=a', '/trace/0af7651916cd43dd8448eb211c80319c', '/index.html']) {
    const response = await started.get(path);
    expect([response.status, await response.text()]).toEqual([200, PAGE]);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(response.headers.get('content-security-policy')).toMatch(
      /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
    );
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('referrer-policy')).toBe('same-origin');
  }
});

test('a client that takes nothing compressed gets the page too', async () => {
  await writeUi();
  started = await startQuery([], {}, { uiDirectory: directory });
  const response = await started.get('/', { 'accept-encoding': 'identity' });
  expect([response.status, await response.text()]).toEqual([200, PAGE]);
});

test('hashed files are kept for ever and go out compressed, others are asked for each time', async () => {
  await writeUi();
  started = await startQuery([], {}, { uiDirectory: directory });
  const script = await started.get('/assets/main-1a2b.js', { 'accept-encoding': 'gzip' });
  expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(script.headers.get('content-encoding')).toBe('gzip');
  expect(script.headers.get('content-type')).toContain('javascript');
  expect(await script.text()).toBe(SCRIPT);
  const plain = await started.get('/assets/main-1a2b.js', { 'accept-encoding': 'identity' });
  expect(await plain.text()).toBe(SCRIPT);
  const icon = await started.get('/favicon.svg');
  expect(icon.headers.get('cache-control')).toBe('no-cache');
  expect(icon.headers.get('content-type')).toContain('image/svg+xml');
  await icon.text();
});

test('a file that is gone is a 404 and not the page; nothing outside the directory is served', async () => {
  await writeUi();
  started = await startQuery([], {}, { uiDirectory: join(directory, 'assets') });
  expect((await started.get('/assets/main-old.js')).status).toBe(404);
  const outside = await started.get('/..%2findex.html');
  expect(await outside.text()).not.toBe(PAGE);
});

test('a page that is not built says how to build it, and the API works', async () => {
  started = await startQuery([], {}, { uiDirectory: directory });
  const page = await started.get('/search');
  expect(page.status).toBe(503);
  expect(await page.text()).toContain('npm run build');
  expect((await started.get('/api/services')).status).toBe(200);
  await writeUi();
  expect(await (await started.get('/search')).text()).toBe(PAGE);
});

test('under a base path everything is there and nothing elsewhere', async () => {
  await writeUi();
  const additionalHeaders = { 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' };
  started = await startQuery([], { basePath: '/tracing', additionalHeaders }, { uiDirectory: directory });
  const page = await started.get('/tracing/search');
  expect(await page.text()).toBe(PAGE.replace('href="/"', 'href="/tracing/"'));
  expect(page.headers.get('x-frame-options')).toBe('DENY');
  expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  expect((await started.get('/tracing/api/v3/services')).status).toBe(200);
  expect((await started.get('/tracing/assets/main-1a2b.js')).status).toBe(200);
  expect((await started.get('/tracing/api/none')).status).toBe(404);
  expect((await started.get('/api/v3/services')).status).toBe(404);
  expect((await started.get('/')).status).toBe(404);
});

test('the page cannot be posted to', async () => {
  started = await startQuery([]);
  const response = await fetch(`${started.url}/search`, { method: 'POST' });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test('the page is told what the store can do', async () => {
  await writeUi();
  const tag = (content: string) => `<meta name="backend-capabilities" content="${content}" />`;
  await writeFile(join(directory, 'index.html'), `${PAGE}${tag('')}`);
  started = await startQuery([], {}, { uiDirectory: directory });
  expect(await (await started.get('/')).text()).toBe(`${PAGE}${tag('')}`);
  await started.stop();
  started = await startQuery([], {}, { uiDirectory: directory, serviceMetrics: new MemoryMetrics() });
  expect(await (await started.get('/')).text()).toBe(`${PAGE}${tag('metricsStorage')}`);
  await started.stop();
  const archive = { writer: { write: async () => ({ accepted: 0, rejected: [] }) }, reader: new MemoryReader() };
  const serviceMetrics = new MemoryMetrics();
  started = await startQuery([], {}, { uiDirectory: directory, archive, serviceMetrics });
  expect(await (await started.get('/')).text()).toBe(`${PAGE}${tag('archiveStorage metricsStorage')}`);
});
