import { connectionsOf, onEach } from '../connections.ts';
import { done, type CommandDefinition } from '../definitions.ts';
import { mirrorSyntax, mirrorWords, MirrorWords } from '../mirror-options.ts';
import { nameOf, showMirrorOptions } from '../show.ts';

/** Brings back a connection that left its target, by itself or because it was parked. */
export const reconnectCommand: CommandDefinition = {
  name: 'reconnect',
  syntax: `<connection>|*|all [mirror|nomirror] ${mirrorSyntax}`,
  about:
    'Brings back a connection that is parked, that left its target because its queue was full, or that is not to come back by itself after a restart. ' +
    'A mirror of "different, checksum" makes the replica equal again unless other words are said; with "nomirror" nothing is sent ' +
    'before a mirror is started. While transmission is held it waits.',
  example: 'reconnect $id different;',
  words: ['all', 'mirror', 'nomirror', ...mirrorWords.filter((word) => word !== 'all')],
  bind(reader) {
    const which = reader.operand('the connection');
    const { at } = reader;
    const isWithout = reader.takeWord('mirror', 'nomirror') === 'nomirror';
    const words = new MirrorWords();
    while (words.take(reader));
    if (isWithout && words.isSaid) throw reader.refusal('"nomirror" and the kind of a mirror contradict each other', at);
    reader.end();
    const mirror = isWithout ? null : words.isSaid ? words.options : ({ kind: 'checksum' } as const);
    return async (run) => {
      const { session, print } = run;
      await onEach(run, await connectionsOf(session, which), async ({ id: connectionId }, calls) => {
        const after = await calls.call('connection.reconnect', { connectionId, mirror });
        print(`Reconnects: ${nameOf(after)}, ${mirror === null ? 'no mirror' : `mirror ${showMirrorOptions(mirror)}`}.`);
      });
      return done;
    };
  },
};
