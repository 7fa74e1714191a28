import { done, type CommandDefinition } from '../definitions.ts';
import { ScriptFailure } from '../script-failure.ts';

/** Ends on the target what its source can end no more. */
export const releaseCommand: CommandDefinition = {
  name: 'replica release',
  syntax: '<connection id> [on <server>]',
  about:
    'Makes a target forget a replica whose source is gone for good, or was disconnected while the target was away; its files stay. ' +
    'The id is in "status target". Needs a login on the target.',
  example: 'replica release 0b5e0d63-7f4f-4a52-9d0e-3f1f6a0c9b11 on beta;',
  words: ['on'],
  bind(reader) {
    const id = reader.operand('the id of the connection');
    const server = reader.takeWord('on') === null ? null : reader.operand('the server');
    reader.end();
    return async ({ session, print }) => {
      const { host } = session;
      const name = server === null ? session.target : host.resolve(session.text(server));
      if (name === null) throw new ScriptFailure(-106, 'No target is chosen. Name it in the command, or say: target <server>.');
      const calls = host.calls(name);
      const wanted = session.text(id).toLowerCase();
      const replica = (await calls.call('replica.list', null)).find(({ connectionId }) => connectionId.toLowerCase() === wanted);
      if (replica === undefined)
        throw new ScriptFailure(-115, `${name} holds no replica of a connection ${wanted}. See: status target ${name}.`);
      // A source that is there would go on sending to a target that refuses it, and halt.
      if (replica.state === 'receiving')
        throw new ScriptFailure(
          -126,
          `The source of this replica, ${replica.sourceName}, is connected. Nothing was changed. Disconnect it there instead.`,
        );
      await calls.call('replica.release', { connectionId: replica.connectionId });
      print(`Released: ${replica.setName} from ${replica.sourceName}. Its files stay where they are.`);
      return done;
    };
  },
};
