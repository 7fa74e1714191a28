import type { ArgumentReader } from '../arguments.ts';
import { done, type CommandDefinition } from '../definitions.ts';
import { readPlace } from '../place.ts';
import { BAD_PARAMETER } from '../problem.ts';
import { ScriptFailure } from '../script-failure.ts';
import type { DtclSession } from '../session.ts';

const list: CommandDefinition = {
  name: 'account list',
  syntax: '[on <server>]',
  about: 'Who may log in to a server, and with which role: admin may do everything, monitor sees and changes nothing.',
  example: 'account list on beta;',
  words: ['on'],
  bind(reader) {
    const place = readPlace(reader);
    return async ({ session, print }) => {
      const { calls } = place(session);
      const accounts = await calls.call('account.list', null);
      const width = Math.max(...accounts.map(({ name }) => name.length));
      for (const { name, role, createdAt } of accounts) print(`${name.padEnd(width)}  ${role.padEnd(7)}  since ${createdAt}`);
      return { result: 1, data: accounts };
    };
  },
};

const create: CommandDefinition = {
  name: 'account create',
  syntax: '<user> admin|monitor [<password>] [on <server>]',
  about: 'Makes an account on a server. Without a password a person at the terminal is asked for one, twice.',
  example: 'account create night-watch monitor on beta;',
  words: ['admin', 'monitor', 'on'],
  bind(reader) {
    const user = reader.operand('the user');
    const role = reader.expectWord('admin', 'monitor');
    const password = readPassword(reader);
    const place = readPlace(reader);
    return async ({ session, print }) => {
      const { server, calls } = place(session);
      const name = session.text(user, 100);
      const info = await calls.call('account.create', { name, role, password: await password(session, name) });
      print(`${server}: account ${info.name} created, ${info.role}.`);
      return { result: 1, data: info };
    };
  },
};

const setPassword: CommandDefinition = {
  name: 'account password',
  syntax: '<user> [<password>] [on <server>]',
  about: 'Gives an account a new password, which ends its logins. Without one a person at the terminal is asked for it, twice.',
  example: 'account password night-watch on beta;',
  words: ['on'],
  bind(reader) {
    const user = reader.operand('the user');
    const password = readPassword(reader);
    const place = readPlace(reader);
    return async ({ session, print }) => {
      const { server, calls } = place(session);
      const name = session.text(user, 100);
      await calls.call('account.set-password', { name, password: await password(session, name) });
      print(`${server}: account ${name} has a new password.`);
      return done;
    };
  },
};

const setRole: CommandDefinition = {
  name: 'account role',
  syntax: '<user> admin|monitor [on <server>]',
  about: 'Gives an account another role, which ends its logins. The last administrator stays one.',
  example: 'account role night-watch admin on beta;',
  words: ['admin', 'monitor', 'on'],
  bind(reader) {
    const user = reader.operand('the user');
    const role = reader.expectWord('admin', 'monitor');
    const place = readPlace(reader);
    return async ({ session, print }) => {
      const { server, calls } = place(session);
      const info = await calls.call('account.set-role', { name: session.text(user, 100), role });
      print(`${server}: account ${info.name} has the role ${info.role}.`);
      return { result: 1, data: info };
    };
  },
};

const remove: CommandDefinition = {
  name: 'account delete',
  syntax: '<user> [on <server>]',
  about: 'Deletes an account, which ends its logins. The last administrator stays.',
  example: 'account delete night-watch on beta;',
  words: ['on'],
  bind(reader) {
    const user = reader.operand('the user');
    const place = readPlace(reader);
    return async ({ session, print }) => {
      const { server, calls } = place(session);
      const name = session.text(user, 100);
      await calls.call('account.delete', { name });
      print(`${server}: account ${name} deleted.`);
      return done;
    };
  },
};

function readPassword(reader: ArgumentReader): (session: DtclSession, user: string) => Promise<string> {
  const given = reader.isWord('on') ? null : reader.optionalOperand('the password');
  return async (session, user) => (given === null ? askTwice(session, user) : session.text(given, 100));
}

async function askTwice({ host }: DtclSession, user: string): Promise<string> {
  const typed = await host.askPassword(`New password for ${user}: `);
  if (typed === null || typed === '')
    throw new ScriptFailure(BAD_PARAMETER, 'No password is given, and nobody is there to ask. Nothing was changed.');
  // Nobody sees what is typed: a slip of the finger would lock the account.
  if ((await host.askPassword('Once more: ')) === typed) return typed;
  throw new ScriptFailure(BAD_PARAMETER, 'The two passwords differ. Nothing was changed.');
}

/** Who may log in to a server. */
export const accountCommands: readonly CommandDefinition[] = [list, create, setPassword, setRole, remove];
