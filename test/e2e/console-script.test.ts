import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeConsole } from '../support/fake-console-suite.ts';

describeConsole('the script prompt of the Management Console', (suite) => {
  const { open, button } = suite;
  const field = () => suite.page.getByRole('textbox', { name: 'Command' });
  const log = () => suite.page.getByRole('log');

  test('commands run over the sessions of the console; keys complete, recall and continue', async () => {
    await open('busy', '#/script');
    await log().getByText('source alpha').first().waitFor();
    await field().fill('stat');
    await field().press('Tab');
    await suite.page.getByText('stats   status').waitFor();
    await field().press('Enter');
    await log()
      .getByText(/error -102/)
      .waitFor();
    await field().fill('mirror start 1 flagged');
    await field().press('Enter');
    await eventually('mirroring', () => suite.fake.world.connection('alpha', 1).mirror.kind === 'mirroring');
    await field().press('ArrowUp');
    expect(await field().inputValue()).toBe('mirror start 1 flagged');
    await field().fill('for $i = 1 to 2 do');
    await field().press('Enter');
    await button('Drop the open block').waitFor();
    await field().fill('write "turn" $i; end');
    await field().press('Enter');
    await log().getByText('turn 2').waitFor();
    await field().fill('wait 600000');
    await field().press('Enter');
    await button('Stop').click();
    await log().getByText('Interrupted').waitFor();
  });

  test('a password is not shown again, and the log stays when one looks at something else', async () => {
    await open('busy', '#/script');
    await log().getByText('source alpha').first().waitFor();
    await field().fill('login delta ops right');
    await field().press('Enter');
    await log().getByText('login delta ops •••').waitFor();
    expect(await log().textContent()).not.toContain('right');
    await suite.page.getByRole('link', { name: 'Servers' }).click();
    await suite.page.getByRole('row', { name: /delta/ }).getByText('Online').waitFor();
    await suite.page.getByRole('link', { name: 'Script' }).click();
    await log().getByText('login delta ops •••').waitFor();
    await field().press('ArrowUp');
    expect(await field().inputValue()).toBe('source alpha');
  });
});
