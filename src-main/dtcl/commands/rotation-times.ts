import { rotationTime, weekdays, type RotationEntry, type RotationTime, type Weekday } from '../../api/index.ts';
import type { ArgumentReader } from '../arguments.ts';
import type { Action, CommandDefinition } from '../definitions.ts';
import { MirrorWords, mirrorSyntax, mirrorWords } from '../mirror-options.ts';
import { integerIn } from '../ranges.ts';
import { showEntry, showRotation } from '../rotation-text.ts';
import { configureRotation, onRotation, rotationOf } from '../rotations.ts';
import { ScriptFailure } from '../script-failure.ts';
import type { DtclSession } from '../session.ts';
import { showMirrorOptions } from '../show.ts';
import type { Argument } from '../tree.ts';

const to = '[to <slot>] [zone <time zone>]';

/** Reads `[to <slot>] [zone <zone>]` and the end; then adds a time to those that are there. */
function addTime(reader: ArgumentReader, which: Argument, read: (session: DtclSession) => unknown): Action {
  const slot = reader.takeWord('to') === null ? null : reader.operand('the slot');
  const zone = reader.takeWord('zone') === null ? null : reader.operand('the time zone');
  reader.end();
  return async ({ session, print }) => {
    const entry: RotationEntry = {
      slot: slot === null ? null : session.text(slot, 100),
      time: checked(read(session)),
      timeZone: zone === null ? null : session.text(zone, 100),
    };
    const { schedule: before } = await rotationOf(session, which);
    const schedule = [...before, entry];
    const after = await configureRotation(session, which, { schedule });
    print(`${after.name}: ${showEntry(entry)}.`);
    print(showRotation(after));
    return { result: 1, data: after };
  };
}

function checked(time: unknown): RotationTime {
  const result = rotationTime.safeParse(time);
  if (result.success) return result.data;
  throw new ScriptFailure(-122, `Not a time for a rotation: ${result.error.issues[0]?.message ?? 'wrong form'}.`);
}

const at: CommandDefinition = {
  name: 'rotation at',
  syntax: `<rotation> <time> [on <day>, …] ${to} | <rotation> <date> <time> ${to}`,
  about:
    'Adds a time: each day, on days of the week (mon, tue …), or once on a day of the calendar. It switches to the next slot or to one that ' +
    'is named. Times are meant in the zone of the service ("clock.timeZone") unless one is named; a time that the clock skips in spring is the ' +
    'moment after that, one that comes twice in autumn counts once.',
  example: 'rotation at noon 12:00 on mon, fri to A zone Europe/Berlin;',
  words: ['on', 'to', 'zone', ...weekdays],
  bind(reader) {
    const [which, first] = [reader.operand('the rotation'), reader.operand('the time, or the date')];
    const isDate = !reader.isAtEnd && !['on', 'to', 'zone'].some((word) => reader.isWord(word));
    const second = isDate ? reader.operand('the time') : null;
    const days: Weekday[] = [];
    if (second === null && reader.takeWord('on') !== null) {
      days.push(reader.expectWord(...weekdays));
      for (let day = reader.takeWord(...weekdays); day !== null; day = reader.takeWord(...weekdays)) days.push(day);
    }
    return addTime(reader, which, (session) => {
      const clock = session.text(second ?? first, 20).replace(/^(\d):/, '0$1:');
      if (second === null) return { kind: 'clock', at: clock, days: [...new Set(days)] };
      return { kind: 'date', at: `${session.text(first, 20)}T${clock}` };
    });
  },
};

const every: CommandDefinition = {
  name: 'rotation every',
  syntax: `<rotation> <cron> ${to}`,
  about:
    'Adds times by a cron expression in quotes: minute, hour, day of the month, month, day of the week; or six fields, seconds first.',
  example: 'rotation every noon "0 0,12 * * mon-fri" zone Europe/Berlin;',
  words: ['to', 'zone'],
  bind(reader) {
    const [which, cron] = [reader.operand('the rotation'), reader.operand('the cron expression, in quotes')];
    return addTime(reader, which, (session) => ({ kind: 'cron', cron: session.text(cron, 200) }));
  },
};

const clear: CommandDefinition = {
  name: 'rotation clear',
  syntax: '<rotation>',
  about: 'Forgets all times of a rotation.',
  example: 'rotation clear noon;',
  bind(reader) {
    const which = reader.operand('the rotation');
    reader.end();
    return async ({ session, print }) => {
      const after = await configureRotation(session, which, { schedule: [] });
      print(showRotation(after));
      return { result: 1, data: after };
    };
  },
};

const order: CommandDefinition = {
  name: 'rotation order',
  syntax: `<rotation> quick|safe [mirror ${mirrorSyntax}]`,
  about:
    'quick: the old slot leaves at a cut, then the new one comes with its mirror. safe: the new one is brought level first while the old one ' +
    'follows the source; then both are cut in the same moment and the old one goes to rest. "mirror" says with which mirror slots come back.',
  example: 'rotation order noon safe mirror different checksum;',
  words: ['quick', 'safe', 'mirror', ...mirrorWords],
  bind(reader) {
    const which = reader.operand('the rotation');
    const word = reader.expectWord('quick', 'safe');
    const words = new MirrorWords();
    if (reader.takeWord('mirror') !== null) while (words.take(reader));
    reader.end();
    return async ({ session, print }) => {
      const mirror = words.isSaid ? { mirror: words.options } : {};
      const after = await configureRotation(session, which, { order: word, ...mirror });
      print(`${after.name}: ${after.order}, mirror ${showMirrorOptions(after.mirror)}.`);
      return { result: 1, data: after };
    };
  },
};

const minutesOf = { minutes: 1, hours: 60, days: 1440 } as const;

const missed: CommandDefinition = {
  name: 'rotation missed',
  syntax: '<rotation> skip | run within <n> minutes|hours|days',
  about:
    'What becomes of a start that cannot be made when it is due: the service was off, the slot is in use, the switch before goes on. "run" makes ' +
    'it late, within so long; "skip" leaves it out.',
  example: 'rotation missed noon run within 2 hours;',
  words: ['skip', 'run', 'within', 'minutes', 'hours', 'days'],
  bind(reader) {
    const which = reader.operand('the rotation');
    if (reader.expectWord('skip', 'run') === 'skip') {
      reader.end();
      return async ({ session, print }) => {
        const after = await configureRotation(session, which, { missed: { policy: 'skip', withinMinutes: 1 } });
        print(`${after.name}: what is missed is skipped.`);
        return { result: 1, data: after };
      };
    }
    reader.expectWord('within');
    const count = reader.operand('how many');
    const unit = reader.expectWord('minutes', 'hours', 'days');
    reader.end();
    return async ({ session, print }) => {
      const most = Math.floor(525_600 / minutesOf[unit]);
      const withinMinutes = integerIn(session, count, 1, most, unit) * minutesOf[unit];
      const after = await configureRotation(session, which, { missed: { policy: 'run-late', withinMinutes } });
      print(`${after.name}: what is missed runs late, within ${withinMinutes} minutes.`);
      return { result: 1, data: after };
    };
  },
};

function enabling(verb: 'enable' | 'disable', about: string): CommandDefinition {
  return {
    name: `rotation ${verb}`,
    syntax: '<rotation>',
    about,
    example: `rotation ${verb} noon;`,
    bind: (reader) =>
      onRotation(reader, async (rotation, calls, print) => {
        const after = await calls.call('rotation.configure', { rotation, settings: { isEnabled: verb === 'enable' } });
        print(showRotation(after));
        return after;
      }),
  };
}

/** When a rotation switches, and how. */
export const rotationTimeCommands: readonly CommandDefinition[] = [
  at,
  every,
  clear,
  order,
  missed,
  enabling('enable', 'Lets the schedule of a rotation run again. What was due meanwhile is not made up for.'),
  enabling('disable', 'Nothing runs by the schedule any more; it is kept, and "rotation run" still switches.'),
];
