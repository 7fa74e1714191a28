import { connectionOf, targetCalls } from '../connections.ts';
import { done, type CommandDefinition } from '../definitions.ts';
import { nameOf } from '../show.ts';

const reason = 'requested by a script';

function definition(verb: 'pause' | 'resume', about: string): CommandDefinition {
  return {
    name: `${verb} target`,
    aliases: [`${verb}target`],
    syntax: '<connection>',
    about,
    example: `${verb} target 1;`,
    bind(reader) {
      const argument = reader.operand('the connection');
      reader.end();
      return async ({ session, print }) => {
        const connection = await connectionOf(session, argument);
        const calls = targetCalls(session, connection);
        const { id: connectionId } = connection;
        if (verb === 'pause') await calls.call('replica.hold', { connectionId, reason });
        else await calls.call('replica.resume', { connectionId });
        print(`Target ${verb === 'pause' ? 'held' : 'resumed'}: ${nameOf(connection)}.`);
        return done;
      };
    },
  };
}

/** What makes a replica stand still while the target goes on receiving. Needs a login to the target. */
export const holdCommands: readonly CommandDefinition[] = [
  definition(
    'pause',
    'Holds the replica of a connection: the target goes on receiving and keeps what comes safe, and applies nothing after the group ' +
      'that it is applying. Lasts over restarts of both servers. Needs a login to the target.',
  ),
  definition('resume', 'Ends a hold; what was kept is applied. Needs a login to the target.'),
];
