import { done, type CommandDefinition, type Outcome } from '../definitions.ts';
import { BAD_PARAMETER } from '../problem.ts';
import { ScriptFailure } from '../script-failure.ts';
import { showValue } from '../values.ts';

const mostLength = 100;
const levelWords = ['no access', 'statistics only', 'full access'] as const;

const login: CommandDefinition = {
  name: 'login',
  aliases: ['logon'],
  syntax: '<server> <user> [<password> [<domain>]]   or   login <server> stored',
  about:
    'Logs in to one server; gives 2 (full access), 1 (statistics only) or 0 (no access). Without a password a person at the ' +
    'terminal is asked. "stored" takes the login kept on this machine. Accounts have no domain: one that is given is not used.',
  example: 'login alpha stored;',
  words: ['stored'],
  bind(reader) {
    const server = reader.operand('the server');
    const isStored = reader.takeWord('stored') !== null;
    const user = isStored ? null : reader.operand('the user, or the word stored,');
    const password = isStored ? null : reader.optionalOperand('the password');
    const domain = password === null ? null : reader.optionalOperand('the domain');
    reader.end();
    return async ({ session, print }): Promise<Outcome> => {
      const { host } = session;
      const name = host.resolve(session.text(server));
      if (domain !== null) checkDomain(showValue(session.value(domain)));
      const level =
        user === null
          ? await host.login(name, 'stored')
          : await host.login(name, {
              user: session.text(user, mostLength),
              password: password === null ? await askPassword(name) : session.text(password, mostLength),
            });
      if (level > 0) print(`${name}: logged in, ${levelWords[level]}.`);
      return { result: level };

      async function askPassword(at: string): Promise<string> {
        const typed = await host.askPassword(`Password for ${at}: `);
        if (typed !== null && typed !== '') return typed;
        throw new ScriptFailure(BAD_PARAMETER, 'No password is given, and nobody is there to ask. Use: login <server> stored.');
      }
    };
  },
};

/** Older scripts pass one, sometimes an empty one. */
function checkDomain(domain: string): void {
  if (domain.length > mostLength) throw new ScriptFailure(-122, `A domain has at most ${mostLength} characters.`);
}

const logout: CommandDefinition = {
  name: 'logout',
  aliases: ['logoff'],
  syntax: '<server>',
  about: 'Drops the login to a server.',
  example: 'logout alpha;',
  bind(reader) {
    const server = reader.operand('the server');
    reader.end();
    return async ({ session, print }) => {
      const name = session.host.resolve(session.text(server));
      await session.host.logout(name);
      print(`${name}: logged out.`);
      return done;
    };
  },
};

/** A server that is refused leaves none chosen: the commands that follow must not act on the one before. */
function choice(role: 'source' | 'target', about: string): CommandDefinition {
  return {
    name: role,
    syntax: '[<server>]',
    about,
    example: `${role} ${role === 'source' ? 'alpha' : 'beta'};`,
    bind(reader) {
      const server = reader.optionalOperand('the server');
      reader.end();
      return ({ session, print }) => {
        if (server !== null) {
          session[role] = null;
          session[role] = session.host.resolve(session.text(server));
        }
        const chosen = session[role];
        if (chosen === null) throw new ScriptFailure(role === 'source' ? -104 : -106, `No ${role} is chosen.`);
        print(`${role}: ${chosen}`);
        return done;
      };
    },
  };
}

const ping: CommandDefinition = {
  name: 'ping',
  syntax: '<server>',
  about: 'Whether the service on a server answers. Needs no login.',
  example: 'ping beta;',
  bind(reader) {
    const server = reader.operand('the server');
    reader.end();
    return async ({ session, print }) => {
      const name = session.host.resolve(session.text(server));
      const answer = await session.host.ping(name);
      print(`${name} answers; it calls itself ${answer.name} and runs version ${answer.version}.`);
      return { result: 1, data: answer };
    };
  },
};

const version: CommandDefinition = {
  name: 'version',
  syntax: '[<server>]',
  about: 'The version of this program, or of the service on a server.',
  example: 'version beta;',
  bind(reader) {
    const server = reader.optionalOperand('the server');
    reader.end();
    return async ({ session, print }) => {
      const { host } = session;
      const name = server === null ? null : host.resolve(session.text(server));
      const found = name === null ? host.version : (await host.ping(name)).version;
      print(`${name ?? 'dtcl'}: version ${found}`);
      return { result: 1, value: { kind: 'text', text: found }, data: { version: found } };
    };
  },
};

/** Who is spoken to. */
export const sessionCommands: readonly CommandDefinition[] = [
  login,
  logout,
  choice('source', 'Chooses the server that connection, mirror, transmission and set commands act on; alone, prints it.'),
  choice('target', 'Chooses the target for commands that may leave it out; alone, prints it.'),
  ping,
  version,
];
