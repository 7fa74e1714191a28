import type { LineSettings, LineSettingsChange } from '../../api/index.ts';
import { invariant } from '../../base/index.ts';
import type { ArgumentReader } from '../arguments.ts';
import { done, type Action, type CommandDefinition } from '../definitions.ts';
import { configureLine, readTo } from '../lines.ts';
import { integerIn } from '../ranges.ts';
import { ScriptFailure } from '../script-failure.ts';
import type { DtclSession } from '../session.ts';
import { readSetting, settingsNamed } from '../settings-table.ts';
import { showSchedule } from '../show-line.ts';
import type { Argument } from '../tree.ts';
import { showValue, textValue } from '../values.ts';
import { bytesIn } from './limits.ts';

type Change = Exclude<LineSettingsChange['schedule'], undefined>;

const noStart: Change = { startAt: null, startEvery: null, startQueuePercent: null, startQueueBytes: null };
const noStop: Change = { stopAt: null, stopAfterSeconds: null, stopAfterBytes: null };
const noWindow: Change = { windowOpen: null, windowClose: null };
const cleared = { start: noStart, stop: noStop, window: noWindow } as const;
const switches = { start: 'isStartEnabled', stop: 'isStopEnabled', window: 'isWindowEnabled' } as const;
/** So many coming starts are told. */
const NEXT_STARTS = 2;
const secondsIn = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const;

const start: CommandDefinition = {
  name: 'schedule start',
  syntax: '<date> <time> [every <n> minutes|hours|days] | queue <n>% | queue <bytes> [to <target>]',
  about:
    'Sending to a target starts at a time (again each so many minutes, hours or days), or when so much of the queue waits. It goes on until ' +
    'nothing waits or a stop rule is met. Times are local to the source. Both kinds may be set, one after the other.',
  example: 'schedule start 2026-11-22 22:00 every 1 days to beta;',
  words: ['queue', 'every', 'minutes', 'hours', 'days', 'to'],
  bind: (reader) => (reader.takeWord('queue') === null ? startAt(reader) : startQueue(reader)),
};

function startAt(reader: ArgumentReader): Action {
  const [date, time] = [reader.operand('the date, or "queue"'), reader.operand('the time')];
  const count = reader.takeWord('every') === null ? null : reader.operand('how often');
  const unit = count === null ? null : reader.expectWord('minutes', 'hours', 'days', 'minute', 'hour', 'day');
  const startUnit = unit === null ? null : unitNames[unit];
  return change(reader, (session) => ({
    isStartEnabled: true,
    startAt: moment(session, date, time, 'schedule.startAt'),
    startEvery: count === null ? null : integerIn(session, count, 1, 10_000, startUnit ?? ''),
    ...(startUnit === null ? {} : { startUnit }),
  }));
}

const unitNames = {
  minutes: 'minutes', minute: 'minutes', hours: 'hours', hour: 'hours', days: 'days', day: 'days',
} as const; // prettier-ignore

function startQueue(reader: ArgumentReader): Action {
  const mark = reader.operand('how much, as 50% or as bytes');
  return change(reader, (session) => {
    const percent = /^(\d{1,3})%$/.exec(showValue(session.value(mark)))?.[1];
    if (percent === undefined) {
      return {
        isStartEnabled: true,
        startQueueBytes: bytesIn(session, mark, 'schedule.startQueueBytes'),
        startQueuePercent: null,
      };
    }
    if (Number(percent) < 1 || Number(percent) > 100)
      throw new ScriptFailure(-122, `${percent}%: between 1% and 100% are allowed.`);
    return { isStartEnabled: true, startQueuePercent: Number(percent), startQueueBytes: null };
  });
}

const stop: CommandDefinition = {
  name: 'schedule stop',
  syntax: '<date> <time> | for <n> seconds|minutes|hours|days | bytes <n> [to <target>]',
  about: 'Sending to a target stops at a time, so long after it started, or when so many bytes were sent since. Each may be set.',
  example: 'schedule stop for 2 hours to beta;',
  words: ['for', 'bytes', 'seconds', 'minutes', 'hours', 'days', 'to'],
  bind(reader) {
    if (reader.takeWord('for') !== null) {
      const count = reader.operand('how long');
      const unit = reader.expectWord('seconds', 'minutes', 'hours', 'days');
      return change(reader, (session) => {
        const most = Math.floor(31_536_000 / secondsIn[unit]);
        return { isStopEnabled: true, stopAfterSeconds: integerIn(session, count, 1, most, unit) * secondsIn[unit] };
      });
    }
    if (reader.takeWord('bytes') !== null) {
      const bytes = reader.operand('the number of bytes');
      return change(reader, (session) => ({
        isStopEnabled: true,
        stopAfterBytes: bytesIn(session, bytes, 'schedule.stopAfterBytes'),
      }));
    }
    const [date, time] = [reader.operand('the date, "for" or "bytes"'), reader.operand('the time')];
    return change(reader, (session) => ({ isStopEnabled: true, stopAt: moment(session, date, time, 'schedule.stopAt') }));
  },
};

const window: CommandDefinition = {
  name: 'schedule window',
  syntax: '<open> <close> [to <target>]',
  about:
    'Nothing is sent to a target outside these times of day, whatever else would start it; the window may reach over midnight. It starts ' +
    'nothing by itself: a start rule, or "transmission start" inside it, is still needed.',
  example: 'schedule window 22:00 06:00 to beta;',
  words: ['to'],
  bind(reader) {
    const [open, close] = [reader.operand('the time at which it opens'), reader.operand('the time at which it closes')];
    return change(reader, (session) => ({
      isWindowEnabled: true,
      windowOpen: timeOfDay(session, open),
      windowClose: timeOfDay(session, close),
    }));
  },
};

function onParts(verb: 'enable' | 'disable' | 'clear', about: string): CommandDefinition {
  return {
    name: `schedule ${verb}`,
    syntax: '[start|stop|window] [to <target>]',
    about,
    example: `schedule ${verb} window to beta;`,
    words: ['start', 'stop', 'window', 'to'],
    bind(reader) {
      const part = reader.takeWord('start', 'stop', 'window');
      const parts = part === null ? (['start', 'stop', 'window'] as const) : [part];
      return change(reader, () => {
        const changes = parts.map((one): Change => (verb === 'clear' ? cleared[one] : { [switches[one]]: verb === 'enable' }));
        return changes.reduce((all, one) => ({ ...all, ...one }), {});
      });
    },
  };
}

const list: CommandDefinition = {
  name: 'schedule list',
  syntax: '[to <target>]',
  about:
    'The schedules of the source, or of its line to one target: the rules, whether it sends now, and when the clock starts it next.',
  example: 'schedule list;',
  words: ['to'],
  bind(reader) {
    const isOne = reader.isWord('to');
    const target = readTo(reader);
    reader.end();
    return async ({ session, print }) => {
      const { host } = session;
      const wanted = isOne ? host.fingerprintOf(target(session)) : null;
      const all = await session.sourceCalls().call('line.list', null);
      const lines = all.filter(({ targetFingerprint }) => wanted === null || targetFingerprint === wanted);
      for (const { targetFingerprint, settings, schedule } of lines) {
        const name = host.serverNames().find((server) => host.fingerprintOf(server) === targetFingerprint) ?? targetFingerprint;
        print(`${name}: ${showSchedule(schedule)}`);
        for (const rule of rulesOf(settings.schedule)) print(`  ${rule}`);
        const { starts } = await session.sourceCalls().call('schedule.preview', { settings: { schedule: settings.schedule } });
        for (const { at, until } of starts.slice(0, NEXT_STARTS))
          print(`  next ${at.local}${until === null ? '' : `, until ${until.local} at the latest`}`);
      }
      if (lines.length === 0) print('There are no schedules.');
      return { result: 1, data: lines };
    };
  },
};

function rulesOf(rules: LineSettings['schedule']): readonly string[] {
  const off = (isEnabled: boolean) => (isEnabled ? '' : ' (disabled)');
  const { startAt, startEvery, startUnit, startQueuePercent, startQueueBytes, windowOpen, windowClose } = rules;
  const every = startEvery === null ? '' : ` every ${startEvery} ${startUnit}`;
  const found: string[] = [];
  const add = (isEnabled: boolean, value: unknown, rule: string) => {
    if (value !== null) found.push(rule + off(isEnabled));
  };
  add(rules.isStartEnabled, startAt, `start ${startAt?.replace('T', ' ') ?? ''}${every}`);
  add(rules.isStartEnabled, startQueuePercent, `start queue ${startQueuePercent ?? 0}%`);
  add(rules.isStartEnabled, startQueueBytes, `start queue ${startQueueBytes ?? 0}`);
  add(rules.isStopEnabled, rules.stopAt, `stop ${rules.stopAt?.replace('T', ' ') ?? ''}`);
  add(rules.isStopEnabled, rules.stopAfterSeconds, `stop for ${rules.stopAfterSeconds ?? 0} seconds`);
  add(rules.isStopEnabled, rules.stopAfterBytes, `stop bytes ${rules.stopAfterBytes ?? 0}`);
  add(rules.isWindowEnabled, windowOpen, `window ${windowOpen ?? ''} ${windowClose ?? ''}`);
  return found;
}

/** Reads `[to <target>]` and the end; then one change of that line's schedule. */
function change(reader: ArgumentReader, read: (session: DtclSession) => Change): Action {
  const target = readTo(reader);
  reader.end();
  return async ({ session, print }) => {
    const schedule = read(session);
    const name = target(session);
    const line = await configureLine(session, name, { schedule });
    print(`Schedule to ${name}: ${showSchedule(line.schedule)}.`);
    for (const rule of rulesOf(line.settings.schedule)) print(`  ${rule}`);
    const { windowOpen, isWindowEnabled } = line.settings.schedule;
    const isLone =
      windowOpen !== null && isWindowEnabled && !rulesOf(line.settings.schedule).some((rule) => rule.startsWith('start'));
    if (isLone) print('  A window alone starts nothing: add a start rule, or start by hand inside it: transmission start');
    return { ...done, data: line };
  };
}

/** `2026-11-22 22:00` as the setting holds it. */
function moment(session: DtclSession, date: Argument, time: Argument, setting: string): string {
  const clock = session.text(time);
  const full = `${session.text(date)}T${/^\d?\d:\d\d$/.test(clock) ? `${clock}:00` : clock}`.replace(/T(\d):/, 'T0$1:');
  return checked(setting, full);
}

function timeOfDay(session: DtclSession, time: Argument): string {
  return checked('schedule.windowOpen', session.text(time).replace(/^(\d):/, '0$1:'));
}

/** Throws in the words of the setting when it does not take this text. */
function checked(setting: string, given: string): string {
  const [named] = settingsNamed(setting, ['line']);
  invariant(named !== undefined, 'the schedule is a section of the line');
  readSetting(named, textValue(given));
  return given;
}

/** When sending to a target may start and must stop. */
export const scheduleCommands: readonly CommandDefinition[] = [
  start,
  stop,
  window,
  onParts('enable', 'Switches the rules on again that "schedule disable" switched off.'),
  onParts('disable', 'Switches rules off and keeps them.'),
  onParts('clear', 'Forgets rules.'),
  list,
];
