import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { certificateFile } from '../support/fake-console/certificate-calls.ts';
import { routes } from '../support/fake-console-page.ts';
import { describeConsole } from '../support/fake-console-suite.ts';

describeConsole('replicas and mirrors in the Management Console', (suite) => {
  const { open, button } = suite;
  const documents = () => suite.fake.world.connection('alpha', 1);
  const replica = () => suite.fake.world.replicas[0];
  const row = () => suite.page.getByRole('row').filter({ hasText: 'Documents' });
  const violations = async () =>
    (await new AxeBuilder({ page: suite.page }).include('[role=dialog]').analyze()).violations.map(({ id }) => id);
  const script = () => suite.page.getByRole('dialog').getByRole('group', { name: 'The same as a script' });

  test('a replica is held and let go on; what it kept of deleted files is found by its path and removed for good', async () => {
    await open('busy', '#/servers/beta');
    await row().getByRole('button', { name: 'Hold…' }).click();
    await suite.page.getByLabel('Reason').fill('tape');
    await suite.page.getByRole('dialog').getByRole('button', { name: 'Hold', exact: true }).click();
    await row().getByText('Held by console').waitFor();
    expect(await row().textContent()).toContain('tape');
    await row().getByRole('button', { name: 'Resume' }).click();
    await row().getByText('Receiving').waitFor();

    await row().getByRole('button', { name: '30 kept deleted' }).click();
    await suite.page.getByText('30 entries').waitFor();
    await suite.page.getByRole('searchbox', { name: 'Find by path' }).fill('drafts');
    await suite.page.getByText('15 entries').waitFor();
    await button('Remove for good…').click();
    await button('Remove for good').last().click();
    await suite.page.getByText('15 entries, 267 KiB, removed for good.').waitFor();
    await suite.page.getByRole('searchbox', { name: 'Find by path' }).fill('');
    await suite.page.getByText('15 entries, 267 KiB.').waitFor();
    await button('Close the modal').click();

    await row().getByRole('button', { name: '1 orphan' }).click();
    await suite.page.getByText('Stayed: it was changed 15 minutes ago').waitFor();
  });

  test('a certificate is made of a replica that stands still, exported whole and deleted', async () => {
    await open('busy', '#/servers/beta');
    const certificates = async () => {
      await button('More for Documents').click();
      await suite.page.getByRole('menuitem', { name: 'Certificates…' }).click();
    };
    await certificates();
    await suite.page.getByText('Hold it, or pause or park its source').waitFor();
    await suite.page.getByText('There is no certificate of this replica yet.').waitFor();
    await suite.page.keyboard.press('Escape');
    await row().getByRole('button', { name: 'Hold…' }).click();
    await suite.page.getByRole('dialog').getByRole('button', { name: 'Hold', exact: true }).click();
    await row().getByText('Held by console').waitFor();

    await certificates();
    await suite.page.getByText('The replica stands still: it is held by console.').waitFor();
    expect(await script().textContent()).toContain('source alpha; certificate make 1;');
    await button('Make a certificate now').click();
    await suite.page.getByText('9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08').waitFor();
    expect(await violations()).toEqual([]);
    const download = suite.page.waitForEvent('download');
    await button(/^Export the certificate/).click();
    const exported = await download;
    expect(exported.suggestedFilename()).toBe('Documents 2026-11-22T11-00-00-000Z.certificate');
    expect(readFileSync(await exported.path()).equals(certificateFile)).toBe(true);
    await button(/^Delete the certificate/).click();
    await button('Delete it').click();
    await suite.page.getByText('There is no certificate of this replica yet.').waitFor();
    // The button that had the focus is gone, and keys reach the dialog all the same.
    await eventually('the focus is inside', () =>
      suite.opened.run<boolean>(`document.activeElement.closest('[role=dialog]') !== null`),
    );
    await suite.page.keyboard.press('Escape');
    await suite.page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('the actions of a replica open by keys; what changed by others is listed and accepted', async () => {
    await open('busy', '#/servers/beta');
    const more = button('More for Documents');
    await more.focus();
    await suite.page.keyboard.press('Enter');
    await suite.page.getByRole('menuitem', { name: 'Settings…' }).waitFor();
    for (const _ of ['Certificates…', 'Snapshots…', 'Restore…', 'Orphans…', 'Kept deleted files…', 'Changed by others…'])
      await suite.page.keyboard.press('ArrowDown');
    await suite.page.keyboard.press('Enter');
    await suite.page.getByRole('cell', { name: '/replicas/alpha/srv/documents/2026/letters/to-the-bank.odt' }).waitFor();
    expect(await script().textContent()).toContain('drift accept beta;');
    await suite.page.keyboard.press('Escape');
    await eventually('the focus is back on the menu', async () => (await suite.opened.focusedName()) === 'More for Documents');

    await suite.page.goto(`${suite.fake.address}${routes.documents}`);
    await suite.page.getByText('Somebody else changed 214 files').waitFor();
    await button('Show them').first().click();
    await button('Accept: begin the list anew').click();
    await eventually('accepted', () => replica()?.drift.count === 0);
    await suite.page.getByText('Somebody else changed').waitFor({ state: 'detached' });
  });

  test('what a connection was warned of and what no replica carries stands where one looks first', async () => {
    await open('busy', routes.documents);
    await suite.page.getByText('is on the same disk as its service').waitFor();
    await suite.page.getByText('2 sockets, 14 immutable entries').waitFor();
    await button('Show them').last().click();
    await suite.page.getByText('/srv/documents/.run/editor.sock').waitFor();
    await suite.page.getByText('Carried without the flag.').waitFor();
  });

  test('a search for orphans is started with what becomes of them, which the target keeps, and is stopped', async () => {
    await open('busy', routes.documents);
    await suite.page.getByRole('tab', { name: 'Orphans (1)' }).click();
    await suite.page.getByRole('cell', { name: '/replicas/alpha/srv/documents/new.odt' }).waitFor();
    await button('Search for orphans…').click();
    await suite.page.getByRole('radio', { name: /^Move them/ }).check();
    expect(await button('Start the search').isDisabled()).toBe(true);
    await suite.page.getByLabel('Folder that takes them, on beta').fill('/orphans');
    await suite.page.getByLabel(/within so many hours/).fill('48');
    expect(await script().locator('code').textContent()).toBe(
      'source alpha; set 1 orphans.action = move; set 1 orphans.moveTo = "/orphans"; set 1 orphans.olderThanHours = 48; orphans start 1;',
    );
    await button('Start the search').click();
    await suite.page.getByText('Searching', { exact: true }).waitFor();
    expect(replica()?.settings.orphans).toEqual({ action: 'move', moveTo: '/orphans', olderThanHours: 48 });
    await button('Stop the search').click();
    await eventually('stopped', () => documents().orphans?.state === 'stopped');
  });

  test('a mirror is offered in all kinds, shown as a script, and the choice is remembered', async () => {
    await open('busy', routes.documents);
    await button('Mirror…').click();
    await suite.page.getByRole('radio', { name: /Differences by content/ }).check();
    await suite.page.getByText('Read only files whose date or size differ').click();
    await suite.page.getByText('Then look for orphans').click();
    await suite.page.getByRole('radio', { name: /^Delete them/ }).check();
    expect(await script().locator('code').textContent()).toBe(
      'source alpha; set 1 orphans.action = delete; mirror start 1 different, checksum, flagged, orphans;',
    );
    await suite.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await script().getByRole('button', { name: 'Copy' }).click();
    await script().getByRole('button', { name: 'Copied' }).waitFor();
    expect(await suite.opened.run('navigator.clipboard.readText()')).toContain('mirror start 1 different');
    await button('Start the mirror').click();
    await eventually('mirroring', () => documents().mirror.kind === 'mirroring');
    expect(documents().mirror).toMatchObject({ options: { kind: 'checksum', flaggedOnly: true, orphans: true } });
    expect(replica()?.settings.orphans.action).toBe('delete');
    await button('Stop mirror').click();
    await button('Mirror…').click();
    expect(await suite.page.getByRole('radio', { name: /Differences by content/ }).isChecked()).toBe(true);
  });

  test('limits and schedule are put together in three steps, with what the clock makes of them', async () => {
    await open('busy', routes.documents);
    await suite.page.getByRole('link', { name: 'Change…' }).click();
    await suite.page.getByRole('radio', { name: /At most so much/ }).check();
    await suite.page.getByText('Say how much: at least 1 KiB').waitFor();
    await suite.page.getByLabel('The most in each second', { exact: true }).fill('10');
    await suite.page.getByRole('radio', { name: /^Level 1/ }).check();
    await button('Next').click();
    await suite.page.getByLabel('Send only within a part of the day').check();
    await suite.page.getByText('A window alone starts nothing').waitFor();
    await suite.page.getByLabel('At a time', { exact: true }).check();
    await suite.page.getByLabel('First day').fill('2030-01-01');
    await suite.page.getByRole('cell', { name: '2030-01-05 22:00' }).first().waitFor();
    await button('Next').click();
    await suite.page.getByText('schedule window 22:00 06:00 to beta;').waitFor();
    await button('Save').click();
    await suite.page.getByText('10.0 MiB/s, 22:00 to 06:00, by a schedule, compressed, level 1').waitFor();
    expect(documents().line.settings).toMatchObject({
      limits: { bytesPerSec: 10_485_760 },
      schedule: { startAt: '2030-01-01T22:00:00', startEvery: 1, windowOpen: '22:00', windowClose: '06:00' },
    });
  });

  test('a plan shows what a mirror would do, entry by entry; it is saved, and the mirror is started from it', async () => {
    await open('busy', routes.documents);
    await button('Mirror…').click();
    await suite.page.getByRole('radio', { name: /Differences by content/ }).check();
    await button('Find out first what it would do').click();
    await suite.page.getByRole('tab', { name: 'Plan', selected: true }).waitFor();
    await suite.page.getByText('393 changes').waitFor();
    await suite.page.getByText('create-199.odt').waitFor();
    await button(/^Delete 17/).click();
    await suite.page.getByText('delete-16.odt').waitFor();
    expect(await suite.page.getByText(/create-\d+\.odt/).count()).toBe(0);
    const [download] = await Promise.all([suite.page.waitForEvent('download'), button('Save as JSON').click()]);
    const saved = JSON.parse(readFileSync(await download.path(), 'utf8')) as { listed: number; entries: unknown[] };
    expect([saved.listed, saved.entries.length]).toEqual([17, 17]);
    await button('Start this mirror').click();
    await eventually('mirroring', () => documents().mirror.kind === 'mirroring');
    expect(documents().mirror).toMatchObject({ options: { kind: 'checksum' } });
  });

  test('a mirror beyond its limits asks, where one looks first, and is run or given up', async () => {
    await open('busy', routes.documents);
    const question = {
      code: 'beyond-limits',
      path: null,
      cause: 'The mirror would delete 17 entries, and 10 are allowed.',
      since: new Date().toISOString(),
      effect: 'Nothing of it was done.',
      nextStep: 'Look at its plan, then run it or give it up.',
    };
    suite.fake.world.change('alpha', documents().id, ({ plan }) => ({ plan: { ...plan, question } }));
    await button('Look at the plan').click();
    await suite.page.getByText('Nothing of it was done.').waitFor();
    await button('Give it up').click();
    await eventually('given up', () => documents().targetData === 'mirror-required');
  });
});
