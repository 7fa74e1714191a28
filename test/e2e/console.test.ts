import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LocalService } from '../../src-main/cli/local-service.ts';
import { formatAddress } from '../../src-main/control/index.ts';
import { compareTrees } from '../../src-main/engine/verify/index.ts';
import { findBrowser, openBrowser, warnWithoutBrowser } from '../support/browser.ts';
import { ConsoleDriver } from '../support/console-driver.ts';
import { ConsoleProcess } from '../support/console-process.ts';
import { eventually } from '../support/eventually.ts';

/** One administrator's first hour: a real console with its service, a second real service, real files. The tests follow each other. */
const executable = findBrowser();
if (executable === null) warnWithoutBrowser('the Management Console with real services');
const PASSWORD = 'correct horse battery';

describe.skipIf(executable === null)('the console with real services', { timeout: 180_000 }, () => {
  const folder = join(realpathSync(mkdtempSync(join(tmpdir(), 'understudy-console-'))));
  const documents = join(folder, 'documents');
  const replica = join(folder, 'documents-replica');
  const archive = join(folder, 'archive');
  let served: ConsoleProcess;
  let beta: LocalService;
  let browser: Browser;
  let page: Page;
  let console: ConsoleDriver;
  const complaints: string[] = [];

  beforeAll(async () => {
    makeTree(documents, 400);
    makeTree(archive, 60);
    served = await ConsoleProcess.start(folder);
    const own = join(folder, 'beta');
    mkdirSync(own);
    const program = resolve(import.meta.dirname, '../../dist/main/understudy.js');
    beta = await LocalService.init({ program, name: 'beta', folder: own, password: PASSWORD });
    await beta.start();
    browser = await openBrowser(executable ?? '');
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })).newPage();
    page.setDefaultTimeout(30_000);
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    console = new ConsoleDriver(page);
    await page.goto(served.address);
  });

  afterAll(async () => {
    await browser.close();
    await beta.stop();
    await served.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    expect(complaints).toEqual([]);
  });

  const equal = (from: string, to: string) =>
    eventually(
      `${to} equals ${from}`,
      async () => {
        const { isEqual, list } = await compareTrees([{ from, to }], { bytes: true });
        if (!isEqual) throw new Error(JSON.stringify(list.slice(0, 3)));
        return true;
      },
      60_000,
    );

  test('the first run protects a folder, and the replica is equal to the byte', async () => {
    await page.getByRole('heading', { name: 'Protect a folder', level: 1 }).waitFor();
    await console.protect(documents, replica);
    await console.waitUntilGood();
    await equal(documents, replica);
  });

  test('changes made afterwards arrive', async () => {
    writeFileSync(join(documents, 'new.txt'), 'made after the mirror');
    appendFileSync(join(documents, 'f-0'), 'and more');
    renameSync(join(documents, 'sub'), join(documents, 'renamed'));
    rmSync(join(documents, 'f-1'));
    await equal(documents, replica);
  });

  test('while paused nothing arrives, and the queue shows; resumed, all does', async () => {
    await console.button('Pause').click();
    await page.getByLabel(/Reason/).fill('backup');
    await page.keyboard.press('Enter');
    await page.getByText(/Everything up to operation \d+ is applied/).waitFor();
    writeFileSync(join(documents, 'while-paused.txt'), 'x'.repeat(5000));
    await page
      .getByText(/^[1-9]\d* ops?\b/)
      .first()
      .waitFor();
    const { list } = await compareTrees([{ from: documents, to: replica }], { bytes: true });
    expect(list.some(({ path, what }) => what === 'missing' && path.endsWith('while-paused.txt'))).toBe(true);
    await console.button('Resume').click();
    await equal(documents, replica);
  });

  test('a second server is added after its fingerprint was compared, refused with a wrong password, then logged in to', async () => {
    await console.goTo('Servers');
    await console.addServer(formatAddress(beta.control), (shown) => expect(shown).toBe(beta.fingerprint));
    await console.logIn('admin', 'not the password');
    await page
      .getByText(/password/i)
      .filter({ hasText: /wrong/i })
      .first()
      .waitFor();
    await console.logIn('admin', PASSWORD);
    await page.getByText('Administrator, as admin').waitFor();
    await console.row('beta', 'Online').waitFor();
  });

  test('a set is made of ticked folders with an exclusion, calculated and saved', async () => {
    await console.goTo('Replication sets');
    await console.button('New set').click();
    await page.getByLabel('Name', { exact: true }).fill('Archive');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Archive', level: 1 }).waitFor();
    await console.tickFolder(archive);
    await page.getByRole('tab', { name: 'Rules (1)' }).click();
    await page.getByLabel('Path or pattern').fill(join(archive, '*.log'));
    await page.getByRole('combobox', { name: 'Rule', exact: true }).selectOption('exclude');
    await console.button('Add rule').click();
    await console.button('Calculate size').click();
    // 60 files and a link at the top, one file below; the log is left out.
    await page.getByText(/in 6\d files and \d folders?/).waitFor();
    await console.button('Save').click();
    await page.getByText('Saved', { exact: true }).first().waitFor();
  });

  test('the wizard connects the set to the second server, and only what it selects arrives', async () => {
    await console.button('Connect…').click();
    await page.getByRole('radio', { name: /^beta/ }).check();
    await console.button('Next').click();
    await page.getByRole('textbox', { name: 'Folder on beta' }).fill(join(folder, 'taken'));
    const arrival = join(folder, 'taken', archive);
    await page.getByRole('cell', { name: arrival, exact: true }).waitFor();
    await console.button('Next').click();
    await page.getByRole('radio', { name: /Differences by content/ }).check();
    await console.button('Next').click();
    await console.button('Start').click();
    await page.getByRole('tab', { name: 'Overview' }).waitFor();
    await console.waitUntilGood();
    await eventually('equal but for the log', async () => {
      const { list } = await compareTrees([{ from: archive, to: arrival }], { bytes: true });
      expect(list.filter(({ what }) => what !== 'modified').map(({ path, what }) => [path, what])).toEqual([
        [join(archive, 'noise.log'), 'missing'],
      ]);
      return true;
    });
  });

  test('a place below a file is refused with the reason, at the step that can put it right', async () => {
    await console.goTo('Connections');
    await page.getByRole('link', { name: 'Connect a set' }).or(console.button('Connect a set')).first().click();
    await console.button('Next').click();
    await page.getByRole('radio', { name: /Archive/ }).check();
    await console.button('Next').click();
    await page.getByRole('radio', { name: /^beta/ }).check();
    await console.button('Next').click();
    await page.getByRole('textbox', { name: 'Folder on beta' }).fill(join(documents, 'f-2'));
    await page.getByRole('cell', { name: join(documents, 'f-2', archive), exact: true }).waitFor();
    await console.button('Next').click();
    await console.button('Next').click();
    await console.button('Start').click();
    await page.getByText('Not connected').waitFor();
    await page
      .getByText(/f-2.*not a folder/)
      .first()
      .waitFor();
    await console.button('Change the paths').click();
    await page.getByRole('heading', { name: 'Where do they go?' }).waitFor();
  });

  test('a stopped service shows as unreachable with its cause, and comes back by itself', async () => {
    await beta.stop();
    await console.goTo('Servers');
    await console.row('beta', 'Unreachable').waitFor();
    await beta.start();
    await console.row('beta', 'Login required').or(console.row('beta', 'Online')).waitFor();
  });

  test('disconnecting says what it does, and leaves the replica in place', async () => {
    await console.goTo('Connections');
    await console.row('documents').click();
    await console.button('Disconnect…').click();
    await page.getByText('No file is deleted on either side.').waitFor();
    await console.button('Disconnect').click();
    await eventually('gone', async () => (await console.row('documents').count()) === 0, 30_000);
    await equal(documents, replica);
  });

  test('the message log tells what happened', async () => {
    await console.goTo('Messages');
    for (const words of [
      ['connected', 'documents'],
      ['Archive', 'mirror is complete'],
      ['disconnected', 'documents'],
    ]) {
      await page.getByRole('searchbox').fill(words.join(' '));
      await page.getByRole('row').nth(1).waitFor();
    }
  });
});

/** Files, a sub-folder, an empty folder, a link, a name that is not plain, and one that the exclusion is for. */
function makeTree(root: string, files: number): void {
  mkdirSync(join(root, 'sub', 'deeper'), { recursive: true });
  mkdirSync(join(root, 'empty'));
  for (let at = 0; at < files; at++) writeFileSync(join(root, `f-${at}`), `${at} `.repeat(at * 20));
  writeFileSync(join(root, 'sub', 'deeper', 'odd; name #1\n.txt'), 'odd');
  writeFileSync(join(root, 'noise.log'), 'noise');
  symlinkSync('f-0', join(root, 'link'));
}
