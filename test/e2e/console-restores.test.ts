import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from 'vitest';
import { ReplicationError } from '../../src-main/base/index.ts';
import { eventually } from '../support/eventually.ts';
import { keepSnapshots, storedSnapshot } from '../support/fake-console/snapshot-calls.ts';
import { describeConsole } from '../support/fake-console-suite.ts';

const id = '00000000-0000-4000-8000-000000000007';

describeConsole('restores in the Management Console', (suite) => {
  const { open, button } = suite;
  const heading = (name: string) => suite.page.getByRole('heading', { name, level: 2 });
  const script = () => suite.page.getByRole('group', { name: 'The same as a script' });
  const row = (text: string) => suite.page.getByRole('grid').getByRole('row').filter({ hasText: text });
  const next = async (title: string) => {
    await button('Next').click();
    await heading(title).waitFor();
  };
  const restores = () => suite.fake.world.restores;
  const violations = async (theme: 'light' | 'dark') => {
    const axe = new AxeBuilder({ page: suite.page }).include('main');
    const found = await (theme === 'light' ? axe : axe.withRules(['color-contrast'])).analyze();
    return found.violations.map((one) => `${one.id}: ${one.nodes[0]?.html ?? ''}`);
  };
  const wider = `[...document.querySelectorAll('.page, .grid, .detail, .frame, .frame > .content')].filter((part) => part.scrollWidth > part.clientWidth + 1).length`;

  test('chosen paths of a replica are planned, the plan is looked at and carried out, and every byte was compared; all by keys', async () => {
    await open('reading', `#/backups/alpha/${id}`);
    await suite.page.getByRole('link', { name: 'Restore…' }).click();
    await heading('What is it about?').waitFor();
    expect(await suite.page.getByLabel('Replica', { exact: true }).inputValue()).toBe(id);
    await next('Which files?');
    await suite.page.getByRole('radio', { name: /^Only these files/ }).focus();
    await suite.page.keyboard.press('Space');
    expect(await button('Next').isDisabled()).toBe(true);
    await suite.page.getByLabel(/^Paths on the source/).fill('ledger');
    await suite.page.getByText('“ledger” must begin at the top of the disk.').waitFor();
    await suite.page.getByLabel(/^Paths on the source/).fill('/srv/accounts/ledger\n/srv/accounts/my "old" books/');
    await button('Next').focus();
    await suite.page.keyboard.press('Enter');
    await heading('Where do they go?').waitFor();
    expect(await suite.page.getByRole('radio', { name: /^alpha/ }).isChecked()).toBe(true);
    await suite.page.getByRole('radio', { name: /^beta/ }).check();
    await suite.page.getByText('beta is not alpha, the source of this replica').waitFor();
    await suite.page.getByRole('radio', { name: /^alpha/ }).check();
    await next('What happens to what is there?');
    await suite.page.getByRole('radio', { name: /^Those that are older/ }).check();
    await next('Is this right?');
    expect(await script().textContent()).toContain(
      `restore plan ${id} from beta to alpha only "/srv/accounts/ledger" "/srv/accounts/my ""old"" books" overwrite older keep;`,
    );
    restores().nextFailure = new ReplicationError('unreachable', { server: 'alpha' });
    await button('Make the plan').click();
    await suite.page.getByText('Not begun').waitFor();
    await button('Make the plan').focus();
    await suite.page.keyboard.press('Enter');

    await suite.page.getByRole('heading', { name: 'What it would do on alpha' }).waitFor();
    expect(restores().list).toMatchObject([{ state: 'planned', overwrite: 'older', choice: { paths: { length: 2 } } }]);
    await button(/^Create 320/).click();
    await suite.page.getByRole('cell', { name: 'not on the target' }).first().waitFor();
    await button('Restore this').focus();
    await suite.page.keyboard.press('Enter');
    await row('Restored').waitFor();
    await suite.page.getByText('361 files, 1.8 GiB, came; 17,870 files did not, because they were equal.').waitFor();
    await suite.page.getByText('The report lists no differences.').waitFor();
  });

  test('a plan is dropped, and nothing was changed', async () => {
    await open('reading', `#/restore/beta/${id}`);
    for (const title of ['Which files?', 'Where do they go?', 'What happens to what is there?', 'Is this right?'])
      await next(title);
    await button('Make the plan').click();
    await button('Drop it…').click();
    await suite.page.getByText('It has only been planned: nothing was changed.').waitFor();
    await suite.page.getByRole('dialog').getByRole('button', { name: 'Drop it' }).click();
    await row('Cancelled').waitFor();
  });

  test('a snapshot is restored at once to where its files were, shows how far it is, and tells what differs', async () => {
    await open('reading', `#/connections/alpha/${id}`);
    const replica = suite.fake.world.replicas.find(({ connectionId }) => connectionId === id);
    if (replica === undefined) throw new Error('beta holds no replica of connection 7');
    keepSnapshots(suite.fake.world, id, [storedSnapshot(replica, 2, { name: 'before the upgrade' })]);
    await button('Snapshots…').click();
    await button(/^More for the snapshot/).click();
    await suite.page.getByRole('menuitem', { name: 'Restore from it…' }).click();
    await eventually('a snapshot is chosen', () => suite.page.getByRole('radio', { name: /^A snapshot/ }).isChecked());
    await next('Which files?');
    await next('Where do they go?');
    await suite.page.getByRole('radio', { name: /^alpha/ }).check();
    expect(await suite.page.getByLabel('Folder on alpha').inputValue()).toBe(replica.roots[0]?.from);
    await next('What happens to what is there?');
    await suite.page.getByRole('radio', { name: /^Restore at once/ }).check();
    await next('Is this right?');
    await suite.page.getByText('nobody keeps it still').waitFor();
    expect(await script().textContent()).toMatch(/restore "\/.*understudy-stage.*" from beta to alpha base "\/srv/);
    restores().nextOutcome = 'different';
    restores().warnings = ['What the source deleted and the replica keeps comes back too, unless paths are chosen: 30 entries.'];
    restores().isStill = true;
    await suite.page.getByRole('button', { name: 'Restore', exact: true }).click();
    await suite.page.getByRole('progressbar').waitFor();
    restores().isStill = false;
    await row('Not complete').waitFor();
    await suite.page.getByText('The verification found 450 differences.').waitFor();
    await suite.page
      .getByText('What the source deleted and the replica keeps comes back too, unless paths are chosen: 30 entries.')
      .waitFor();
    await suite.page.getByRole('cell', { name: /minutes-0\.odt/ }).waitFor();
  });

  test('a drill draws files, and its report says what each proof found', async () => {
    await open('reading', `#/restore/beta/${id}`);
    await suite.page.getByRole('radio', { name: /^Drill/ }).check();
    await next('How many files are tried?');
    await suite.page.getByLabel('How many files').fill('501');
    expect(await button('Next').isDisabled()).toBe(true);
    await suite.page.getByLabel('How many files').fill('3');
    await suite.page.getByLabel(/^Seed/).fill('spring');
    await next('Where do they go?');
    await suite.page.getByLabel('Folder on alpha').fill('/scratch');
    await next('Is this right?');
    expect(await script().textContent()).toContain(
      `restore drill ${id} from beta to alpha base "/scratch" files 3 seed spring source alpha;`,
    );
    await button('Start the drill').click();
    await row('Passed').waitFor();
    await suite.page.getByText('3 of 18,231 files drawn, 2 proven, none is other than it should be.').waitFor();
    expect(await suite.page.getByRole('row', { name: /ledger-1\.ods/ }).textContent()).toMatch(/Restored.*changed since/s);
    const saved = suite.page.waitForEvent('download');
    await suite.page.getByText('2 files can never be drawn: no rule can say their names.').waitFor();
    await suite.page.getByText('1 entry could not be looked at, and so not be drawn.').waitFor();
    await button('Save the report as JSON').click();
    expect((await saved).suggestedFilename()).toMatch(/^understudy-drill-.*\.json$/);
    await suite.page.getByText('spring', { exact: true }).waitFor();
  });

  test('without any the page says what one is; a report that is gone is told', async () => {
    await open('reading', '#/restores');
    await suite.page.getByText('Nothing was restored yet').waitFor();
    await suite.page.getByRole('link', { name: 'New restore or drill' }).click();
    await heading('What is it about?').waitFor();
    await button('Cancel').click();
    await suite.page.goto(`${suite.fake.address}#/restores/beta/${id}`);
    await suite.page.getByText('This restore is not there').waitFor();
  });

  test.each(['light', 'dark'] as const)(
    'each step and part fits 1280 by 800 and is accessible in the %s theme',
    async (theme) => {
      await open('reading', `#/restore/beta/${id}`, theme);
      const titles = ['Which files?', 'Where do they go?', 'What happens to what is there?', 'Is this right?'];
      const isFine = async (part: string) => {
        expect([part, await suite.opened.run(wider)]).toEqual([part, 0]);
        // The other parts have the same kinds of elements; in the second theme only their colours are others.
        const looked = [
          'Which files?',
          'plan',
          'drill',
          ...(theme === 'light' ? ['What is it about?', 'Where do they go?'] : []),
        ];
        if (looked.includes(part)) expect([part, await violations(theme)]).toEqual([part, []]);
      };
      await isFine('What is it about?');
      for (const title of titles) {
        await next(title);
        if (title === 'Which files?') await suite.page.getByRole('radio', { name: /^Only these/ }).check();
        if (title === 'Which files?') await suite.page.getByLabel(/^Paths on/).fill('/srv/accounts');
        await isFine(title);
      }
      await button('Make the plan').click();
      await button('Restore this').waitFor();
      await suite.page.getByRole('cell', { name: 'not on the target' }).first().waitFor();
      await isFine('plan');
      restores().drill({
        from: { kind: 'replica', connectionId: id },
        folder: '/scratch',
        files: 5,
        seed: null,
        holderId: 'beta',
        receiverId: 'alpha',
        owners: 'number',
        sourceId: 'alpha',
      });
      await row('Passed').click();
      await suite.page.getByText('5 of 18,231 files drawn').waitFor();
      await isFine('drill');
      await eventually('the plan still waits', () => restores().list.some(({ state }) => state === 'planned'));
    },
  );
});
