import { connectionsOf, connectionsTo, onEach } from '../connections.ts';
import { done, type CommandDefinition } from '../definitions.ts';
import { configureLine, readTo } from '../lines.ts';
import { ScriptFailure } from '../script-failure.ts';
import type { DtclSession } from '../session.ts';
import { asSize, settingsNamed } from '../settings-table.ts';
import { nameOf } from '../show.ts';
import { showLimits } from '../show-line.ts';
import type { Argument } from '../tree.ts';
import { integerIn } from '../ranges.ts';

const limitBandwidth: CommandDefinition = {
  name: 'limit bandwidth',
  syntax: '<bytes> [, <seconds>] [to <target>] | off [to <target>]',
  about:
    'The most that all connections of the source to a target put on the wire together: so many bytes in each second, or with seconds so ' +
    'many bytes at once and nothing for the rest of the seconds. Bytes may be written as 64k, 10m, 2g.',
  example: 'limit bandwidth 19300, 5 to beta;',
  words: ['off', 'to'],
  bind(reader) {
    const isOff = reader.takeWord('off') !== null;
    const bytes = isOff ? null : reader.operand('the number of bytes, or "off"');
    const seconds = bytes === null || reader.isAtEnd || reader.isWord('to') ? null : reader.operand('the number of seconds');
    const target = readTo(reader);
    reader.end();
    return async ({ session, print }) => {
      const count = bytes === null ? null : bytesIn(session, bytes, 'limits.bytesPerSec');
      const burstSeconds = seconds === null ? null : integerIn(session, seconds, 1, 86_400, 'seconds');
      const limits =
        burstSeconds === null ? { bytesPerSec: count, burstBytes: null } : { bytesPerSec: null, burstBytes: count, burstSeconds };
      const name = target(session);
      const { settings } = await configureLine(session, name, { limits });
      print(`Bandwidth to ${name}: ${showLimits(settings.limits)}.`);
      return done;
    };
  },
};

/** A number of bytes within the range of a setting. */
export function bytesIn(session: DtclSession, argument: Argument, setting: string): number {
  const size = asSize(session.value(argument));
  const form = settingsNamed(setting, ['line'])[0]?.setting.form;
  if (size === null) throw new ScriptFailure(-101, `"${session.text(argument)}" is not a whole number of bytes.`);
  if (form?.kind === 'integer' && (size < form.least || size > form.most)) {
    throw new ScriptFailure(-122, `${size} bytes: between ${form.least} and ${form.most} are allowed.`);
  }
  return size;
}

const compression: CommandDefinition = {
  name: 'compression',
  syntax: 'enable [level <1-3>] | disable [for <connection>|<target>|*]',
  about:
    'Switches compression on or off for a connection, for all connections to a target, or for all of the source. What does not shrink ' +
    'is sent as it is, file by file. Level 1 is fastest, 3 smallest.',
  example: 'compression enable level 2 for beta;',
  words: ['enable', 'disable', 'level', 'for'],
  bind(reader) {
    const verb = reader.expectWord('enable', 'disable');
    const level = verb === 'enable' && reader.takeWord('level') !== null ? reader.operand('the level') : null;
    const which = reader.takeWord('for') === null ? null : reader.operand('the connection or the target');
    reader.end();
    return async (run) => {
      const { session, print } = run;
      const chosen = level === null ? {} : { level: integerIn(session, level, 1, 3, 'as the level') };
      await onEach(run, await meant(session, which), async (connection, calls) => {
        const change = { compression: { isEnabled: verb === 'enable', ...chosen } };
        const { settings } = await calls.call('connection.configure', { connectionId: connection.id, settings: change });
        const how = settings.compression.isEnabled ? `on, level ${settings.compression.level}` : 'off';
        print(`Compression is ${how}: ${nameOf(connection)}.`);
      });
      return done;
    };
  },
};

/** A number, a UUID or `*` is a connection, another word a target; nothing is the chosen target, or else every connection. */
function meant(session: DtclSession, which: Argument | null) {
  if (which === null) {
    if (session.target !== null) return connectionsTo(session, session.target);
    return session.sourceCalls().call('connection.list', null);
  }
  const text = session.text(which);
  const isServer = session.host.serverNames().some((name) => name.toLowerCase() === text.toLowerCase());
  return isServer ? connectionsTo(session, session.host.resolve(text)) : connectionsOf(session, which);
}

/** How much goes over a line, and how small. */
export const limitCommands: readonly CommandDefinition[] = [limitBandwidth, compression];
