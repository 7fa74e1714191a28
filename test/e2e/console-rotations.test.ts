import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeConsole } from '../support/fake-console-suite.ts';

const dayAndNight = '#/rotations/alpha/00000000-0000-4000-8000-000000000801';

describeConsole('rotations in the Management Console', (suite) => {
  const { open, button } = suite;
  const rotation = (name: string) => suite.fake.world.turns.rotations.list().find((one) => one.name === name);
  const row = (text: string) => suite.page.getByRole('row').filter({ hasText: text });
  const dialog = () => suite.page.getByRole('dialog');
  const script = () => suite.page.getByRole('group', { name: 'The same as a script' });
  /** In the second theme the same elements have other colours, and nothing else is new. */
  const violations = async (theme: 'light' | 'dark') => {
    const axe = new AxeBuilder({ page: suite.page }).include('main').exclude('datalist');
    const found = await (theme === 'light' ? axe : axe.withRules(['color-contrast'])).analyze();
    return found.violations.map((one) => `${one.id}: ${one.nodes[0]?.html ?? ''}`);
  };

  test('every rotation shows its slots, its newest complete copy and its next start; one opens by keys', async () => {
    await open('rotating', '#/rotations');
    await row('Ledger').getByText('A failed').waitFor();
    expect(await row('Day and night').textContent()).toContain('noon: live, midnight: at rest, week: in use');
    await suite.page.getByRole('grid', { name: 'Rotations' }).focus();
    await suite.page.keyboard.press('ArrowDown');
    await suite.page.keyboard.press('Enter');
    await suite.page.getByRole('heading', { name: 'Day and night', level: 2 }).waitFor();
    const midnight = suite.page.getByRole('row', { name: /^midnight/ });
    expect(await midnight.textContent()).toMatch(/At rest.*operation 26,512.*Point in time.*2 h 15 min old/);
    expect(await suite.page.getByRole('row', { name: /^week/ }).textContent()).toContain('by eva, 31 min ago: tape');
  });

  test('a slot is marked as in use with a reason and released; what cannot be done says why', async () => {
    await open('rotating', dayAndNight);
    const more = button('More for midnight');
    await more.focus();
    await suite.page.keyboard.press('Enter');
    await suite.page.keyboard.press('Enter');
    await suite.page.getByLabel('Reason').fill('restic');
    expect(await script().textContent()).toContain('rotation use "Day and night" midnight reason "restic";');
    await suite.page.keyboard.press('Enter');
    await suite.page.getByText(/^by console, (just now|\d+ s ago): restic/).waitFor();
    await more.click();
    await suite.page.getByRole('menuitem', { name: 'Release' }).click();
    await eventually('released', () => rotation('Day and night')?.slots[1]?.use === null);
    await button('More for noon').click();
    expect(await suite.page.getByRole('menuitem', { name: 'Mark as in use…' }).getAttribute('aria-disabled')).toBe('true');
  });

  test('the next start is simulated and skipped, a switch is started now, and the rotation is disabled and deleted', async () => {
    await open('rotating', dayAndNight);
    await button('Simulate').click();
    await suite.page.getByText('what each would do as things stand').waitFor();
    expect(await suite.page.getByRole('table').getByRole('row').count()).toBe(11);
    await button('Skip the next…').click();
    await dialog().getByRole('button', { name: 'Skip it' }).click();
    await suite.page.getByRole('cell', { name: 'somebody said to skip it' }).waitFor();
    await suite.page.getByRole('tab', { name: 'History (4)' }).click();
    await suite.page.getByText('It was due 13 h ago, while nothing could run here.').waitFor();

    await button('Switch now…').click();
    await dialog().getByLabel('Switch to').selectOption('midnight');
    await dialog().getByRole('button', { name: 'Switch now' }).click();
    await suite.page.getByText('Switching from noon to midnight').waitFor();
    expect(await button('Switch now…').isDisabled()).toBe(true);

    await suite.page.goto(`${suite.fake.address}${dayAndNight.replace('801', '802')}`);
    await button('Enable…').click();
    await dialog().getByRole('button', { name: 'Enable', exact: true }).click();
    await eventually('enabled', () => rotation('Ledger')?.isEnabled === true);
    await button('Delete…').click();
    await dialog().getByRole('button', { name: 'Delete', exact: true }).click();
    await eventually('deleted', () => rotation('Ledger') === undefined);
    await suite.page.getByRole('heading', { name: 'Ledger', level: 2 }).waitFor({ state: 'detached' });
  });

  test('a new rotation is put together, shows its next starts and its script, and is made', async () => {
    await open('rotating', '#/rotations');
    await suite.page.getByRole('link', { name: 'New rotation' }).click();
    await suite.page.getByLabel('Name of the rotation').fill('Turns');
    await suite.page.getByLabel('Name of the slot of connection 7').fill('night');
    await button('Next').click();
    await suite.page.getByLabel('Mon').check();
    await suite.page.getByLabel('Time zone of time 1').fill('Mars/Olympus');
    await button('Add a time').click();
    await suite.page.getByLabel('Kind of time 2').selectOption('cron');
    await suite.page.getByLabel('Cron expression 2').fill('0 0 * * *');
    await suite.page.getByLabel('Slot of time 2').selectOption('night');
    await suite.page.getByLabel('Time zone of time 2').fill('');
    await button('Next').click();
    await suite.page.getByRole('radio', { name: /^Quick/ }).check();
    await button('Next').click();
    await suite.page.getByText('this system knows no time zone “Mars/Olympus”').waitFor();
    expect(await button('Create the rotation').isDisabled()).toBe(true);

    await button('Back').click();
    await button('Back').click();
    await suite.page.getByLabel('Time zone of time 1').fill('Europe/Berlin');
    await button('Next').click();
    await button('Next').click();
    await suite.page.getByText('The next 5 starts').waitFor();
    expect(await script().textContent()).toContain(
      'rotation at Turns 12:00 on mon zone "Europe/Berlin"; rotation every Turns "0 0 * * *" to night; rotation order Turns quick',
    );
    await button('Create the rotation').click();
    await suite.page.getByRole('heading', { name: 'Turns', level: 2 }).waitFor();
    expect(rotation('Turns')).toMatchObject({ order: 'quick', slots: [{ name: 'A' }, { name: 'night' }] });

    await button('Edit…').click();
    await button('Next').click();
    await button('Remove time 1').click();
    for (let step = 0; step < 2; step++) await button('Next').click();
    await button('Save').click();
    await eventually('changed', () => rotation('Turns')?.schedule.length === 1);
  });

  test('the times at which a connection is parked are among its settings, and what the clock does is shown', async () => {
    await open('rotating', '#/connections/alpha/00000000-0000-4000-8000-000000000006');
    await suite.page.getByRole('tab', { name: 'Settings' }).click();
    const park = suite.page.getByRole('group', { name: 'Park', exact: true });
    await park.getByLabel('At', { exact: true }).fill('0 22 * * *');
    await park.getByLabel('Reconnect at').fill('0 6 * * *');
    await park.getByLabel('Mirror').selectOption('different');
    await button('Save').click();
    const connection = () => suite.fake.world.connection('alpha', 6);
    const park6 = { at: '0 22 * * *', reconnectAt: '0 6 * * *', mirror: 'different' };
    await eventually('saved', () => JSON.stringify(connection().settings.park) === JSON.stringify(park6));
    const last = {
      what: 'park',
      dueAt: new Date().toISOString(),
      at: '',
      outcome: 'missed',
      why: 'A mirror is not complete.',
    } as const;
    suite.fake.world.change('alpha', connection().id, () => ({
      parkSchedule: { nextParkAt: last.dueAt, nextReconnectAt: null, waits: '', last },
    }));
    await suite.page.getByRole('tab', { name: 'Overview' }).click();
    await suite.page.getByText('until somebody reconnects it').waitFor();
    await suite.page.getByText('was missed: A mirror is not complete.').waitFor();
  });

  test('a connection is parked with a reason, says what that means, and is reconnected', async () => {
    await open('rotating', '#/connections/alpha/00000000-0000-4000-8000-000000000006');
    await button('Pause').click();
    await dialog().getByText('Archive also goes to /replicas/archive-b, which stays live').waitFor();
    await suite.page.keyboard.press('Escape');
    await button('Park…').click();
    await suite.page.getByLabel('Reason').fill('tape');
    expect(await script().textContent()).toContain('source alpha; park 6 reason "tape" nowait;');
    await suite.page.keyboard.press('Enter');
    await suite.page.getByText('console parked the connection: tape.').waitFor();
    await suite.page.getByText('Reconnect it when it is to follow the source again').waitFor();
    await suite.page.getByText('Everything up to operation 18412 is applied').waitFor();
    await button('Reconnect…').click();
    await button('Reconnect and mirror').click();
    await eventually('it is back', () => suite.fake.world.connection('alpha', 6).park === null);
    await button('Park…').waitFor();
  });

  test('without rotations the page says what one is and what it needs', async () => {
    await open('busy', '#/rotations');
    await suite.page.getByText('connect a set a second time').waitFor();
    await suite.page.getByRole('link', { name: 'Connect a set' }).click();
    await suite.page.getByRole('heading', { name: 'Connect a set' }).waitFor();
  });

  test.each(['light', 'dark'] as const)(
    'each part fits 1280 by 800 and has no accessibility violation in the %s theme',
    async (theme) => {
      await open('rotating', dayAndNight, theme);
      const checked = async (what: string) => expect([what, await violations(theme)]).toEqual([what, []]);
      await suite.page.getByRole('row', { name: /^week/ }).waitFor();
      await checked('slots');
      await suite.page.getByRole('tab', { name: 'History (4)' }).click();
      if (theme === 'light') await checked('history');
      await suite.page.goto(`${suite.fake.address}#/rotate`);
      await suite.page.getByLabel('Name of the rotation').fill('Turns');
      if (theme === 'light') await checked('slots of a new one');
      await button('Next').click();
      await checked('times');
      for (let step = 0; step < 2; step++) await button('Next').click();
      await suite.page.getByText('The next 5 starts').waitFor();
      if (theme === 'light') await checked('summary');
      const wider = `[...document.querySelectorAll('.page, .grid, .detail')].filter((part) => part.scrollWidth > part.clientWidth + 1).length`;
      expect(await suite.opened.run(wider)).toBe(0);
    },
  );
});
