import type { ConnectionSettings, LineSettings } from '../../../src-main/api/index.ts';
import { scriptWord } from '../../text/scripts.ts';

type Limits = LineSettings['limits'];
type Schedule = LineSettings['schedule'];
export type Rate = 'free' | 'steady' | 'bursts';

/** Amounts of bytes as people say them. */
export const byteUnits = [
  { value: 'KiB', factor: 1024 },
  { value: 'MiB', factor: 1024 ** 2 },
  { value: 'GiB', factor: 1024 ** 3 },
] as const;
export type ByteUnit = (typeof byteUnits)[number]['value'];
export const timeUnits = [
  { value: 'minutes', factor: 60 },
  { value: 'hours', factor: 3600 },
  { value: 'days', factor: 86_400 },
] as const;
export type TimeUnit = (typeof timeUnits)[number]['value'];

/** A number as typed, with its unit. */
export class Amount<Unit extends string> {
  readonly units: readonly { readonly value: Unit; readonly factor: number }[];
  text = $state('');
  unit: Unit;

  /** Shows a value in the largest unit that holds it without a fraction. */
  constructor(units: readonly { readonly value: Unit; readonly factor: number }[], value: number | null, usual: Unit) {
    this.units = units;
    const fits = value === null ? undefined : units.findLast(({ factor }) => value % factor === 0);
    this.unit = $state(fits?.value ?? usual);
    // One that no unit holds whole is shown with a fraction.
    if (value !== null) this.text = String(value / this.#factor);
  }

  get #factor(): number {
    return this.units.find(({ value }) => value === this.unit)?.factor ?? 1;
  }

  /** In the smallest measure, a whole number; null for what is none, and for nothing. */
  get value(): number | null {
    const typed = this.text.trim();
    if (!/^\d{1,12}(\.\d{1,9})?$/.test(typed)) return null;
    const value = Math.round(Number(typed) * this.#factor);
    return value > 0 ? value : null;
  }
}

/** What a line may send and when, and how small one connection of it: put together step by step, ordered at the end. */
export class LimitsDraft {
  readonly #line: LineSettings;
  readonly #connection: ConnectionSettings;
  rate = $state<Rate>('free');
  readonly steady: Amount<ByteUnit>;
  readonly burst: Amount<ByteUnit>;
  burstSeconds = $state('');
  compression = $state<'off' | '1' | '2' | '3'>('off');
  hasWindow = $state(false);
  windowOpen = $state('');
  windowClose = $state('');
  hasStartTime = $state(false);
  startDate = $state('');
  startTime = $state('');
  isRepeated = $state(false);
  startEvery = $state('');
  startUnit = $state<Schedule['startUnit']>('days');
  mark = $state<'none' | 'percent' | 'bytes'>('none');
  markPercent = $state('');
  readonly markBytes: Amount<ByteUnit>;
  hasStopTime = $state(false);
  stopDate = $state('');
  stopTime = $state('');
  hasStopAfter = $state(false);
  readonly stopAfter: Amount<TimeUnit>;
  hasBudget = $state(false);
  readonly budget: Amount<ByteUnit>;

  /** `today` is proposed as the day of a start: `2026-11-22`. */
  constructor(line: LineSettings, connection: ConnectionSettings, today: string) {
    this.#line = line;
    this.#connection = connection;
    const { limits, schedule } = line;
    this.rate = limits.burstBytes !== null ? 'bursts' : limits.bytesPerSec !== null ? 'steady' : 'free';
    this.steady = new Amount(byteUnits, limits.bytesPerSec, 'MiB');
    this.burst = new Amount(byteUnits, limits.burstBytes, 'MiB');
    this.burstSeconds = String(limits.burstSeconds);
    const { isEnabled, level } = connection.compression;
    this.compression = isEnabled ? (String(level) as '1' | '2' | '3') : 'off';
    this.hasWindow = schedule.isWindowEnabled && schedule.windowOpen !== null;
    this.windowOpen = schedule.windowOpen ?? '22:00';
    this.windowClose = schedule.windowClose ?? '06:00';
    this.hasStartTime = schedule.isStartEnabled && schedule.startAt !== null;
    [this.startDate, this.startTime] = dateAndTime(schedule.startAt, today, '22:00');
    this.isRepeated = schedule.startAt === null || schedule.startEvery !== null;
    this.startEvery = String(schedule.startEvery ?? 1);
    this.startUnit = schedule.startEvery === null ? 'days' : schedule.startUnit;
    const { startQueuePercent, startQueueBytes, isStartEnabled } = schedule;
    this.mark = !isStartEnabled ? 'none' : startQueueBytes !== null ? 'bytes' : startQueuePercent !== null ? 'percent' : 'none';
    this.markPercent = String(startQueuePercent ?? 50);
    this.markBytes = new Amount(byteUnits, startQueueBytes ?? 1024 ** 3, 'GiB');
    this.hasStopTime = schedule.isStopEnabled && schedule.stopAt !== null;
    [this.stopDate, this.stopTime] = dateAndTime(schedule.stopAt, today, '06:00');
    this.hasStopAfter = schedule.isStopEnabled && schedule.stopAfterSeconds !== null;
    this.stopAfter = new Amount(timeUnits, schedule.stopAfterSeconds ?? 7200, 'hours');
    this.hasBudget = schedule.isStopEnabled && schedule.stopAfterBytes !== null;
    this.budget = new Amount(byteUnits, schedule.stopAfterBytes ?? 10 * 1024 ** 3, 'GiB');
  }

  /** What is wrong with the bandwidth, for people; null when nothing is. */
  get bandwidthProblem(): string | null {
    const { bytesPerSec, burstBytes, burstSeconds } = this.limits;
    if (this.rate === 'steady' && (bytesPerSec ?? 0) < 1024) return 'Say how much: at least 1 KiB in each second.';
    if (this.rate === 'bursts' && (burstBytes ?? 0) < 1024) return 'Say how much a burst is: at least 1 KiB.';
    if (this.rate === 'bursts' && !isWhole(burstSeconds, 86_400))
      return 'Say how long a burst and its rest take: 1 to 86400 seconds.';
    return null;
  }

  /** The same for the schedule. */
  get scheduleProblem(): string | null {
    if (this.hasWindow && !(isTime(this.windowOpen) && isTime(this.windowClose))) return 'Say when the window opens and closes.';
    if (this.hasStartTime && !(isDate(this.startDate) && isTime(this.startTime)))
      return 'Say on which day and at what time it starts.';
    if (this.hasStartTime && this.isRepeated && !isWhole(Number(this.startEvery), 10_000))
      return 'Say how often it starts again.';
    if (this.mark === 'percent' && !isWhole(Number(this.markPercent), 100))
      return 'Say at how full a queue it starts: 1 to 100 %.';
    if (this.mark === 'bytes' && this.markBytes.value === null) return 'Say at how much in the queue it starts.';
    if (this.hasStopTime && !(isDate(this.stopDate) && isTime(this.stopTime)))
      return 'Say on which day and at what time it stops.';
    if (this.hasStopAfter && this.stopAfter.value === null) return 'Say after how long it stops.';
    if (this.hasBudget && this.budget.value === null) return 'Say after how much it stops.';
    return null;
  }

  get limits(): Limits {
    return {
      bytesPerSec: this.rate === 'steady' ? this.steady.value : null,
      burstBytes: this.rate === 'bursts' ? this.burst.value : null,
      burstSeconds: this.rate === 'bursts' ? Number(this.burstSeconds) : this.#line.limits.burstSeconds,
    };
  }

  get schedule(): Schedule {
    return { ...this.#line.schedule, ...this.#window, ...this.#start, ...this.#stop };
  }

  /** Rules that are taken away are switched off and kept, as `schedule disable` does it. */
  get #window(): Partial<Schedule> {
    if (this.hasWindow) return { isWindowEnabled: true, windowOpen: this.windowOpen, windowClose: this.windowClose };
    return this.#line.schedule.windowOpen === null ? {} : { isWindowEnabled: false };
  }

  get #start(): Partial<Schedule> {
    const { startAt, startQueuePercent, startQueueBytes, startUnit } = this.#line.schedule;
    const hasMark = this.mark !== 'none';
    if (!this.hasStartTime && !hasMark)
      return (startAt ?? startQueuePercent ?? startQueueBytes) === null ? {} : { isStartEnabled: false };
    const every = this.hasStartTime && this.isRepeated ? Number(this.startEvery) : null;
    return {
      isStartEnabled: true,
      startAt: this.hasStartTime ? `${this.startDate}T${this.startTime}:00` : null,
      startEvery: every,
      startUnit: every === null ? startUnit : this.startUnit,
      startQueuePercent: this.mark === 'percent' ? Number(this.markPercent) : null,
      startQueueBytes: this.mark === 'bytes' ? this.markBytes.value : null,
    };
  }

  get #stop(): Partial<Schedule> {
    const { stopAt, stopAfterSeconds, stopAfterBytes } = this.#line.schedule;
    if (!this.hasStopTime && !this.hasStopAfter && !this.hasBudget)
      return (stopAt ?? stopAfterSeconds ?? stopAfterBytes) === null ? {} : { isStopEnabled: false };
    return {
      isStopEnabled: true,
      stopAt: this.hasStopTime ? `${this.stopDate}T${this.stopTime}:00` : null,
      stopAfterSeconds: this.hasStopAfter ? this.stopAfter.value : null,
      stopAfterBytes: this.hasBudget ? this.budget.value : null,
    };
  }

  /** Settings of the line that differ from those in force; null when none does. */
  get lineChange(): { readonly limits: Partial<Limits>; readonly schedule: Partial<Schedule> } | null {
    const change = {
      limits: differing(this.#line.limits, this.limits),
      schedule: differing(this.#line.schedule, this.schedule),
    };
    return Object.keys(change.limits).length + Object.keys(change.schedule).length === 0 ? null : change;
  }

  get connectionChange(): { readonly compression: Partial<ConnectionSettings['compression']> } | null {
    const { compression } = this.#connection;
    const wanted =
      this.compression === 'off' ? { ...compression, isEnabled: false } : { isEnabled: true, level: Number(this.compression) };
    const change = differing(compression, wanted);
    return Object.keys(change).length === 0 ? null : { compression: change };
  }

  /** The commands that do the same; none when nothing differs. */
  script(target: string, connectionNumber: number): readonly string[] {
    const to = `to ${scriptWord(target)}`;
    const { lineChange, connectionChange } = this;
    const commands: string[] = [];
    if (lineChange !== null && Object.keys(lineChange.limits).length > 0)
      commands.push(`limit bandwidth ${this.#bandwidthWords()} ${to};`);
    if (lineChange !== null && Object.keys(lineChange.schedule).length > 0)
      commands.push(...this.#scheduleCommands(lineChange.schedule, to));
    if (connectionChange !== null)
      commands.push(
        this.compression === 'off'
          ? `compression disable for ${connectionNumber};`
          : `compression enable level ${this.compression} for ${connectionNumber};`,
      );
    return commands;
  }

  #bandwidthWords(): string {
    const { bytesPerSec, burstBytes, burstSeconds } = this.limits;
    if (burstBytes !== null) return `${burstBytes}, ${burstSeconds}`;
    return bytesPerSec === null ? 'off' : String(bytesPerSec);
  }

  #scheduleCommands(change: Partial<Schedule>, to: string): readonly string[] {
    const s = this.schedule;
    const isChanged = (part: Partial<Schedule>) => Object.keys(part).some((name) => name in change);
    const commands: string[] = [];
    if (isChanged(this.#window))
      commands.push(
        s.isWindowEnabled ? `schedule window ${s.windowOpen ?? ''} ${s.windowClose ?? ''}` : 'schedule disable window',
      );
    if (isChanged(this.#start)) {
      commands.push(s.isStartEnabled ? 'schedule clear start' : 'schedule disable start');
      const every = s.startEvery === null ? '' : ` every ${s.startEvery} ${s.startUnit}`;
      if (s.isStartEnabled && s.startAt !== null) commands.push(`schedule start ${s.startAt.replace('T', ' ')}${every}`);
      if (s.isStartEnabled && s.startQueuePercent !== null) commands.push(`schedule start queue ${s.startQueuePercent}%`);
      if (s.isStartEnabled && s.startQueueBytes !== null) commands.push(`schedule start queue ${s.startQueueBytes}`);
    }
    if (isChanged(this.#stop)) {
      commands.push(s.isStopEnabled ? 'schedule clear stop' : 'schedule disable stop');
      if (s.isStopEnabled && s.stopAt !== null) commands.push(`schedule stop ${s.stopAt.replace('T', ' ')}`);
      if (s.isStopEnabled && s.stopAfterSeconds !== null) commands.push(`schedule stop for ${s.stopAfterSeconds} seconds`);
      if (s.isStopEnabled && s.stopAfterBytes !== null) commands.push(`schedule stop bytes ${s.stopAfterBytes}`);
    }
    return commands.map((command) => `${command} ${to};`);
  }
}

function dateAndTime(moment: string | null, date: string, time: string): [date: string, time: string] {
  return moment === null ? [date, time] : [moment.slice(0, 10), moment.slice(11, 16)];
}

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text);
}

function isTime(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
}

function isWhole(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}

/** What of `wanted` is not so in `now`. */
function differing<T extends object>(now: T, wanted: T): Partial<T> {
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => now[name as keyof T] !== value)) as Partial<T>;
}
