import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { type GuardedBrowser, waitFor } from '../harness/index.ts';
import { type Receivers, type SdkTransport, sdkApplication } from '../harness/otel-sdk.ts';

/** A request with a failing statement below it, as an application would record it. */
export async function recordOrder(receivers: Receivers, transport: SdkTransport, service: string): Promise<string> {
  await using application = sdkApplication(transport, receivers, service);
  const { tracer } = application;
  const root = tracer.startSpan('GET /orders', { kind: SpanKind.SERVER, attributes: { 'http.route': '/orders' } });
  const statement = tracer.startSpan(
    'SELECT orders',
    { kind: SpanKind.CLIENT, attributes: { 'db.query.text': 'SELECT * FROM orders WHERE id = 42' } },
    trace.setSpan(context.active(), root),
  );
  statement.recordException(new Error('relation orders is locked'));
  statement.setStatus({ code: SpanStatusCode.ERROR, message: 'locked' });
  statement.end();
  root.end();
  await application.flush();
  return root.spanContext().traceId;
}

/** Where the scatter plot has drawn a trace, once it has. */
function pointOf(page: Page, traceId: string): Promise<{ x: number; y: number }> {
  return waitFor(
    async () => {
      const points = JSON.parse((await page.locator('canvas[data-points]').getAttribute('data-points')) ?? '[]');
      const found = (points as { traceId: string; x: number; y: number }[]).find((point) => point.traceId === traceId);
      return found && found.x > 0 ? found : undefined;
    },
    { describe: `the point of trace ${traceId}` },
  );
}

export const spans = (page: Page) => page.getByRole('treegrid', { name: 'Spans' });
export const spanNamed = (page: Page, name: string) =>
  spans(page).locator('[data-row]').getByText(name, { exact: true });

/** Finds the order of a service, opens it from the plot, expands it and searches in it. `pages` is where they are served. */
export async function followOrder(
  browser: GuardedBrowser,
  pages: string,
  service: string,
  traceId: string,
): Promise<void> {
  const page = await browser.newPage();
  await page.goto(`${pages}/search`);

  await page.getByLabel('Service', { exact: true }).fill(service);
  await page.getByRole('option', { name: service }).click();
  await page.getByRole('button', { name: 'Find traces' }).click();
  const traces = page.getByRole('list', { name: 'Traces' });
  await traces.getByRole('link', { name: `${service} GET /orders` }).waitFor();

  await waitFor(
    async () => {
      // The plot may be drawn anew between looking and clicking.
      const position = await pointOf(page, traceId);
      await page.locator('canvas[data-points]').click({ position });
      await page.waitForURL(`**/trace/${traceId}**`, { timeout: 5_000 });
      return true;
    },
    { describe: `the page of trace ${traceId} after a click on its point` },
  );
  await spans(page).getByText('GET /orders').waitFor();

  await spanNamed(page, 'SELECT orders').click();
  const details = spans(page).locator('[data-details]');
  await details.getByText('SELECT * FROM orders WHERE id = 42').waitFor();
  await details.getByText('relation orders is locked').first().waitFor();

  await page.getByLabel('Find in this trace').fill('locked');
  await page.locator('.trace-find-count', { hasText: '1' }).waitFor();
  await page.waitForURL('**uiFind=locked**');

  // The address alone brings back what is seen, in a browser that knows nothing.
  const elsewhere = await browser.newPage();
  await elsewhere.goto(page.url());
  await spanNamed(elsewhere, 'SELECT orders').waitFor();
  expect(await elsewhere.getByLabel('Find in this trace').inputValue()).toBe('locked');
  await elsewhere.locator('.span-row.is-match').waitFor();
  await expect.poll(() => elsewhere.locator('.trace-find-count').textContent()).toMatch(/1/);
}
