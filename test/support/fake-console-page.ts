import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startFakeConsole, type FakeConsole, type Scenario } from './fake-console/index.ts';

/** The built renderer in a browser page, on a console that can be put into any state. */
export class FakeConsolePage {
  readonly fake: FakeConsole;
  readonly page: Page;
  /** What the page did wrong by itself, or what its policy refused. A test ends with none. */
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;

  private constructor(fake: FakeConsole, context: BrowserContext, page: Page) {
    this.fake = fake;
    this.#context = context;
    this.page = page;
    page.setDefaultTimeout(30_000);
    page.on('console', (message) => {
      // A cut link is a part of the play.
      if (message.type() === 'error' && !message.text().startsWith('WebSocket connection')) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  static async open(
    browser: Browser,
    scenario: Scenario,
    hash = '',
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<FakeConsolePage> {
    const fake = await startFakeConsole(scenario, 'dist/renderer');
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme, reducedMotion: 'reduce' });
    const opened = new FakeConsolePage(fake, context, await context.newPage());
    try {
      await opened.page.goto(fake.address + hash);
      await opened.page.locator('h1:not(.visually-hidden)').waitFor();
      return opened;
    } catch (error) {
      // Left open, its fake would go on moving and take the time of all tests after it.
      await opened.close();
      throw error;
    }
  }

  /** Runs a script in the page. Scripts are texts: this side does not have the page's types. */
  run<T>(script: string): Promise<T> {
    return this.page.evaluate<T>(script);
  }

  /** The name of what has the focus. */
  focusedName(): Promise<string> {
    return this.run(`document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()`);
  }

  async close(): Promise<void> {
    await this.#context.close();
    await this.fake.close();
  }
}

/** Connections of the `busy` scenario by what they show. */
export const routes = {
  documents: '#/connections/alpha/00000000-0000-4000-8000-000000000001',
  troubled: '#/connections/alpha/00000000-0000-4000-8000-000000000004',
  halted: '#/connections/alpha/00000000-0000-4000-8000-000000000005',
} as const;
