import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { routes } from '../support/fake-console-page.ts';
import { describeConsole } from '../support/fake-console-suite.ts';

const { documents, halted, troubled } = routes;

describeConsole('the Management Console for every person', (suite) => {
  const { open, button } = suite;
  /** In the second theme the same elements have other colours, and nothing else is new. */
  const violations = async (theme: 'light' | 'dark', inside = 'html') => {
    const axe = new AxeBuilder({ page: suite.page }).include(inside);
    const found = await (theme === 'light' ? axe : axe.withRules(['color-contrast'])).analyze();
    return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' | ')}`);
  };

  const pages = [
    ['#/protect', 'Protect a folder'],
    ['#/connections', 'Connections'],
    [documents, 'Connections'],
    [halted, 'Connections'],
    [troubled, 'Connections'],
    ['#/servers/gamma', 'Servers'],
    ['#/servers/beta', 'Servers'],
    ['#/sets', 'Replication sets'],
    ['#/sets/alpha/Documents', 'Documents'],
    ['#/connect/alpha', 'Connect a set'],
    ['#/messages', 'Messages'],
    ['#/script', 'Script'],
    [documents.replace('connections', 'limits'), 'Limits and schedule'],
  ] as const;
  const dialogs = [
    ['#/servers', 'Add a server'],
    ['#/servers/delta', 'Log in…'],
    ['#/servers/beta', 'Remove…'],
    ['#/servers/beta', 'Accounts…'],
    [documents, 'Pause'],
    [documents, 'Mirror…'],
    [documents, 'Disconnect…'],
    ['#/sets', 'New set'],
  ] as const;

  describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
    test('every page has its heading, fits 1280 by 800 and has no accessibility violation', async () => {
      await open('busy', '', theme);
      for (const [hash, title] of pages) {
        await suite.page.goto(suite.fake.address + hash);
        await suite.page.getByRole('heading', { name: title, level: 1 }).waitFor();
        // Not `waitForFunction`: it evaluates inside the page from the second look on, which the page's content policy refuses.
        await eventually('nothing is being loaded', () =>
          suite.opened.run<boolean>(`!document.querySelector('main [role=status]')?.textContent.includes('…')`),
        );
        const wider = await suite.opened.run<string[]>(
          `[document.documentElement, ...document.querySelectorAll('.page, .grid, .detail')]
            .filter((part) => part.scrollWidth > part.clientWidth + 1)
            .map((part) => part.className)`,
        );
        expect([hash, wider]).toEqual([hash, []]);
        expect([hash, await violations(theme)]).toEqual([hash, []]);
      }
    }, 240_000);

    test('every part of a connection has no accessibility violation', async () => {
      await open('busy', documents, theme);
      for (const tab of await suite.page.getByRole('tab').all()) {
        await tab.click();
        expect([await tab.textContent(), await violations(theme, '.detail')]).toEqual([await tab.textContent(), []]);
      }
    });

    test('every dialog takes the focus, has no violation and gives the focus back', async () => {
      await open('busy', '', theme);
      for (const [hash, opener] of dialogs) {
        await suite.page.goto(suite.fake.address + hash);
        await button(opener).click();
        const dialog = suite.page.locator('.bx--modal.is-visible');
        await dialog.waitFor();
        await eventually('the focus is inside', () =>
          suite.opened.run<boolean>(`document.activeElement.closest('.bx--modal.is-visible') !== null`),
        );
        expect([opener, await violations(theme, '.bx--modal.is-visible')]).toEqual([opener, []]);
        await suite.page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'hidden' });
        await eventually(`the focus is back on ${opener}`, async () => (await suite.opened.focusedName()) === opener);
      }
    });
  });

  test('the theme follows the system until one is chosen, and the choice survives a reload', async () => {
    await open('busy', '#/servers', 'dark');
    const theme = () => suite.page.locator('html').getAttribute('theme');
    expect(await theme()).toBe('g100');
    await suite.page.emulateMedia({ colorScheme: 'light' });
    await eventually('light', async () => (await theme()) === 'g10');
    await suite.page.getByLabel('Dark theme').check({ force: true });
    await eventually('dark', async () => (await theme()) === 'g100');
    await suite.page.reload();
    await suite.page.locator('h1:not(.visually-hidden)').waitFor();
    expect(await theme()).toBe('g100');
  });

  test('the skip link is first and leads past the navigation', async () => {
    await open('busy', '#/servers');
    await suite.page.keyboard.press('Tab');
    expect(await suite.opened.focusedName()).toBe('Skip to main content');
    await suite.page.keyboard.press('Enter');
    expect(await suite.opened.run(`document.activeElement.id`)).toBe('main-content');
    expect(suite.page.url()).toContain('#/servers');
  });
});
