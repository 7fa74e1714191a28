import type { ConnectionSnapshot } from '../../api/index.ts';
import { connectionOf } from '../connections.ts';
import { done, type CommandDefinition, type Run } from '../definitions.ts';
import { integerIn } from '../ranges.ts';
import { ScriptFailure } from '../script-failure.ts';
import { nameOf } from '../show.ts';
import type { Argument } from '../tree.ts';
import { dateOf, showValue, timeOf } from '../values.ts';
import { waitUntil } from '../waiting.ts';

const longestWaitMs = 7 * 86_400_000;
/** A mirror that was just asked for may take this long to show. */
const mirrorShowsWithinMs = 15_000;

const wait: CommandDefinition = {
  name: 'wait',
  syntax: '<milliseconds>',
  about: 'Does nothing for so long.',
  example: 'wait 5000;',
  bind(reader) {
    const ms = reader.operand('the number of milliseconds');
    reader.end();
    return async ({ session, signal }) => {
      await session.host.clock.sleep(integerIn(session, ms, 0, longestWaitMs, 'milliseconds'), signal);
      return done;
    };
  },
};

/** `wait on <what> <connection> [for <seconds>]`. */
function waitOn(
  what: 'mirror' | 'transmission',
  about: string,
  act: (run: Run, connection: ConnectionSnapshot, forMs: number | null) => Promise<void>,
): CommandDefinition {
  return {
    name: `wait on ${what}`,
    syntax: '<connection> [for <seconds>]',
    about,
    example: `wait on ${what} $id for 3600;`,
    words: ['for'],
    bind(reader) {
      const which = reader.operand('the connection');
      const seconds: Argument | null = reader.takeWord('for') === null ? null : reader.operand('the number of seconds');
      reader.end();
      return async (run) => {
        const forMs = seconds === null ? null : integerIn(run.session, seconds, 0, longestWaitMs / 1000, 'seconds') * 1000;
        await act(run, await connectionOf(run.session, which), forMs);
        return done;
      };
    },
  };
}

async function waitOnMirror(run: Run, connection: ConnectionSnapshot, forMs: number | null): Promise<void> {
  const before = run.session.mirrorsBefore.get(connection.id);
  let wasSeen = false;
  const options = { forMs, goal: 'did not complete its mirror', otherwise: 'The mirror goes on.' };
  const snapshot = await waitUntil(run, connection, options, ({ mirror, plan, replication, link, targetData }, waitedMs) => {
    if (plan.question !== null) throw new ScriptFailure(-118, `${plan.question.cause} ${plan.question.nextStep}`);
    if (mirror.kind !== 'idle') {
      wasSeen = true;
      return false;
    }
    if (mirror.lastCompletedAt !== null && mirror.lastCompletedAt !== before) return true;
    if (replication === 'starting' || link.kind !== 'up' || targetData === 'mirroring') return false;
    if (before !== undefined && !wasSeen && waitedMs < mirrorShowsWithinMs) return false;
    throw new ScriptFailure(
      -119,
      `No mirror of ${nameOf(connection)} is running, and none that this script waits for was completed. ` +
        `Start one: mirror start ${connection.number} different, checksum`,
    );
  });
  run.print(`Mirror complete: ${nameOf(snapshot)}.`);
}

async function waitOnTransmission(run: Run, connection: ConnectionSnapshot, forMs: number | null): Promise<void> {
  const options = { forMs, goal: 'still had operations on their way', otherwise: 'They stay queued.' };
  const snapshot = await waitUntil(run, connection, options, ({ mirror, replication, statistics: s }) => {
    return mirror.kind === 'idle' && replication !== 'starting' && s.queuedOps + s.inFlightOps + s.targetQueueOps === 0;
  });
  run.print(`All applied: ${nameOf(snapshot)}, up to operation ${snapshot.statistics.appliedSequence}.`);
}

const write: CommandDefinition = {
  name: 'write',
  syntax: '<value> …',
  about: 'Prints texts, numbers and variables with a blank between them; bare, date and time are the present ones.',
  example: 'write "Connection" $id "is ready";',
  bind(reader) {
    const values: (Argument | 'date' | 'time')[] = [];
    while (!reader.isAtEnd) {
      if (reader.isWord('+')) throw reader.refusal('write prints its values one after another, without "+"');
      const part = reader.takeWord('date', 'time');
      if (part !== null) reader.takeWord('now');
      values.push(part ?? reader.operand('a value'));
    }
    return ({ session, print }) => {
      const now = session.host.clock.now();
      const valueOf = (value: Argument | 'date' | 'time') =>
        value === 'date' ? dateOf(now) : value === 'time' ? timeOf(now) : session.value(value);
      print(values.map((value) => showValue(valueOf(value))).join(' '));
      return done;
    };
  },
};

function clockCommand(part: 'date' | 'time'): CommandDefinition {
  return {
    name: part,
    ...(part === 'time' ? { aliases: ['time now'] } : { aliases: ['date now'] }),
    syntax: '',
    about: part === 'date' ? "Today's date on this machine, as 2026-11-22." : 'The time of day on this machine, as 09:05:00.',
    example: part === 'date' ? '$today = date;' : 'if time < "12:00" then write "morning"; end;',
    bind(reader) {
      reader.end();
      return ({ session, print }) => {
        const now = session.host.clock.now();
        const value = part === 'date' ? dateOf(now) : timeOf(now);
        print(showValue(value));
        return { result: 1, value };
      };
    },
  };
}

const exit: CommandDefinition = {
  name: 'exit',
  aliases: ['quit'],
  syntax: '',
  about: 'Ends the script, or leaves the prompt.',
  example: 'exit;',
  bind(reader) {
    reader.end();
    return (run) => {
      run.exit();
      return done;
    };
  },
};

/** What a script needs around its commands. */
export const flowCommands: readonly CommandDefinition[] = [
  write,
  wait,
  waitOn('mirror', 'Waits until the mirror of a connection is complete on the target; fails if it ends otherwise.', waitOnMirror),
  waitOn(
    'transmission',
    'Waits until everything that a connection has queued is applied on the target. While it is paused that does not come: use "for".',
    waitOnTransmission,
  ),
  clockCommand('time'),
  clockCommand('date'),
  exit,
];
