import { done, type CommandDefinition } from '../definitions.ts';
import { ScriptFailure } from '../script-failure.ts';
import type { DtclSession } from '../session.ts';
import type { Argument } from '../tree.ts';

const drift: CommandDefinition = {
  name: 'drift',
  syntax: '[<server>]',
  about: "Files of a target's replicas that somebody else changed or removed, found when the source's next change of them came.",
  example: 'drift beta;',
  bind(reader) {
    const server = reader.optionalOperand('the server');
    reader.end();
    return async ({ session, print }) => {
      const replicas = await callsTo(session, server).call('replica.list', null);
      const drifted = replicas.filter((replica) => replica.drift.count > 0);
      for (const replica of drifted) {
        print(`${replica.setName} from ${replica.sourceName}: ${replica.drift.count} files were changed by somebody else.`);
        for (const { at, path, what, expected, found, then } of replica.drift.newest) {
          const now = found === null ? 'nothing' : `${found.size} bytes of ${found.modified}`;
          print(`  ${at}  ${what}: ${path}  expected ${expected.size} bytes of ${expected.modified}, found ${now}; ${then}`);
        }
      }
      if (drifted.length === 0) print('No drift was found.');
      return {
        result: 1,
        data: replicas.map(({ connectionId, setName, drift: found }) => ({ connectionId, setName, ...found })),
      };
    };
  },
};

const accept: CommandDefinition = {
  name: 'drift accept',
  syntax: '[<server>]',
  about: 'Takes note of the drift of all replicas that a target holds: the lists begin anew.',
  example: 'drift accept beta;',
  bind(reader) {
    const server = reader.optionalOperand('the server');
    reader.end();
    return async ({ session, print }) => {
      const calls = callsTo(session, server);
      for (const { connectionId, setName, drift: found } of await calls.call('replica.list', null)) {
        if (found.count === 0) continue;
        await calls.call('replica.accept-drift', { connectionId });
        print(`Accepted: ${found.count} files of ${setName}.`);
      }
      return done;
    };
  },
};

function callsTo(session: DtclSession, server: Argument | null) {
  const { host } = session;
  const name = server === null ? session.target : host.resolve(session.text(server));
  if (name === null) throw new ScriptFailure(-106, 'No target is chosen. Name it in the command, or say: target <server>.');
  return host.calls(name);
}

/** What others did to a replica. */
export const driftCommands: readonly CommandDefinition[] = [drift, accept];
