import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { findBrowser, openBrowser, warnWithoutBrowser } from './browser.ts';
import { FakeConsolePage } from './fake-console-page.ts';
import type { FakeConsole, Scenario } from './fake-console/index.ts';

/** What the tests of one suite share: a browser for all of them, and for each the page that it opened. */
export interface FakeConsoleSuite {
  readonly fake: FakeConsole;
  readonly page: Page;
  readonly opened: FakeConsolePage;
  readonly open: (scenario: Scenario, hash?: string, colorScheme?: 'light' | 'dark') => Promise<void>;
  /** A name is the whole name: “Next” is not “Next start”. */
  readonly button: (name: string | RegExp) => ReturnType<Page['getByRole']>;
}

/** Declares a suite of tests of the built renderer on a fake console. A test ends with no complaint of its page. */
export function describeConsole(title: string, tests: (suite: FakeConsoleSuite) => void): void {
  const executable = findBrowser();
  if (executable === null) warnWithoutBrowser(title);
  describe.skipIf(executable === null)(title, () => {
    let browser: Browser;
    let opened: FakeConsolePage | null = null;
    const current = () => {
      if (opened === null) throw new Error('the test has not opened a page yet');
      return opened;
    };

    beforeAll(async () => {
      browser = await openBrowser(executable ?? '');
    });
    afterAll(() => browser.close());
    afterEach(async () => {
      const ended = opened;
      opened = null;
      if (ended === null) return; // the page did not open, which the test has told
      await ended.close();
      expect(ended.complaints).toEqual([]);
    });

    tests({
      get fake() {
        return current().fake;
      },
      get page() {
        return current().page;
      },
      get opened() {
        return current();
      },
      open: async (...wanted) => {
        opened = await FakeConsolePage.open(browser, ...wanted);
      },
      button: (name) => current().page.getByRole('button', { name, exact: true }),
    });
  });
}
