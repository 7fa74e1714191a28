import type { AccountInfo, CallInput } from '../../../src-main/api/index.ts';
import { ReplicationError } from '../../../src-main/base/index.ts';
import { ago } from './samples.ts';
import type { ServiceAt } from './service-calls.ts';

export function accountsOfBeta(): readonly (AccountInfo & { readonly password: string })[] {
  return [
    { name: 'ops', role: 'admin', createdAt: ago(9_000_000), password: 'right' },
    { name: 'night-watch', role: 'monitor', createdAt: ago(80_000), password: 'right' },
  ];
}

/** What every fake server answers of its accounts: they are beta's. */
export const accountCalls = {
  'account.list': ({ world }: ServiceAt) => world.accounts.map(({ name, role, createdAt }) => ({ name, role, createdAt })),
  'account.create': ({ world }: ServiceAt, { name, role, password }: CallInput<'account.create'>) => {
    if (world.accounts.some((one) => one.name === name)) throw new ReplicationError('account-exists', { user: name });
    world.accounts = [...world.accounts, { name, role, password, createdAt: ago(0) }];
    return world.accounts.at(-1);
  },
  'account.set-password': ({ world }: ServiceAt, { name, password }: CallInput<'account.set-password'>) => {
    world.accounts = world.accounts.map((one) => (one.name === name ? { ...one, password } : one));
    return null;
  },
  'account.set-role': ({ world }: ServiceAt, { name, role }: CallInput<'account.set-role'>) => {
    if (!world.accounts.some((one) => one.name !== name && one.role === 'admin'))
      throw new ReplicationError('last-admin', { user: name });
    world.accounts = world.accounts.map((one) => (one.name === name ? { ...one, role } : one));
    return world.accounts.find((one) => one.name === name);
  },
  'account.delete': ({ world }: ServiceAt, { name }: CallInput<'account.delete'>) => {
    const rest = world.accounts.filter((one) => one.name !== name);
    if (!rest.some(({ role }) => role === 'admin')) throw new ReplicationError('last-admin', { user: name });
    world.accounts = rest;
    return null;
  },
};
