import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { endedCertificate } from '../support/fake-console/certificate-calls.ts';
import { describeConsole } from '../support/fake-console-suite.ts';

const id = (number: number) => `00000000-0000-4000-8000-00000000000${number}`;
const of = (number: number) => `#/backups/alpha/${id(number)}`;

describeConsole('backups in the Management Console', (suite) => {
  const { open, button } = suite;
  const row = (text: string) => suite.page.getByRole('grid').getByRole('row').filter({ hasText: text });
  const dialog = () => suite.page.getByRole('dialog');
  const script = () => suite.page.getByRole('group', { name: 'The same as a script' });
  const windows = (serverId: string) => suite.fake.world.backups.at(serverId).list();
  /** In the second theme the same elements have other colours, and nothing else is new. */
  const violations = async (theme: 'light' | 'dark', inside: string) => {
    const axe = new AxeBuilder({ page: suite.page }).include(inside);
    const found = await (theme === 'light' ? axe : axe.withRules(['color-contrast'])).analyze();
    return found.violations.map((one) => `${one.id}: ${one.nodes[0]?.html ?? ''}`);
  };

  test('every replica says whether it may be read, by whom it is, and what it holds; one opens by keys', async () => {
    await open('reading', '#/backups');
    await row('Day and night/midnight').getByText('Being read').waitFor();
    expect(await row('Day and night/midnight').textContent()).toMatch(/tape@backup, 3 h 2\d min left.*point in time/);
    expect(await row('Day and night/noon').textContent()).toContain('Not yet');
    expect(await row('connection 6').textContent()).toMatch(/Overdue.*restic@backup, 1 h \d min over its time/);
    expect(await row('connection 7').textContent()).toContain('Ready');
    await suite.page.getByRole('grid').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter']) await suite.page.keyboard.press(key);
    await suite.page.getByRole('heading', { name: 'Accounts, Day and night/week', level: 2 }).waitFor();
    await suite.page.getByText('“week” is in use by eva: tape. Wait until it is released, or release it.').waitFor();
    expect(await button('Begin a window…').isDisabled()).toBe(true);
    await suite.page.getByRole('link', { name: 'Day and night' }).click();
    await suite.page.getByRole('heading', { name: 'Day and night', level: 2 }).waitFor();
  });

  test('a window is begun by a pause, closes, is open at its cut and is ended; all by keys', async () => {
    await open('reading', of(7));
    await button('Begin a window…').focus();
    await suite.page.keyboard.press('Enter');
    await suite.page.getByLabel('Owner').fill('nightly');
    await suite.page.getByLabel('Reason').fill('restic');
    await suite.page.getByLabel('Longest').fill('0');
    await suite.page.getByText('A whole number of minutes').waitFor();
    expect(await dialog().getByRole('button', { name: 'Begin', exact: true }).isDisabled()).toBe(true);
    await suite.page.getByLabel('Longest').fill('240');
    expect(await script().textContent()).toContain('source alpha; backup begin 7 owner nightly reason restic max 240;');
    await suite.page.keyboard.press('Enter');
    await suite.page.getByText(/^nightly, (just now|\d+ s ago): restic/).waitFor();
    await row('connection 7').getByText('Being read').waitFor();
    await suite.page.getByText('4 hours at the most').waitFor();
    await suite.page.getByText(/Everything up to operation \d+ is applied/).waitFor();
    expect(windows('alpha')).toMatchObject([{}, {}, { owner: 'nightly', state: 'open', maxMinutes: 240 }]);

    await button('End the window…').click();
    expect(await script().textContent()).toContain('source alpha; backup end 7 owner nightly;');
    await dialog().getByRole('button', { name: 'End the window' }).click();
    await suite.page.getByText('stood still all the time').waitFor();
    await row('connection 7').getByText('Ready').waitFor();
    expect(suite.fake.world.connection('alpha', 7).transmission.kind).toBe('active');
  });

  test('a target holds a replica for a window while its source goes on; the end is asked of the target', async () => {
    await open('reading', of(7));
    await button('Begin a window…').click();
    await suite.page.getByRole('radio', { name: /^Hold the replica on beta/ }).check();
    expect(await script().textContent()).toContain('backup begin 7 method hold owner');
    await dialog().getByRole('button', { name: 'Begin', exact: true }).click();
    await suite.page.getByText('by a hold on the target').waitFor();
    expect([windows('beta').length, suite.fake.world.connection('alpha', 7).transmission.kind]).toEqual([1, 'active']);
    await button('End the window…').click();
    await dialog().getByRole('button', { name: 'End the window' }).click();
    await row('connection 7').getByText('Ready').waitFor();
    expect(windows('beta')).toEqual([]);
  });

  test('an overdue window of another owner alarms, and can be ended; a broken one says that what was read is worth nothing', async () => {
    await open('reading', of(6));
    await suite.page.getByText('The window of restic@backup was to be over by now.').waitFor();
    suite.fake.world.change('alpha', id(6), () => ({ holds: [], transmission: { kind: 'active', since: '' } }));
    await suite.page.getByText(/The replica changed while it was read: transmission was resumed by somebody else/).waitFor();
    await row('connection 6').getByText('Broken').waitFor();
    await button('End the window…').click();
    await dialog().getByRole('button', { name: 'End the window' }).click();
    await suite.page.getByText('The window had been broken').waitFor();
    await eventually('ended', () => windows('alpha').length === 1);
    await row('connection 6').getByText('Ready').waitFor();
  });

  test('what came up while a window was put together is told in the dialog', async () => {
    await open('reading', of(7));
    await button('Begin a window…').click();
    const held = { by: 'operator', kind: 'pause', owner: 'eva', reason: 'move', since: '' } as const;
    suite.fake.world.change('alpha', id(7), () => ({ holds: [held] }));
    await dialog().getByRole('button', { name: 'Begin', exact: true }).click();
    await dialog().getByText('Transmission is paused by eva: move. Wait until eva lets it go on').waitFor();
    expect(windows('alpha')).toHaveLength(2);
  });

  test('without a replica the page says what to do; one that is gone is told', async () => {
    await open('empty', '#/backups');
    await suite.page.getByText('Nothing to back up yet').waitFor();
    await suite.page.goto(`${suite.fake.address}${of(9)}`);
    await suite.page.getByText('This replica is not there').waitFor();
  });

  test('a connection that is a slot says in which rotation, and when it is next', async () => {
    await open('reading', `#/connections/alpha/${id(2)}`);
    // Whatever the hour: the live slot has nothing to do at its own times.
    const inTwoHours = new Date(Date.now() + 2 * 60 * 60_000).toISOString();
    const time = { kind: 'clock', at: inTwoHours.slice(11, 16), days: [] } as const;
    const { rotations } = suite.fake.world.turns;
    await rotations.configure({
      rotation: 'Day and night',
      settings: { schedule: [{ slot: 'midnight', time, timeZone: 'UTC' }] },
    });
    await suite.page.getByText(`Next switch ${inTwoHours.slice(0, 16).replace('T', ' ')}, to midnight`).waitFor();
    expect(await suite.page.locator('.overview .facts').textContent()).toMatch(/Day and night, slot midnight,\s+in use/);
    await suite.page.getByRole('link', { name: 'Day and night' }).click();
    await suite.page.getByRole('heading', { name: 'Day and night', level: 2 }).waitFor();
  });

  test('certificates of connections that have ended are exported and deleted from their target', async () => {
    await open('reading', '#/servers/beta');
    suite.fake.world.certificates = [endedCertificate(id(8))];
    await button('Certificates of ended connections…').click();
    await dialog().getByRole('cell', { name: 'Payroll from alpha' }).waitFor();
    await dialog()
      .getByText(`certificate export ${id(8)} to "/backup/Payroll.certificate" on beta;`)
      .waitFor();
    const exported = suite.page.waitForEvent('download');
    await button(/^Export the certificate/).click();
    expect((await exported).suggestedFilename()).toMatch(/^Payroll .*\.certificate$/);
    await button(/^Delete the certificate/).click();
    await button('Delete it').click();
    await dialog().getByText('There are none.').waitFor();
  });

  test.each(['light', 'dark'] as const)(
    'each part fits 1280 by 800 and has no accessibility violation in the %s theme',
    async (theme) => {
      await open('reading', of(6), theme);
      await row('connection 6').getByText('Overdue').waitFor();
      expect(await violations(theme, 'main')).toEqual([]);
      const wider = `[...document.querySelectorAll('.page, .grid, .detail')].filter((part) => part.scrollWidth > part.clientWidth + 1).length`;
      expect(await suite.opened.run(wider)).toBe(0);
      await suite.page.goto(`${suite.fake.address}${of(7)}`);
      await button('Begin a window…').click();
      await suite.page.locator('.bx--modal.is-visible').waitFor();
      expect(await violations(theme, '.bx--modal.is-visible')).toEqual([]);
      await suite.page.keyboard.press('Escape');
      await eventually('the focus is back', async () => (await suite.opened.focusedName()) === 'Begin a window…');
    },
  );
});
