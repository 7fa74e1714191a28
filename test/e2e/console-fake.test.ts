import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { routes } from '../support/fake-console-page.ts';
import { describeConsole } from '../support/fake-console-suite.ts';
import { FakeFailure } from '../support/fake-console/index.ts';

const { documents, halted } = routes;

describeConsole('the Management Console in a browser', (suite) => {
  const { open, button } = suite;
  const snapshot = (number: number) => suite.fake.world.connection('alpha', number);

  test('a first run leads in three steps to a running connection', async () => {
    await open('empty');
    await suite.page.getByLabel('Folder on alpha', { exact: true }).fill('/srv/documents');
    await button('Next').click();
    await suite.page.getByRole('cell', { name: '/srv/documents-replica' }).waitFor();
    await suite.page.getByLabel('Folder for the replica on alpha').fill('/backup/docs');
    await suite.page.getByRole('cell', { name: '/backup/docs' }).waitFor();
    await button('Next').click();
    await button('Start protecting').click();
    await suite.page.getByRole('heading', { name: 'documents: alpha to alpha' }).waitFor();
    await suite.page.getByRole('progressbar').first().waitFor();
    expect(suite.fake.world.set('alpha', 'documents')).toMatchObject({
      saved: true,
      rules: [{ path: '/srv/documents', verdict: 'include', recursive: true }],
    });
    expect(snapshot(100).roots).toEqual([{ from: '/srv/documents', to: '/backup/docs' }]);
    await eventually('the mirror is complete', () => snapshot(100).mirror.kind === 'idle');
    await suite.page.getByText('Good').first().waitFor();
  });

  test('a refused start shows why and leads back to the step that can be corrected', async () => {
    await open('empty');
    await suite.page.getByLabel('Folder on alpha', { exact: true }).fill('/srv/documents');
    await button('Next').click();
    await suite.page.getByRole('cell', { name: '/srv/documents-replica' }).waitFor();
    await button('Next').click();
    suite.fake.world.nextConnectFailure = new FakeFailure(
      'permission-denied',
      '/srv/documents-replica cannot be written: permission denied. Choose another folder.',
    );
    await button('Start protecting').click();
    await suite.page.getByText('cannot be written: permission denied').waitFor();
    await button('Change the replica’s place').click();
    await suite.page.getByLabel('Folder for the replica on alpha').fill('/backup/docs');
    await suite.page.getByRole('cell', { name: '/backup/docs' }).waitFor();
    await button('Next').click();
    await button('Start protecting').click();
    await suite.page.getByRole('heading', { name: 'documents: alpha to alpha' }).waitFor();
  });

  test('settings are typed, checked, shown as a script and saved together; a wrong value is named and keeps the rest from being saved', async () => {
    await open('busy', documents);
    await suite.page.getByRole('tab', { name: 'Settings' }).click();
    const line = suite.page.getByRole('form', { name: 'All connections from alpha to beta' });
    const rate = line.getByLabel('Bytes per sec');
    await rate.fill('12');
    await line.getByText('Not a value').waitFor();
    expect(await line.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await rate.fill('1048576');
    await line.getByText('set 1 limits.bytesPerSec = 1048576;').waitFor();
    await rate.press('Enter');
    await eventually('the limit is in force', () => snapshot(1).line.settings.limits.bytesPerSec === 1_048_576);
    await line.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' });
    expect(await rate.inputValue()).toBe('1048576');
  });

  test('a verification is started with its options, and its report is read a page at a time', async () => {
    await open('busy', documents);
    await suite.page.getByRole('tab', { name: 'Verify' }).click();
    await suite.page.getByText('No reports yet').waitFor();
    await button('Verify…').click();
    await suite.page.getByLabel('All are sent again').check();
    await button('Start verifying').click();
    await suite.page.getByText('450 differences').first().waitFor();
    await button('Show').click();
    const rows = suite.page.getByRole('row').filter({ hasText: 'changed on the target' });
    await suite.page.getByText('minutes-199.odt').waitFor();
    expect(await suite.page.getByText(/minutes-\d+\.odt/).count()).toBe(200);
    expect(await rows.first().textContent()).toContain('sent again');
    await button(/^Show more/).click();
    await suite.page.getByText('minutes-399.odt').waitFor();
    const [download] = await Promise.all([suite.page.waitForEvent('download'), button('Save as text').click()]);
    const text = readFileSync(await download.path(), 'utf8');
    expect(text.match(/minutes-\d+\.odt/g)).toHaveLength(450);
    expect(text).toContain('SHA-256 7f83b165');
  });

  test('the folder tree is driven by keys: open, move, tick, and an unticked child becomes an exclude rule', async () => {
    await open('busy', '#/sets/alpha/Reports');
    const tree = suite.page.getByRole('tree');
    const item = (name: string) => suite.page.getByRole('treeitem', { name, exact: true });
    await item('reports').waitFor();
    expect(await item('reports').getAttribute('aria-checked')).toBe('true');
    expect(await item('srv').getAttribute('aria-checked')).toBe('mixed');
    await tree.focus();
    await suite.page.keyboard.press('Home');
    const active = () =>
      suite.opened.run<string>(
        `document.getElementById(document.querySelector('[role=tree]').getAttribute('aria-activedescendant'))?.textContent.trim() ?? ''`,
      );
    await eventually('documents is active', async () => {
      await suite.page.keyboard.press('ArrowDown');
      return (await active()).startsWith('documents');
    });
    await suite.page.keyboard.press('Space');
    await suite.page.keyboard.press('ArrowRight');
    await item('scratch').waitFor();
    for (const _ of ['2025', '2026', 'scratch']) await suite.page.keyboard.press('ArrowDown');
    expect(await active()).toBe('scratch');
    await suite.page.keyboard.press('Space');
    expect(await item('documents').getAttribute('aria-checked')).toBe('mixed');
    await suite.page.keyboard.press('ArrowLeft');
    expect(await active()).toBe('documents');
    await button('Save').click();
    await suite.page.getByText('Saved', { exact: true }).first().waitFor();
    expect(suite.fake.world.set('alpha', 'Reports').rules).toEqual([
      { path: '/srv/reports', verdict: 'include', recursive: true },
      { path: '/srv/documents', verdict: 'include', recursive: true },
      { path: '/srv/documents/scratch', verdict: 'exclude', recursive: true },
    ]);
  });

  test('a folder of 20,000 folders opens with few of them in the page', async () => {
    await open('busy', '#/sets/alpha/Reports');
    await suite.page.getByRole('treeitem', { name: 'many', exact: true }).locator('.twist').click();
    await suite.page.getByRole('treeitem', { name: 'folder 00003' }).waitFor();
    expect(await suite.page.getByRole('treeitem').count()).toBeLessThan(60);
    await suite.page.getByRole('tree').focus();
    await suite.page.keyboard.press('End');
    await suite.page.getByRole('treeitem', { name: 'var' }).waitFor();
    expect(await suite.page.getByRole('treeitem').count()).toBeLessThan(60);
  });

  test('a folder that cannot be listed says so in its place', async () => {
    await open('busy', '#/sets/alpha/Reports');
    await suite.page.getByRole('treeitem', { name: 'etc', exact: true }).locator('.twist').click();
    await suite.page.getByRole('treeitem', { name: 'ssl', exact: true }).locator('.twist').click();
    await suite.page.getByText('/etc/ssl cannot be listed: permission denied.').waitFor();
  });

  test('rules are added and removed as text, also wildcards and paths that do not exist', async () => {
    await open('busy', '#/sets/alpha/Reports');
    await suite.page.getByRole('tab', { name: /Rules/ }).click();
    await suite.page.getByLabel('Path or pattern').fill('reports');
    await button('Add rule').click();
    await suite.page.getByText('Write the whole path').waitFor();
    await suite.page.getByLabel('Path or pattern').fill('/srv/reports/*.tmp');
    await suite.page.getByRole('combobox', { name: 'Rule', exact: true }).selectOption('exclude');
    await suite.page.keyboard.press('Tab');
    await button('Add rule').click();
    await suite.page.getByText('Modified').waitFor();
    await button('Calculate size').click();
    await suite.page.getByText('18,231 files').waitFor();
    await button('Save').click();
    await eventually('saved', () => suite.fake.world.set('alpha', 'Reports').saved);
    expect(suite.fake.world.set('alpha', 'Reports').rules.at(-1)).toEqual({
      path: '/srv/reports/*.tmp',
      verdict: 'exclude',
      recursive: true,
    });
    await button('Remove the rule for /srv/reports/*.tmp').click();
    await button('Discard changes').click();
    await suite.page.getByRole('cell', { name: '/srv/reports/*.tmp', exact: true }).waitFor();
  });

  test('a set in use cannot be deleted and says why; a free one can', async () => {
    await open('busy', '#/sets/alpha/Documents');
    expect(await button('Delete…').isDisabled()).toBe(true);
    expect(await suite.page.locator('span:has(> button:text("Delete…"))').getAttribute('title')).toBe(
      'In use by 1 connection. Disconnect first.',
    );
    await suite.page.goto(`${suite.fake.address}#/sets/alpha/Reports`);
    await button('Delete…').click();
    await suite.page.getByRole('button', { name: 'Delete', exact: true }).click();
    await suite.page.getByRole('heading', { name: 'Replication sets', level: 1 }).waitFor();
    await eventually('gone', () => !suite.fake.world.setNames('alpha').includes('Reports'));
  });

  test('the wizard connects a saved set to another server with the paths it showed', async () => {
    await open('busy', '#/connect/alpha');
    await button('Next').click();
    await suite.page.getByRole('radio', { name: /Databases/ }).check();
    expect(await suite.page.getByRole('radio', { name: /Reports/ }).isDisabled()).toBe(true);
    await button('Next').click();
    expect(await suite.page.getByRole('radio', { name: /gamma/ }).isDisabled()).toBe(true);
    expect(await suite.page.getByRole('radio', { name: /epsilon/ }).isDisabled()).toBe(true);
    await suite.page.getByRole('radio', { name: /beta/ }).check();
    await button('Next').click();
    await suite.page.getByRole('radio', { name: /Folder by folder/ }).check();
    await suite.page.getByLabel('From, on alpha').fill('/elsewhere');
    await suite.page.getByLabel('To, on beta').fill('/keep');
    await suite.page.getByText('No pair covers /srv/databases').waitFor();
    expect(await button('Next').isDisabled()).toBe(true);
    await suite.page.getByLabel('From, on alpha').fill('/srv');
    await suite.page.getByRole('cell', { name: '/keep/databases' }).waitFor();
    await button('Next').click();
    await suite.page.getByRole('radio', { name: /No mirror now/ }).check();
    await button('Next').click();
    await button('Start').click();
    await suite.page.getByRole('heading', { name: 'Databases: alpha to beta' }).waitFor();
    expect(snapshot(100)).toMatchObject({
      map: { kind: 'pairs', pairs: [{ from: '/srv', to: '/keep' }] },
      mirror: { kind: 'idle' },
    });
  });

  test('the wizard makes a set of ticked folders', async () => {
    await open('busy', '#/connect/alpha');
    await button('Next').click();
    await suite.page.getByText('Choose folders now').click();
    await suite.page.getByLabel('Name of the new set').fill('Everything of Ann');
    await suite.page.getByRole('treeitem', { name: '/', exact: true }).locator('.twist').click();
    await suite.page.getByRole('treeitem', { name: 'home', exact: true }).locator('.twist').click();
    await suite.page.getByRole('treeitem', { name: 'ann', exact: true }).locator('.box').click();
    await button('Next').click();
    await suite.page.getByRole('radio', { name: /beta/ }).check();
    await button('Next').click();
    await suite.page.getByRole('radio', { name: /The same paths/ }).check();
    await suite.page.getByRole('cell', { name: '/home/ann' }).first().waitFor();
    await button('Next').click();
    await button('Next').click();
    await button('Start').click();
    await suite.page.getByRole('heading', { name: 'Everything of Ann: alpha to beta' }).waitFor();
    expect(suite.fake.world.set('alpha', 'Everything of Ann').saved).toBe(true);
  });

  test('pause, resume, mirror and disconnect do what they say', async () => {
    await open('busy', documents);
    await button('Pause').click();
    await suite.page.getByLabel(/Reason/).fill('backup');
    await suite.page.keyboard.press('Enter');
    await suite.page.getByText(/Everything up to operation/).waitFor();
    expect(snapshot(1).transmission).toMatchObject({ kind: 'paused', reason: 'backup' });
    await button('Resume').click();
    await eventually('active', () => snapshot(1).transmission.kind === 'active');
    await button('Mirror…').click();
    await suite.page.getByRole('radio', { name: /Differences by content/ }).check();
    await button('Start the mirror').click();
    await button('Pause mirror').click();
    await button('Resume mirror').waitFor();
    expect(snapshot(1).mirror).toMatchObject({ kind: 'paused', options: { kind: 'checksum' } });
    await button('Stop mirror').click();
    await suite.page.getByText('Mirror required').first().waitFor();
    await button('Disconnect…').click();
    await suite.page.getByText('No file is deleted on either side.').waitFor();
    await suite.page.getByRole('button', { name: 'Disconnect', exact: true }).click();
    await suite.page.getByText('is no longer replicated to beta').waitFor();
    expect(await suite.page.getByRole('row', { name: /Documents/ }).count()).toBe(0);
  });

  test('a halted connection shows its question, its answers and what they do', async () => {
    await open('busy', halted);
    await suite.page.getByText('all of its 52,301 files are gone').waitFor();
    await suite.page.getByText('All 52,301 files are deleted in the replica too.').waitFor();
    expect(await button('Pause').isDisabled()).toBe(true);
    await button('Wait for the files').click();
    await eventually('answered', () => snapshot(5).halt === null);
    await suite.page.getByText('all of its 52,301 files are gone').waitFor({ state: 'detached' });
  });

  test('a monitor sees everything and can change nothing', async () => {
    await open('busy', '#/connections/epsilon/00000000-0000-4000-8000-000000000900');
    await suite.page.getByRole('heading', { name: 'Logs: epsilon to beta' }).waitFor();
    for (const name of ['Pause', 'Stop', 'Mirror…', 'Disconnect…']) expect(await button(name).isDisabled()).toBe(true);
    expect(await suite.page.locator('span:has(> button:text("Pause"))').getAttribute('title')).toContain('monitor');
  });

  test('adding a server: unknown host, fingerprint compared, wrong password, logged in', async () => {
    await open('busy', '#/servers');
    await button('Add a server').click();
    await suite.page.getByLabel('Address', { exact: true }).fill('nowhere:6320');
    await button('Contact').click();
    await suite.page.getByText('No machine is called nowhere:6320').waitFor();
    await suite.page.getByLabel('Address', { exact: true }).fill('zeta.example:6320');
    await suite.page.keyboard.press('Enter');
    await suite.page.getByRole('dialog').getByText('0B:30:55').waitFor();
    expect(await button('Add server').isDisabled()).toBe(true);
    await suite.page.getByText('I have compared the fingerprint').click();
    await button('Add server').click();
    await suite.page.getByLabel('User').fill('ops');
    await suite.page.getByLabel('Password', { exact: true }).fill('wrong');
    await suite.page.keyboard.press('Enter');
    await suite.page.getByText('The user or the password is wrong').waitFor();
    await suite.page.getByLabel('Password', { exact: true }).fill('right');
    await suite.page.keyboard.press('Enter');
    await suite.page.getByRole('heading', { name: 'zeta' }).waitFor();
    await suite.page.getByText('Administrator, as ops').waitFor();
    await button('Log out').click();
    await button('Log in…').waitFor();
    await button('Remove…').click();
    await suite.page.getByRole('button', { name: 'Remove', exact: true }).click();
    await eventually('removed', () => suite.fake.world.servers.every((server) => server.name !== 'zeta'));
  });

  test('2,000 moving connections: few rows in the page, keys reach the last, sorting and search work', async () => {
    await open('many', '#/connections');
    const grid = suite.page.getByRole('grid');
    await suite.page.getByRole('row', { name: /Set 3 / }).waitFor();
    expect(await grid.getAttribute('aria-rowcount')).toBe('2001');
    expect(await suite.page.getByRole('row').count()).toBeLessThan(60);
    await grid.focus();
    await suite.page.keyboard.press('End');
    await suite.page.getByRole('row', { name: /Set 2000 / }).waitFor();
    await suite.page.keyboard.press('Enter');
    await suite.page.getByRole('heading', { name: 'Set 2000: alpha to gamma' }).waitFor();
    await grid.getByRole('button', { name: 'No.' }).click();
    await grid.getByRole('button', { name: 'No.' }).click();
    expect(await suite.page.getByRole('columnheader', { name: 'No.' }).getAttribute('aria-sort')).toBe('descending');
    await suite.page.getByRole('searchbox').fill('set 1999');
    await eventually('one row', async () => (await grid.getAttribute('aria-rowcount')) === '2');
  });

  test('messages are filtered, searched, paused, cleared and saved', async () => {
    await open('busy', '#/messages');
    await suite.page.getByText('61 messages').waitFor();
    await suite.page.getByText('Errors', { exact: true }).click();
    await suite.page.getByText('5 messages').waitFor();
    await suite.page.getByText('All', { exact: true }).click();
    await suite.page.getByRole('searchbox').fill('gamma lost');
    await eventually('filtered', async () => (await suite.page.getByRole('grid').getAttribute('aria-rowcount')) !== '62');
    await suite.page.getByRole('searchbox').fill('');
    await button('Pause').click();
    suite.fake.world.log('beta', 'warning', 'Something new happened.');
    await button('Resume (1 new)').click();
    await suite.page.getByText('Something new happened.').waitFor();
    const [download] = await Promise.all([suite.page.waitForEvent('download'), button('Save as text').click()]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    const lines = Buffer.concat(chunks).toString('utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(62);
    expect(lines.at(-1)).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\tWarning\tbeta\tSomething new happened\.$/);
    await button('Clear').click();
    await suite.page.getByText('No messages').waitFor();
  });

  test('a lost console program is announced, and the page goes on by itself when it is back', async () => {
    await open('busy', '#/connections');
    await suite.page.getByRole('row', { name: /Documents/ }).waitFor();
    suite.fake.cut(true);
    await suite.page.getByText('No connection to the console program.').waitFor();
    suite.fake.comeBack();
    await suite.page.getByText('No connection to the console program.').waitFor({ state: 'detached' });
    await suite.page.getByRole('row', { name: /Documents/ }).waitFor();
  });
});
