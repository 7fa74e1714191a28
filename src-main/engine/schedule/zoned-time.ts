/** A wall clock's reading. `month` counts from 1. */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Wall-clock time in one place, with its daylight saving. */
export class Zone {
  readonly #format: Intl.DateTimeFormat;
  /** What the clock was ahead of UTC in the quarters of an hour asked for last; it only ever changes between two of them. */
  readonly #offsets = new Map<number, number>();

  /** A name of the time zone database, or null for this machine's zone. Throws a RangeError for a name that there is not. */
  constructor(name: string | null) {
    this.#format = new Intl.DateTimeFormat('en-GB-u-ca-iso8601', {
      ...(name === null ? {} : { timeZone: name }),
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  local(ms: number): LocalTime {
    const date = new Date(ms + this.#offset(ms));
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
    };
  }

  /** The first moment with this reading. A reading that is skipped in spring is taken as so much after the change: 02:30 is 03:30. */
  ms(local: LocalTime): number {
    const asUtc = utc(local);
    const before = asUtc - this.#offset(asUtc - DAY_MS);
    const after = asUtc - this.#offset(asUtc + DAY_MS);
    // In autumn both readings are right, and the earlier counts; in spring neither is, and the offset from before the change counts.
    const isRight = (ms: number) => utc(this.local(ms)) === asUtc;
    if (isRight(before)) return before;
    return isRight(after) ? after : before;
  }

  #offset(ms: number): number {
    const quarter = Math.floor(ms / QUARTER_MS);
    const known = this.#offsets.get(quarter);
    if (known !== undefined) return known;
    if (this.#offsets.size >= MOST_OFFSETS) this.#offsets.clear();
    const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of this.#format.formatToParts(quarter * QUARTER_MS)) parts[type] = Number(value);
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
    const offset = utc({ year, month, day, hour, minute, second }) - quarter * QUARTER_MS;
    this.#offsets.set(quarter, offset);
    return offset;
  }
}

export const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;
const MOST_OFFSETS = 100;

/** The date so many days later, same time of day. */
export function addDays(local: LocalTime, days: number): LocalTime {
  const date = new Date(Date.UTC(local.year, local.month - 1, local.day + days));
  return { ...local, year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** Days since 1970 by the calendar. */
export function dayNumber({ year, month, day }: LocalTime): number {
  return Math.round(Date.UTC(year, month - 1, day) / DAY_MS);
}

/** Reads `2026-11-22T22:00:00`. */
export function parseMoment(text: string): LocalTime {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = text.split(/[-T:]/).map(Number);
  return { year, month, day, hour, minute, second };
}

function utc({ year, month, day, hour, minute, second }: LocalTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
