import { describe, expect } from 'vitest';
import { seriousViolations } from '../harness/accessibility.ts';
import { type AllInOne, waitFor } from '../harness/index.ts';
import { SDK_TRANSPORTS } from '../harness/otel-sdk.ts';
import { jsonSpan, newTraceId, nowUnixNano, sendSpans, text } from '../harness/otlp-json.ts';
import { scenario } from '../harness/scenario.ts';
import { followOrder, recordOrder, spanNamed, spans } from './order-journey.ts';

const pagesOf = (spoor: AllInOne): string => `http://${spoor.addresses.queryHttp}`;

describe.each(SDK_TRANSPORTS)('an application that sends over %s', (transport) => {
  scenario('is found, opened from the plot, expanded and searched in the browser', async ({ spoor, browser }) => {
    const service = `orders-${transport.replace('/', '-')}`;
    const traceId = await recordOrder(spoor.addresses, transport, service);
    await followOrder(browser, pagesOf(spoor), service, traceId);
  });
});

const load = (intValue: number) => ({ key: 'load', value: { intValue: String(intValue) } });

scenario('the address of a search brings back its fields and results', async ({ spoor, browser }) => {
  await sendSpans(spoor.addresses.otlpHttp, 'shelf', [
    jsonSpan({ name: 'wanted', attributes: [text('colour', 'deep blue'), load(75)] }),
    jsonSpan({ name: 'other', attributes: [load(80)] }),
  ]);
  const page = await browser.newPage();
  await page.goto(`${pagesOf(spoor)}/search?service=shelf&tags=${encodeURIComponent('colour="deep blue"')}&limit=50`);
  const traces = page.getByRole('list', { name: 'Traces' });
  await traces.getByText('wanted').waitFor();
  expect(await traces.getByRole('listitem').count()).toBe(1);
  expect(await page.getByLabel('Service', { exact: true }).inputValue()).toBe('shelf');
  expect(await page.locator('#search-tags').inputValue()).toBe('colour="deep blue"');

  await page.locator('#search-tags').fill('load>=70 load<80');
  await page.locator('#search-tags').press('Enter');
  await page.waitForURL(/load%3E%3D70/);
  await traces.getByText('wanted').waitFor();
  expect(await traces.getByRole('listitem').count()).toBe(1);

  // What the peer's pages wrote opens the same.
  await page.goto(`${pagesOf(spoor)}/search?service=shelf&operation=other&lookback=1h&tags=%7B%7D`);
  await traces.getByText('other').waitFor();
  expect(await traces.getByRole('listitem').count()).toBe(1);
});

scenario.for(['light', 'dark'] as const)(
  'search and trace are accessible in the %s theme',
  async (theme, { spoor, browser }) => {
    const traceId = await recordOrder(spoor.addresses, 'http/protobuf', 'orders');
    const page = await browser.newPage({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.goto(`${pagesOf(spoor)}/search?service=orders`);
    await page.getByRole('list', { name: 'Traces' }).getByText('GET /orders').waitFor();
    expect(await page.locator('html').getAttribute('data-theme')).toBe(theme);
    expect(await seriousViolations(page)).toEqual([]);

    await page.goto(`${pagesOf(spoor)}/trace/${traceId}`);
    await spanNamed(page, 'SELECT orders').click();
    await spans(page).locator('[data-details]').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
  },
);

scenario('the theme is chosen in the header and remembered', async ({ spoor, browser }) => {
  const page = await browser.newPage({ colorScheme: 'light' });
  await page.goto(`${pagesOf(spoor)}/search`);
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  const theme = page.getByRole('button', { name: /^Theme/ });
  await theme.click();
  await theme.click();
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  expect(await background()).not.toBe(light);
  await page.reload();
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
});

scenario('an empty installation says how to send the first span', async ({ spoor, browser }) => {
  const page = await browser.newPage();
  await page.goto(pagesOf(spoor));
  await page.getByText('/v1/traces').first().waitFor();
});

scenario('text that looks like HTML stays text', async ({ spoor, browser }) => {
  const hostile = '<img src=x onerror="document.title=\'owned\'">';
  const traceId = newTraceId();
  const start = nowUnixNano();
  await sendSpans(spoor.addresses.otlpHttp, hostile, [
    jsonSpan({
      traceId,
      name: `name ${hostile}`,
      attributes: [text('html', hostile), text('link', 'javascript:alert(1)'), text(hostile, 'in a key')],
      events: [{ timeUnixNano: String(start), name: `event ${hostile}`, attributes: [text('html', hostile)] }],
      status: { code: 2, message: hostile },
    }),
  ]);
  const page = await browser.newPage();
  await page.goto(`${pagesOf(spoor)}/search?service=${encodeURIComponent(hostile)}`);
  const name = page.getByRole('list', { name: 'Traces' }).getByText(`name ${hostile}`);
  await name.click();
  await spans(page).getByText(`name ${hostile}`).click();
  const details = spans(page).locator('[data-details]');
  await details.getByText(`event ${hostile}`).waitFor();
  await details.getByText('javascript:alert(1)').waitFor();
  expect(await page.locator('img').count()).toBe(0);
  expect(await page.locator('a[href^="javascript:"]').count()).toBe(0);
  expect(await page.title()).not.toBe('owned');
});

scenario('a trace of 50,000 spans opens and scrolls', async ({ spoor, browser }) => {
  const traceId = newTraceId();
  const start = nowUnixNano() - 60_000_000_000n;
  const root = jsonSpan({
    traceId,
    name: 'root',
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + 50_000_000_000n),
  });
  const children = Array.from({ length: 49_999 }, (_, index) => {
    const begin = start + BigInt(index) * 1_000_000n;
    return jsonSpan({
      traceId,
      parentSpanId: root.spanId,
      name: `step ${index + 1}`,
      startTimeUnixNano: String(begin),
      endTimeUnixNano: String(begin + 900_000n),
    });
  });
  const all = [root, ...children];
  for (let sent = 0; sent < all.length; sent += 5_000)
    await sendSpans(spoor.addresses.otlpHttp, 'large', all.slice(sent, sent + 5_000));

  const page = await browser.newPage();
  await page.goto(`${pagesOf(spoor)}/trace/${traceId}`);
  await spans(page).getByText('step 1', { exact: true }).waitFor({ timeout: 60_000 });
  expect(await spans(page).getAttribute('aria-rowcount')).toBe('50001');
  const inDocument = () => spans(page).locator('[data-row]').count();
  expect(await inDocument()).toBeLessThan(300);

  await spans(page).hover();
  await page.mouse.wheel(0, 20_000);
  await waitFor(async () => Number(await spans(page).locator('[data-row]').first().getAttribute('data-row')) > 100, {
    describe: 'rows further down',
  });
  await spans(page).evaluate((element) => {
    element.scrollTop = element.scrollHeight;
  });
  await spans(page).getByText('step 49999', { exact: true }).waitFor();
  expect(await inDocument()).toBeLessThan(300);
});
