import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from 'vitest';
import { ReplicationError } from '../../src-main/base/index.ts';
import { eventually } from '../support/eventually.ts';
import { keepSnapshots, storedSnapshot } from '../support/fake-console/snapshot-calls.ts';
import { describeConsole } from '../support/fake-console-suite.ts';

const id = '00000000-0000-4000-8000-000000000007';

describeConsole('snapshots in the Management Console', (suite) => {
  const { open, button } = suite;
  const dialog = () => suite.page.getByRole('dialog');
  const script = () => dialog().getByRole('group', { name: 'The same as a script' });
  const replica = () => {
    const found = suite.fake.world.replicas.find(({ connectionId }) => connectionId === id);
    if (found === undefined) throw new Error('beta holds no replica of connection 7');
    return found;
  };
  const isFocusInside = () => suite.opened.run<boolean>(`document.activeElement.closest('[role="dialog"]') !== null`);
  const item = (name: string) => suite.page.getByRole('menuitem', { name });
  /** Opens the dialog of connection 7 by keys, with two snapshots in it. */
  async function openDialog(theme: 'light' | 'dark' = 'light'): Promise<void> {
    await open('reading', `#/connections/alpha/${id}`, theme);
    const named = storedSnapshot(replica(), 2, { name: 'before the upgrade', certificateId: '2026-11-22T11-00-02-000Z' });
    const byClock = storedSnapshot(replica(), 1, { isScheduled: true, files: null, bytes: null, leftOut: 3 });
    keepSnapshots(suite.fake.world, id, [named, byClock]);
    await suite.page.getByText('2 kept, newest').waitFor();
    await button('Snapshots…').focus();
    await suite.page.keyboard.press('Enter');
    await dialog()
      .getByRole('cell', { name: /before the upgrade/ })
      .waitFor();
  }

  test('the list tells when, at which cut, by whom, under which name and where each lies', async () => {
    await openDialog();
    const [named, byClock] = await dialog().locator('tbody tr').allTextContents();
    expect(named).toMatch(/by ops.*up to operation 10.*Point in time.*certified.*before the upgrade.*18,231 files, 45.0 GiB/s);
    expect(named).toMatch(/\.understudy-stage\/snapshots\/.*\/0.*only root may enter/s);
    expect(byClock).toMatch(/by the schedule.*not counted, without 3 pipes, sockets and devices/s);
    await dialog().getByText('None is taken by the clock; the settings of the replica can say when.').waitFor();
    await suite.page.keyboard.press('Escape');
    await eventually('the focus is back', async () => (await suite.opened.focusedName()) === 'Snapshots…');
  });

  test('one is taken under a name, all by keys; a refusal says why and what to do', async () => {
    await openDialog();
    await button('Take a snapshot…').focus();
    await suite.page.keyboard.press('Enter');
    suite.fake.world.snapshotFailure = new ReplicationError('no-snapshots', { path: '/replicas', type: 'ext4' });
    await dialog().getByLabel('Name (may stay empty)').fill('year’s end');
    await suite.page.keyboard.press('Enter');
    await dialog().getByText('The file system of /replicas has no snapshots (ext4).').waitFor();
    await dialog().getByText('Elsewhere rotate two replicas, or back this one up in a window.').waitFor();
    suite.fake.world.snapshotFailure = null;
    await dialog()
      .getByRole('radio', { name: /^File level will do/ })
      .check();
    expect(await script().textContent()).toContain('source alpha; snapshot take 7 named "year’s end" filelevel;');
    await button('Take it').focus();
    await suite.page.keyboard.press('Enter');
    await dialog()
      .getByRole('cell', { name: /year’s end/ })
      .waitFor();
    expect(suite.fake.world.snapshots[0]).toMatchObject({ name: 'year’s end', takenBy: 'ops' });
    await dialog().getByLabel('Name (may stay empty)').waitFor({ state: 'detached' });
  });

  test('a replica is set back only when its name is typed and nothing fights with it; what was there before stays', async () => {
    await openDialog();
    await button(/^More for the snapshot/)
      .last()
      .click();
    await item('Set the replica back…').click();
    await dialog().getByText('It will be refused now.').waitFor();
    await dialog().getByText('Afterwards nothing is sent to it before somebody starts a mirror').waitFor();
    expect(await button('Set it back').isDisabled()).toBe(true);
    await dialog()
      .getByLabel(/to confirm$/)
      .fill(replica().setName);
    await suite.page.keyboard.press('Enter');
    await dialog().getByText('follows its source, which would fight with the revert.').waitFor();
    suite.fake.world.changeReplica(id, () => ({ hold: { owner: 'eva', reason: '', since: '', isEffective: true } }));
    await dialog().getByText('It will be refused now.').waitFor({ state: 'detached' });
    expect(await script().textContent()).toContain('source alpha; snapshot revert 7 2026-11-22T11-00-01-000Z;');
    await button('Set it back').click();
    await dialog()
      .getByText(/The replica was set back to the snapshot 2026-11-22T11-00-01-000Z/)
      .waitFor();
    await dialog()
      .getByRole('row', { name: /not of a good state before the revert to/ })
      .waitFor();
  });

  test('one is deleted when a person says so again', async () => {
    await openDialog();
    await button(/^More for the snapshot/)
      .first()
      .focus();
    for (const key of ['Enter', 'End', 'Enter']) await suite.page.keyboard.press(key);
    expect(await script().textContent()).toContain('snapshot delete 7 2026-11-22T11-00-02-000Z;');
    await button('Keep it').click();
    expect(suite.fake.world.snapshots).toHaveLength(2);
    await button(/^More for the snapshot/)
      .first()
      .click();
    await item('Delete…').click();
    await button('Delete it').click();
    await dialog()
      .getByRole('cell', { name: /before the upgrade/ })
      .waitFor({ state: 'detached' });
    expect(suite.fake.world.snapshots.map((one) => one.id)).toEqual(['2026-11-22T11-00-01-000Z']);
  });

  test('the target shows them at its replicas, with the schedule among the settings, and keeps those of ended connections', async () => {
    await open('reading', '#/servers/beta');
    const ended = { ...replica(), connectionId: '00000000-0000-4000-8000-000000000008', setName: 'Payroll' };
    suite.fake.world.snapshots = [storedSnapshot(ended, 3)];
    await button(`More for ${replica().setName}`).last().click();
    await item('Settings…').click();
    await dialog().getByLabel('At', { exact: true }).fill('30 2 * * *');
    const goOn = suite.fake.world.holdCalls();
    await button('Save').click();
    await eventually('saving', () => button('Save').isDisabled());
    await eventually('the focus is in the dialog while it saves', isFocusInside);
    goOn();
    await eventually('saved', () => replica().settings.snapshots.at === '30 2 * * *');
    await button('Save').waitFor({ state: 'detached' });
    await eventually('the focus is in the dialog after it saved', isFocusInside);
    await suite.page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await button(`More for ${replica().setName}`).last().click();
    await item('Snapshots…').click();
    await dialog().getByText('Taken by the clock of the target at “30 2 * * *” (cron); the newest 7 of these stay.').waitFor();
    await suite.page.keyboard.press('Escape');
    await button('Snapshots of ended connections…').click();
    await dialog().getByRole('cell', { name: 'Payroll from alpha' }).waitFor();
    await button(/^More for the snapshot/).click();
    await item('Delete…').click();
    expect(await script().textContent()).toContain(
      'snapshot delete 00000000-0000-4000-8000-000000000008 2026-11-22T11-00-03-000Z on beta;',
    );
    await button('Delete it').click();
    await dialog().getByText('There are none.').waitFor();
  });

  test.each(['light', 'dark'] as const)('fits 1280 by 800 and has no accessibility violation in the %s theme', async (theme) => {
    await openDialog(theme);
    await button('Take a snapshot…').click();
    await button(/^More for the snapshot/)
      .first()
      .click();
    await item('Set the replica back…').click();
    await dialog()
      .getByLabel(/to confirm$/)
      .waitFor();
    const axe = new AxeBuilder({ page: suite.page }).include('.bx--modal.is-visible');
    const found = await (theme === 'light' ? axe : axe.withRules(['color-contrast'])).analyze();
    expect(found.violations.map((one) => `${one.id}: ${one.nodes[0]?.html ?? ''}`)).toEqual([]);
    const wider = `[...document.querySelectorAll('.bx--modal-container, .bx--modal-content')].filter((part) => part.scrollWidth > part.clientWidth + 1).length`;
    expect(await suite.opened.run(wider)).toBe(0);
  });
});
