import { Cron } from 'croner';
import type { RotationEntry, RotationTime } from '../../api/index.ts';
import { ReplicationError } from '../../base/index.ts';

/** One start by the clock. */
export interface Occurrence {
  readonly atMs: number;
  readonly entry: RotationEntry;
}

/** The moments at which the entries of a schedule are due. Only reckons: who owns a rotation looks at its own clock. */
export class Times {
  readonly #rules: readonly { readonly entry: RotationEntry; readonly cron: Cron }[];

  /** `timeZone` is meant where an entry names none; null: this machine's. Throws `bad-input` for what is no time, or no zone. */
  constructor(entries: readonly RotationEntry[], timeZone: string | null) {
    this.#rules = entries.map((entry) => ({ entry, cron: cronOf(entry.time, entry.timeZone ?? timeZone) }));
  }

  /** The newest one at or before a moment; of several at once the one whose entry comes first. */
  latest(atMs: number): Occurrence | null {
    return pick(
      this.#rules.flatMap(({ entry, cron }) => {
        // Asked from a second later, because what falls on the moment itself counts.
        const [before] = cron.previousRuns(1, new Date(Math.floor(atMs / 1000) * 1000 + 1000));
        return before === undefined ? [] : [{ atMs: before.getTime(), entry }];
      }),
      (one, other) => one.atMs > other.atMs,
    );
  }

  /** The first one after a moment. */
  next(afterMs: number): Occurrence | null {
    return pick(
      this.#rules.flatMap(({ entry, cron }) => {
        const after = cron.nextRun(new Date(afterMs));
        return after === null ? [] : [{ atMs: after.getTime(), entry }];
      }),
      (one, other) => one.atMs < other.atMs,
    );
  }
}

/** The moments of a cron pattern in a time zone; null: this machine's. Throws `bad-input` for what is no time. */
export function cronTimes(cron: string, timeZone: string | null): Times {
  return new Times([{ time: { kind: 'cron', cron }, timeZone: null, slot: null }], timeZone);
}

/**
 * Throws `bad-input` for what is no time, for a day that the calendar does not have, and for a pattern that never comes, such as each thirty-first of
 * February: to look for it costs much each time.
 */
export function checkTime(time: RotationTime): void {
  const refuse = (why: string) => badTime(time, null, new Error(why));
  // Made a date of, it would be another day.
  if (time.kind === 'date' && !new Date(`${time.at}:00Z`).toISOString().startsWith(time.at)) throw refuse('there is no such day');
  if (new Times([{ time, timeZone: null, slot: null }], null).next(0) === null) throw refuse('it never comes');
}

/** As `checkTime`, of a cron pattern. */
export function checkCron(cron: string): void {
  checkTime({ kind: 'cron', cron });
}

/** Makes the times of a schedule once, as long as neither it nor the zone is another one. */
export function timesOf(timeZone: () => string | null): (entries: readonly RotationEntry[]) => Times {
  const known = new WeakMap<readonly RotationEntry[], { readonly zone: string | null; readonly times: Times }>();
  return (entries) => {
    const zone = timeZone();
    const found = known.get(entries);
    if (found?.zone === zone) return found.times;
    const times = new Times(entries, zone);
    known.set(entries, { zone, times });
    return times;
  };
}

/** What a clock in that zone shows, to the minute: `2026-11-22 22:00`. */
export function localTime(atMs: number, timeZone: string | null): string {
  const zone = timeZone === null ? {} : { timeZone };
  return new Intl.DateTimeFormat('sv-SE', { ...zone, dateStyle: 'short', timeStyle: 'short' }).format(atMs);
}

function pick(found: readonly Occurrence[], isBetter: (one: Occurrence, other: Occurrence) => boolean): Occurrence | null {
  return found.reduce<Occurrence | null>((best, one) => (best === null || isBetter(one, best) ? one : best), null);
}

function cronOf(time: RotationTime, timeZone: string | null): Cron {
  const pattern = patternOf(time);
  try {
    // Paused, and never started: it is only asked for moments, and keeps no timer.
    const cron = new Cron(pattern, { paused: true, ...(timeZone === null ? {} : { timezone: timeZone }) });
    cron.nextRun(); // a zone is looked at only now
    return cron;
  } catch (cause) {
    throw badTime(time, timeZone, cause);
  }
}

function patternOf(time: RotationTime): string {
  switch (time.kind) {
    case 'cron':
      return time.cron;
    case 'date':
      return `${time.at}:00`;
    case 'clock': {
      const [hour = 0, minute = 0] = time.at.split(':').map(Number);
      return `${minute} ${hour} * * ${time.days.length === 0 ? '*' : time.days.join(',')}`;
    }
  }
}

function badTime(time: RotationTime, timeZone: string | null, cause: unknown): ReplicationError {
  const what = time.kind === 'cron' ? `“${time.cron}”` : `“${time.at}”`;
  const isZone = timeZone !== null && !isKnownZone(timeZone);
  const reason = cause instanceof Error ? cause.message.replace(/^\w+: /, '') : String(cause);
  const text = isZone ? `this system knows no time zone “${timeZone}”` : `${what} is no time for a schedule: ${reason}`;
  return new ReplicationError('bad-input', { text }, { cause });
}

function isKnownZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}
