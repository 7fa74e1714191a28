import type { Page } from 'playwright-core';

/** What a person does in the console, for tests and pictures alike. Each step ends when the screen shows its result. */
export class ConsoleDriver {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  button(name: string) {
    return this.page.getByRole('button', { name, exact: true });
  }

  async goTo(
    section:
      | 'Protect a folder'
      | 'Connections'
      | 'Replication sets'
      | 'Rotations'
      | 'Backups'
      | 'Restores'
      | 'Servers'
      | 'Messages'
      | 'Script',
  ): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: section }).click();
    await this.page.getByRole('heading', { name: section, level: 1 }).waitFor();
  }

  /** The three steps of the first run; ends on the running connection. */
  async protect(folder: string, replica: string): Promise<void> {
    const { page } = this;
    await page.getByRole('treeitem').first().waitFor();
    await page.getByLabel(/^Folder on /).fill(folder);
    await this.button('Next').click();
    await page.getByLabel(/^Folder for the replica on /).fill(replica);
    await page.getByRole('cell', { name: replica, exact: true }).waitFor();
    await this.button('Next').click();
    await this.button('Start protecting').click();
    await page.getByRole('tab', { name: 'Overview' }).waitFor();
  }

  /** Probes, shows the fingerprint, gives it to `compare`, adds the server. Ends before the login. */
  async addServer(address: string, compare: (shown: string) => void): Promise<void> {
    const { page } = this;
    await this.button('Add a server').click();
    await page.getByLabel('Address', { exact: true }).fill(address);
    await this.button('Contact').click();
    await page.getByText('I have compared the fingerprint').waitFor();
    compare(await page.locator('.fingerprint').innerText());
    await page.getByText('I have compared the fingerprint').click();
    await this.button('Add server').click();
    await page.getByLabel('User').waitFor();
  }

  async logIn(user: string, password: string): Promise<void> {
    await this.page.getByLabel('User').fill(user);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.button('Log in').click();
  }

  /** The row of a list that holds all the words. */
  row(...words: readonly string[]) {
    let row = this.page.getByRole('row');
    for (const word of words) row = row.filter({ hasText: word });
    return row;
  }

  /** Waits until the open connection has mirrored everything and follows its source. */
  async waitUntilGood(timeoutMs = 60_000): Promise<void> {
    const facts = this.page.locator('.overview .facts');
    await facts.getByText('Good', { exact: true }).waitFor({ timeout: timeoutMs });
  }

  /** Goes to a path in the tree and ticks it. */
  async tickFolder(path: string): Promise<void> {
    await this.openFolder(path);
    await this.page.keyboard.press('Space');
  }

  /** Opens the folders on the way to a path in the tree and goes to the last, all by keys: only lines in view are in the page. */
  async openFolder(path: string): Promise<void> {
    const { page } = this;
    await page.getByRole('treeitem').first().waitFor();
    await page.getByRole('tree').focus();
    await page.keyboard.press('Home');
    const names = ['/', ...path.split('/').filter((name) => name !== '')];
    for (const [at, name] of names.entries()) {
      const active = page
        .locator(`[role=treeitem].active[aria-level="${at + 1}"]`)
        .filter({ has: page.getByText(name, { exact: true }) });
      // A name may begin another one that comes first: type again until the line is the right one.
      for (let tries = 0; (await active.count()) === 0; tries++) {
        if (tries === 50) throw new Error(`the tree has no line for ${name} of ${path}`);
        await page.keyboard.type(name);
        await new Promise((done) => setTimeout(done, 900));
      }
      if (at < names.length - 1 && (await active.getAttribute('aria-expanded')) !== 'true') {
        await page.keyboard.press('ArrowRight');
        await page.locator('[role=treeitem].active[aria-expanded=true]').waitFor();
        await page.getByText('listing…').waitFor({ state: 'detached' });
      }
    }
  }
}
