import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** A browser whose pages may not complain: a console error, an uncaught error or a CSP violation fails the test. */
export interface GuardedBrowser extends AsyncDisposable {
  /** A page in a context of its own, as a person with a fresh browser would have it. */
  newPage(options?: BrowserContextOptions): Promise<Page>;
  /** What pages complained of so far. */
  problems(): readonly string[];
  /** Takes complaints that the test provokes off the list and returns them. */
  forgive(pattern: RegExp): readonly string[];
  /** Closes the browser; throws when a page complained. */
  close(): Promise<void>;
}

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const WIDE = { width: 1440, height: 900 };

function watch(page: Page, problems: string[]): void {
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console error: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => problems.push(`uncaught error: ${error.stack ?? error.message}`));
  page.on('crash', () => problems.push('the page crashed'));
}

/** Opens a headless browser. `executablePath` comes from `findChromium`. */
export async function openBrowser(executablePath: string): Promise<GuardedBrowser> {
  const browser: Browser = await chromium.launch({ executablePath, args: ARGUMENTS, headless: true });
  const problems: string[] = [];
  const close = async (): Promise<void> => {
    if (!browser.isConnected()) return;
    await browser.close();
    if (problems.length > 0) throw new Error(`the browser complained:\n${problems.join('\n')}`);
  };
  return {
    async newPage(options = {}) {
      const context = await browser.newContext({ viewport: WIDE, locale: 'en-GB', timezoneId: 'UTC', ...options });
      // The event says which directive was violated and by what; the console's line does not always.
      await context.exposeFunction('spoorReportViolation', (what: string) => problems.push(`CSP violation: ${what}`));
      await context.addInitScript(() => {
        addEventListener('securitypolicyviolation', (event) => {
          const report = (globalThis as unknown as { spoorReportViolation(what: string): void }).spoorReportViolation;
          report(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
        });
      });
      const page = await context.newPage();
      watch(page, problems);
      return page;
    },
    problems: () => problems,
    forgive(pattern) {
      const forgiven = problems.filter((problem) => pattern.test(problem));
      problems.splice(0, problems.length, ...problems.filter((problem) => !pattern.test(problem)));
      return forgiven;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
