import { bindEach, connectionsOf, onEach } from '../connections.ts';
import { done, type CommandDefinition } from '../definitions.ts';
import { bindMirror, mirrorSyntax, mirrorWords } from '../mirror-options.ts';
import { nameOf, showMirrorOptions } from '../show.ts';

const start: CommandDefinition = {
  name: 'mirror start',
  syntax: `<connection> ${mirrorSyntax}`,
  about:
    'Starts a mirror: all files whole, or those that differ by date, size or attributes, or with "checksum" the blocks that differ ' +
    'in any file, with "flagged" only of files whose date or size differ. "newer" leaves what is not newer on the source (wrong for databases). "orphans" looks for orphans at the end. ' +
    'Returns when it has begun; to wait for its end use: wait on mirror.',
  example: 'mirror start $id different, checksum;',
  words: mirrorWords,
  bind(reader) {
    const { which, options } = bindMirror(reader);
    return async (run) => {
      const { session, print } = run;
      await onEach(run, await connectionsOf(session, which), async (connection, calls) => {
        const before = connection.mirror.kind === 'idle' ? connection.mirror.lastCompletedAt : null;
        await calls.call('mirror.start', { connectionId: connection.id, options });
        session.mirrorsBefore.set(connection.id, before);
        print(`Mirror started (${showMirrorOptions(options)}): ${nameOf(connection)}.`);
      });
      return done;
    };
  },
};

function plain(verb: 'stop' | 'pause' | 'resume', about: string, past: string): CommandDefinition {
  return {
    name: `mirror ${verb}`,
    syntax: '<connection>',
    about,
    example: `mirror ${verb} $id;`,
    bind: (reader) =>
      bindEach(reader, async ({ print }, connection, calls) => {
        await calls.call(`mirror.${verb}`, { connectionId: connection.id });
        print(`Mirror ${past}: ${nameOf(connection)}.`);
      }),
  };
}

/** What brings a whole replica up to date. */
export const mirrorCommands: readonly CommandDefinition[] = [
  start,
  plain('stop', 'Stops a mirror and forgets its place; the replica is not complete until another one ends.', 'stopped'),
  plain('pause', 'Holds a mirror; it keeps its place.', 'paused'),
  plain('resume', 'Goes on with a paused mirror where it stood.', 'resumed'),
];
