import { expect, test } from 'vitest';
import { describeConsole } from '../support/fake-console-suite.ts';

describeConsole('accounts in the Management Console', (suite) => {
  const { open, button } = suite;
  const dialog = () => suite.page.getByRole('dialog');
  const account = (name: string) => suite.fake.world.accounts.find((one) => one.name === name);

  test('an account is made with a role, gets a new password and another role, and is deleted; the last administrator stays', async () => {
    await open('busy', '#/servers/beta');
    await button('Accounts…').click();
    await dialog().getByLabel('User').fill('eva');
    await dialog().getByLabel('Role', { exact: true }).selectOption('admin');
    await dialog().getByLabel('Password', { exact: true }).fill('first');
    await dialog().getByLabel('Password again').fill('other');
    await dialog().getByText('The two are different.').waitFor();
    expect(await button('Create the account').isDisabled()).toBe(true);
    expect(await dialog().getByRole('group').textContent()).toContain('account create eva admin on beta;');
    await dialog().getByLabel('Password again').fill('first');
    await suite.page.keyboard.press('Enter');
    await dialog()
      .getByRole('row', { name: /^eva Administrator/ })
      .waitFor();
    expect(account('eva')).toMatchObject({ role: 'admin', password: 'first' });

    await button('New password for eva').click();
    await dialog().getByLabel('Password', { exact: true }).fill('second');
    await dialog().getByLabel('Password again').fill('second');
    await button('Set the password').click();
    await suite.page.getByText('Password changed').waitFor();
    expect(account('eva')?.password).toBe('second');

    const changeRole = button('Change the role of eva');
    await changeRole.focus();
    await suite.page.keyboard.press('Enter');
    await dialog().getByText('eva then sees statistics and definitions of beta and changes nothing').waitFor();
    expect(await dialog().getByRole('group').textContent()).toContain('account role eva monitor on beta;');
    await button('Make eva a monitor').click();
    await dialog()
      .getByRole('row', { name: /^eva Monitor/ })
      .waitFor();
    expect(account('eva')?.role).toBe('monitor');
    await button('Change the role of ops').click();
    await button('Make ops a monitor').click();
    await dialog().getByText('Not changed').waitFor();
    expect(account('ops')?.role).toBe('admin');

    await button('Delete eva').click();
    await dialog().getByText('scripts that use this account fail').waitFor();
    await dialog().getByRole('button', { name: 'Delete eva', exact: true }).last().click();
    await dialog().getByRole('row', { name: /^eva/ }).waitFor({ state: 'detached' });
    expect(account('eva')).toBeUndefined();
    await button('Delete ops').click();
    await dialog().getByRole('button', { name: 'Delete ops', exact: true }).last().click();
    await dialog().getByText('Not deleted').waitFor();
    expect(account('ops')).toBeDefined();
  });

  test('a monitor does not see them', async () => {
    await open('busy', '#/servers/delta');
    await button('Log in…').click();
    await suite.page.getByLabel('User').fill('watch');
    await suite.page.getByLabel('Password', { exact: true }).fill('right');
    await suite.page.keyboard.press('Enter');
    await suite.page.getByText('Monitor, as watch').waitFor();
    expect(await button('Accounts…').isDisabled()).toBe(true);
  });
});
