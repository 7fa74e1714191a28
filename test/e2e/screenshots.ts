/**
 * Takes the pictures of the documentation from a real console with two real services: `npm run screenshots [-- FOLDER] [--only NAME,…]
 * [--wide]`. `--only`: these, though all is walked through. `--wide`: each also 1920 by 1080, for a look at a large screen.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  appendFileSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { ensureBuilt } from '../../src-main/cli/build-state.ts';
import { LocalService } from '../../src-main/cli/local-service.ts';
import { formatAddress } from '../../src-main/control/index.ts';
import { findBrowser, openBrowser } from '../support/browser.ts';
import { ConsoleDriver } from '../support/console-driver.ts';
import { ConsoleProcess } from '../support/console-process.ts';

const PASSWORD = 'a password for the pictures';
const projectRoot = resolve(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, wide: { type: 'boolean', default: false } },
});
const target = resolve(positionals[0] ?? join(projectRoot, 'docs/screenshots'));
const wanted = values.only === undefined ? null : new Set(values.only.split(','));
const usual = { width: 1280, height: 800, suffix: '' };
const sizes = values.wide ? [usual, { width: 1920, height: 1080, suffix: '-wide' }] : [usual];

/** Names that read well in a picture, as far as this machine lets us use them; never over something that exists. */
function placesForFiles(scratch: string): { data: string; replicas: string } {
  const [data, replicas] = ['/srv/data', '/srv/replicas'];
  try {
    accessSync('/srv', constants.W_OK);
    if (!existsSync(data) && !existsSync(replicas)) return { data, replicas };
  } catch {
    // No right to write there: the scratch folder does, with longer names in the pictures.
  }
  return { data: join(scratch, 'data'), replicas: join(scratch, 'replicas') };
}

function makeFiles(data: string): void {
  const folders = [
    'archive',
    'contracts',
    'databases',
    'documents',
    'invoices',
    'letters',
    'mail',
    'photos',
    'projects',
    'reports',
    'scans',
    'templates',
  ];
  for (const folder of folders) {
    for (const year of ['2024', '2025', '2026']) {
      const path = join(data, folder, year);
      mkdirSync(path, { recursive: true });
      for (let at = 0; at < 40; at++) writeFileSync(join(path, `${folder}-${year}-${at}.odt`), randomBytes(500 + at * 900));
    }
  }
  for (let at = 0; at < 90; at++) writeFileSync(join(data, 'databases', `table-${at}.db`), randomBytes(12 * 1024 * 1024));
}

/** Mounts a volume that has snapshots there, if this user may; returns how it goes away again, or null. */
function mountVolume(folder: string, scratch: string): (() => void) | null {
  const image = join(scratch, 'replicas.xfs');
  const run = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;
  mkdirSync(folder, { recursive: true });
  writeFileSync(image, '');
  truncateSync(image, 8 * 1024 ** 3);
  if (!run('mkfs.xfs', '-q', image) || !run('mount', '-o', 'loop', image, folder)) return null;
  return () => void run('umount', '--lazy', folder);
}

/** Writes changes in waves until it is stopped, so that the charts have something to show. */
function keepBusy(folder: string): () => void {
  let step = 0;
  const timer = setInterval(() => {
    step++;
    const size = Math.round(60_000 * (1.2 + Math.sin(step / 18)) * (1 + Math.random()));
    for (let at = 0; at < 4; at++) writeFileSync(join(folder, `draft-${(step + at) % 30}.odt`), randomBytes(size));
  }, 200);
  return () => clearInterval(timer);
}

async function main(): Promise<void> {
  const executable = findBrowser();
  if (executable === null) throw new Error('No browser was found. Install chromium, or name one with the variable CHROMIUM.');
  ensureBuilt(projectRoot, (line) => process.stdout.write(`${line}\n`));
  mkdirSync(target, { recursive: true });
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'understudy-pictures-')));
  const { data, replicas } = placesForFiles(scratch);
  const ends: (() => Promise<void> | void)[] = [];
  try {
    ends.push(() => rmSync(scratch, { recursive: true, force: true }));
    ends.push(() => [data, replicas].forEach((folder) => rmSync(folder, { recursive: true, force: true })));
    makeFiles(data);
    const unmount = mountVolume(replicas, scratch);
    if (unmount === null) process.stdout.write('Without root and xfs there is no picture of snapshots.\n');
    else ends.push(unmount);
    const served = await ConsoleProcess.start(scratch, 'alpha');
    ends.push(() => served.stop());
    mkdirSync(join(scratch, 'beta'));
    const program = join(projectRoot, 'dist/main/understudy.js');
    const beta = await LocalService.init({ program, name: 'beta', folder: join(scratch, 'beta'), password: PASSWORD });
    await beta.start();
    ends.push(() => beta.stop());
    const browser = await openBrowser(executable);
    ends.push(() => browser.close());
    const page = await (await browser.newContext({ viewport: usual, reducedMotion: 'reduce' })).newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(served.address);
    await walk(page, {
      ...{ data, replicas, betaAddress: formatAddress(beta.control), hasSnapshots: unmount !== null },
      onEnd: (end) => ends.push(end),
    });
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

interface Places {
  readonly data: string;
  readonly replicas: string;
  readonly betaAddress: string;
  readonly hasSnapshots: boolean;
  readonly onEnd: (end: () => void) => void;
}

/** One pass through all screens, a picture of each in both themes. */
async function walk(page: Page, { data, replicas, betaAddress, hasSnapshots, onEnd }: Places): Promise<void> {
  const driver = new ConsoleDriver(page);
  const take = async (name: string) => {
    if (wanted !== null && !wanted.has(name)) return;
    // Short reports of what was just done would hide a corner.
    await page.getByRole('region', { name: 'Notices' }).locator('> *').first().waitFor({ state: 'detached' });
    for (const size of sizes) {
      await page.setViewportSize(size);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.locator(`html[theme=${colorScheme === 'dark' ? 'g100' : 'g10'}]`).waitFor();
        // Two frames: the charts are drawn anew for the theme.
        await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
        await page.screenshot({ path: join(target, `${name}-${colorScheme}${size.suffix}.png`) });
      }
    }
    await page.setViewportSize(usual);
    process.stdout.write(`${name}\n`);
  };

  /** Gives an order on the page for scripts, and waits until it has been carried out. */
  const order = async (command: string) => {
    await page.getByRole('textbox', { name: 'Command' }).fill(command);
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByText(command).last().waitFor();
    await driver.button('Stop').waitFor({ state: 'detached' });
  };

  /** Scrolls the tree until this line is the first. */
  const showFrom = async (name: string) => {
    await page.evaluate(`(() => {
      const tree = document.querySelector('[role=tree]');
      const line = [...tree.querySelectorAll('[role=treeitem]')].find((one) => one.textContent.trim() === ${JSON.stringify(name)});
      tree.scrollTop += line.getBoundingClientRect().top - tree.getBoundingClientRect().top - 1;
    })()`);
  };

  // The first run: the folder that is chosen lies in view, with its neighbours.
  await driver.openFolder(join(data, 'documents'));
  await page.keyboard.press('ArrowRight');
  await page.getByText('2026', { exact: true }).waitFor();
  await showFrom('data');
  await take('protect-1-folder');
  await driver.button('Next').click();
  await page.getByLabel(/^Folder for the replica on /).fill(join(replicas, 'documents'));
  await page.getByRole('cell', { name: join(replicas, 'documents'), exact: true }).waitFor();
  await take('protect-2-replica');
  await driver.button('Next').click();
  await take('protect-3-start');
  await driver.button('Start protecting').click();
  await driver.waitUntilGood();
  onEnd(keepBusy(join(data, 'documents')));

  await driver.goTo('Servers');
  await driver.button('Add a server').click();
  await page.getByLabel('Address', { exact: true }).fill(betaAddress);
  await driver.button('Contact').click();
  await page.getByText('I have compared the fingerprint').click();
  await take('add-server');
  await driver.button('Add server').click();
  await driver.logIn('admin', PASSWORD);
  await page.getByText('Administrator, as admin').waitFor();
  // Else the mirror would be over before its picture is taken.
  await driver.goTo('Script');
  await order('source alpha');
  await order('limit bandwidth 40000000, 1 to beta');

  await driver.goTo('Replication sets');
  await driver.button('New set').click();
  await page.getByLabel('Name', { exact: true }).fill('Databases');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Databases', level: 1 }).waitFor();
  await driver.tickFolder(join(data, 'databases'));
  await page.getByRole('tab', { name: 'Rules (1)' }).click();
  await page.getByLabel('Path or pattern').fill(join(data, 'databases', '*.tmp'));
  await page.getByRole('combobox', { name: 'Rule', exact: true }).selectOption('exclude');
  await driver.button('Add rule').click();
  await driver.button('Calculate size').click();
  await page.getByText(/ files and /).waitFor();
  await driver.button('Save').click();
  await page.getByText('Saved', { exact: true }).first().waitFor();
  await take('set-rules');
  await page.getByRole('tab', { name: 'Folders' }).click();
  await driver.openFolder(join(data, 'databases'));
  await page.keyboard.press('ArrowRight');
  await showFrom('data');
  await take('set-folders');

  await driver.button('Connect…').click();
  await page.getByRole('radio', { name: /^beta/ }).check();
  await driver.button('Next').click();
  await page.getByRole('textbox', { name: 'Folder on beta' }).fill(replicas);
  await page.getByRole('cell', { name: `${replicas}${data}/databases`, exact: true }).waitFor();
  await take('connect-paths');
  await driver.button('Next').click();
  await take('connect-options');
  await driver.button('Next').click();
  await take('connect-summary');
  await driver.button('Start').click();
  await page
    .getByText(/^([2-9]|[1-9]\d) %$/)
    .first()
    .waitFor();
  await take('mirror');
  await driver.goTo('Script');
  await order('limit bandwidth off to beta');
  await driver.goTo('Connections');
  await driver.row('Databases').click();
  await driver.waitUntilGood();
  await page.getByRole('tab', { name: 'Statistics' }).click();
  await take('statistics');

  // A minute of changes fills the charts.
  await driver.row('documents').click();
  await page.waitForTimeout(45_000);
  await take('connection');
  await driver.button('Mirror…').click();
  await page.getByText('Then look for orphans').click();
  await take('mirror-choice');
  await page.getByText('Then look for orphans').click();
  await driver.button('Find out first what it would do').click();
  await page.getByRole('button', { name: 'Save as JSON' }).waitFor();
  await take('plan');
  await page.getByRole('tab', { name: /^Orphans/ }).click();
  await driver.button('Search for orphans…').click();
  await driver.button('Start the search').click();
  await page.getByText('No orphans').waitFor();
  await take('orphans');
  await page.getByRole('tab', { name: 'Overview' }).click();
  await page.getByRole('link', { name: 'Change…' }).click();
  await page.getByRole('radio', { name: /At most so much/ }).check();
  await page.getByLabel('The most in each second', { exact: true }).fill('50');
  await driver.button('Next').click();
  await page.getByLabel('Send only within a part of the day').check();
  await page.getByLabel('At a time', { exact: true }).check();
  await page.getByText('Next starts by the clock').waitFor();
  await take('limits');
  await driver.button('Cancel').click();
  await driver.row('Databases').click();
  await driver.button('Disconnect…').click();
  await page.getByText('No file is deleted on either side.').waitFor();
  await take('disconnect');
  await driver.button('Cancel').click();
  await driver.goTo('Servers');
  await driver.row('beta', 'Online').click();
  await page.getByRole('cell', { name: 'Databases', exact: true }).waitFor();
  await take('servers');
  await driver.button('Accounts…').click();
  await page.getByRole('dialog').getByRole('cell', { name: 'Administrator' }).waitFor();
  await page.getByRole('dialog').getByLabel('User').fill('night-watch');
  await take('accounts');
  await page.keyboard.press('Escape');
  await driver.goTo('Replication sets');
  await take('sets');
  await driver.goTo('Messages');
  await page.getByRole('row').nth(1).waitFor();
  await take('messages');
  await driver.goTo('Script');
  for (const command of ['status', 'repset display Databases']) await order(command);
  await page.getByRole('log').getByText('*.tmp').waitFor();
  await take('script');
  await walkTurns(page, driver, { replicas, order, take });
  if (hasSnapshots) await walkSnapshots(page, driver, take);
  await walkRestores(page, driver, { data, replicas, take });
  await walkTroubles(page, driver, { data, replicas, order, take });
  await driver.goTo('Servers');
  await driver.row('beta', 'Online').click();
  await driver.button('Log out').click();
  await driver.button('Log in…').click();
  await page.getByLabel('User').fill('night-watch');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await take('login');
}

interface Tools {
  readonly replicas: string;
  readonly order: (command: string) => Promise<void>;
  readonly take: (name: string) => Promise<void>;
}

/** What needs a second replica of the set, with which the first one takes turns. */
async function walkTurns(page: Page, driver: ConsoleDriver, { replicas, order, take }: Tools): Promise<void> {
  await order(`$day = conid Databases to beta map base ${replicas}`);
  await order(`$night = connect Databases to beta map base ${replicas}/night`);
  await order('wait on mirror $night');
  await driver.goTo('Rotations');
  await page.getByRole('link', { name: 'New rotation' }).click();
  await page.getByLabel('Name of the rotation').fill('Day and night');
  for (const [at, name] of ['day', 'night'].entries())
    await page
      .getByLabel(/^Name of the slot/)
      .nth(at)
      .fill(name);
  await take('rotation-slots');
  await driver.button('Next').click();
  await page.getByLabel('Slot of time 1').selectOption('day');
  await driver.button('Add a time').click();
  await page.getByLabel('Time 2', { exact: true }).fill('00:00');
  await page.getByLabel('Slot of time 2').selectOption('night');
  await take('rotation-times');
  await driver.button('Cancel').click();
  await driver.goTo('Script');
  await order('rotation create "Day and night"');
  for (const slot of ['day', 'night']) await order(`rotation slot add "Day and night" ${slot} connection $${slot}`);
  await order('rotation at "Day and night" 12:00 to day');
  await order('rotation at "Day and night" 00:00 to night');
  await driver.goTo('Rotations');
  await driver.row('Day and night').click();
  await page.getByRole('row', { name: /^night.*At rest/ }).waitFor();
  await take('rotations');
  await driver.button('Simulate').click();
  await page.getByText('what each would do as things stand').waitFor();
  await take('rotation-simulation');
  await driver.button('Edit…').click();
  for (let step = 0; step < 2; step++) await driver.button('Next').click();
  await take('rotation-order');
  await driver.button('Next').click();
  await page.getByText('The next 5 starts').waitFor();
  await take('rotation-summary');
  await driver.button('Cancel').click();
  await driver.goTo('Servers');
  await driver.row('beta', 'Online').click();
  await page.getByRole('button', { name: 'More for Databases' }).last().click();
  await page.getByRole('menuitem', { name: 'Certificates…' }).click();
  await driver.button('Make a certificate now').click();
  await page.getByRole('button', { name: /^Export the certificate/ }).waitFor();
  await take('certificates');
  await page.keyboard.press('Escape');
  await driver.goTo('Backups');
  await driver.row('Day and night/night').click();
  await driver.button('Begin a window…').click();
  await page.getByLabel('Owner').fill('restic@backup');
  await page.getByLabel('Reason').fill('Nightly backup');
  await take('backup-begin');
  await page.getByRole('dialog').getByRole('button', { name: 'Begin', exact: true }).click();
  await driver.row('Day and night/night', 'Being read').waitFor();
  await page.getByText('restic@backup, just now').waitFor({ state: 'detached' });
  await take('backups');
}

/** States of the live replica that its target keeps. */
async function walkSnapshots(page: Page, driver: ConsoleDriver, take: Tools['take']): Promise<void> {
  await driver.goTo('Servers');
  await driver.row('beta', 'Online').click();
  await page.getByRole('button', { name: 'More for Databases' }).first().click();
  await page.getByRole('menuitem', { name: 'Snapshots…' }).click();
  for (const name of ['before the upgrade', 'month’s end']) {
    await driver.button('Take a snapshot…').click();
    await page.getByLabel('Name (may stay empty)').fill(name);
    await driver.button('Take it').click();
    await page.getByRole('dialog').getByText(name, { exact: true }).waitFor();
  }
  await take('snapshots');
  await page
    .getByRole('button', { name: /^More for the snapshot/ })
    .last()
    .click();
  await page.getByRole('menuitem', { name: 'Set the replica back…' }).click();
  await page.getByLabel(/to confirm$/).waitFor();
  await take('snapshot-revert');
  await page.keyboard.press('Escape');
}

/** Some files come back beside what is there, and a drill tries more of them. */
async function walkRestores(
  page: Page,
  driver: ConsoleDriver,
  { data, replicas, take }: { data: string; replicas: string; take: Tools['take'] },
): Promise<void> {
  const next = async () => driver.button('Next').click();
  await driver.goTo('Restores');
  await page.getByRole('link', { name: 'New restore or drill' }).click();
  await page.getByLabel('Server that holds the data').selectOption('beta');
  await page.getByRole('radio', { name: /^A replica/ }).check();
  await take('restore-what');
  await next();
  await page.getByRole('radio', { name: /^Only these/ }).check();
  await page.getByLabel(/^Paths on/).fill([1, 2, 3].map((at) => join(data, 'databases', `table-${at}.db`)).join('\n'));
  await next();
  await page.getByRole('radio', { name: /^Below a folder/ }).check();
  await page.getByLabel(/^Folder on/).fill(join(replicas, 'restored'));
  await take('restore-where');
  for (let step = 0; step < 2; step++) await next();
  await driver.button('Make the plan').click();
  await driver.button('Restore this').waitFor();
  await page.getByRole('cell', { name: 'Create', exact: true }).first().waitFor();
  await take('restore-plan');
  await driver.button('Restore this').click();
  await page.getByText('The report lists no differences.').waitFor();
  await take('restore-report');
  await page.getByRole('link', { name: 'New restore or drill' }).click();
  await page.getByLabel('Server that holds the data').selectOption('beta');
  await page.getByRole('radio', { name: /^Drill/ }).check();
  await next();
  await page.getByLabel('How many files').fill('8');
  await next();
  await page.getByLabel(/^Folder on/).fill(join(replicas, 'drills'));
  await next();
  await driver.button('Start the drill').click();
  await page.getByText(/^8 of \d+ files drawn/).waitFor();
  await take('restore-drill');
}

/** What needs something to be wrong, and so comes last: a copy that somebody changed, one that cannot be written, and what is kept although deleted. */
async function walkTroubles(
  page: Page,
  driver: ConsoleDriver,
  { data, replicas, order, take }: Tools & { readonly data: string },
): Promise<void> {
  const file = (side: string, at: number) => join(side, 'documents', '2024', `documents-2024-${at}.odt`);
  const tab = (name: string | RegExp) => page.getByRole('tab', { name }).click();
  await driver.goTo('Connections');
  await driver.row('documents').click();
  for (const at of [3, 8]) appendFileSync(file(replicas, at), 'changed by somebody');
  await tab('Verify');
  await driver.button('Verify…').click();
  await page.getByRole('radio', { name: /^Every byte/ }).check();
  await driver.button('Start verifying').click();
  await driver.button('Show').click();
  await page.getByRole('cell', { name: /documents-2024-8/ }).waitFor();
  await take('connection-verify');
  const canBeLocked = spawnSync('chattr', ['+i', file(replicas, 5)]).status === 0;
  if (canBeLocked) {
    writeFileSync(file(data, 5), randomBytes(4000));
    await tab(/^Problems \(/);
    await page.getByText(file(replicas, 5)).waitFor();
    await take('connection-problems');
    spawnSync('chattr', ['-i', file(replicas, 5)]);
  }
  await tab('Paths');
  await take('connection-paths');
  await tab('Settings');
  await page.getByRole('form', { name: 'This connection' }).waitFor();
  await take('connection-settings');

  await driver.goTo('Script');
  await order('set 1 deletes.isIgnored = yes');
  rmSync(file(data, 11));
  await driver.goTo('Servers');
  await driver.row('alpha', 'This machine').click();
  await page.getByRole('button', { name: /kept deleted$/ }).waitFor();
  await driver.goTo('Restores');
  await page.getByRole('link', { name: 'New restore or drill' }).click();
  await page.getByLabel('Server that holds the data').selectOption('alpha');
  await page.getByRole('radio', { name: /^A replica/ }).check();
  for (let step = 0; step < 2; step++) await driver.button('Next').click();
  await page.getByRole('radio', { name: /^Below a folder/ }).check();
  await page.getByLabel(/^Folder on/).fill(join(replicas, 'returned'));
  await driver.button('Next').click();
  await page.getByRole('radio', { name: /^Restore at once/ }).check();
  await driver.button('Next').click();
  await driver.button('Restore').click();
  await page.getByText('The report lists no differences.').waitFor();
  await take('restore-warnings');
}

await main();
