import type { LineSettings } from '../../api/index.ts';
import { occurrencesAround } from './occurrences.ts';
import { isInWindow, nextCloseMs, type DailyWindow } from './window.ts';
import { parseMoment, type Zone } from './zoned-time.ts';

export type ScheduleRules = LineSettings['schedule'];

/** What ends a session by the clock alone. */
export type ClockEnd = 'window-closed' | 'stop-time' | 'stop-duration';

/** The rules that are set and switched on. */
export class CountingRules {
  readonly window: DailyWindow | null;
  readonly stopAfterBytes: number | null;
  readonly #rules: ScheduleRules;
  readonly #startAt: string | null;
  readonly #percent: number | null;
  readonly #bytes: number | null;
  readonly #stopAt: string | null;
  readonly #stopAfterMs: number | null;

  constructor(rules: ScheduleRules) {
    const { isStartEnabled, isStopEnabled, isWindowEnabled, windowOpen, windowClose } = rules;
    this.#rules = rules;
    this.#startAt = isStartEnabled ? rules.startAt : null;
    this.#percent = isStartEnabled ? rules.startQueuePercent : null;
    this.#bytes = isStartEnabled ? rules.startQueueBytes : null;
    this.#stopAt = isStopEnabled ? rules.stopAt : null;
    this.#stopAfterMs = isStopEnabled && rules.stopAfterSeconds !== null ? rules.stopAfterSeconds * 1000 : null;
    this.stopAfterBytes = isStopEnabled ? rules.stopAfterBytes : null;
    this.window =
      isWindowEnabled && windowOpen !== null && windowClose !== null ? { open: windowOpen, close: windowClose } : null;
  }

  get isAny(): boolean {
    const stops = [this.#stopAt, this.#stopAfterMs, this.stopAfterBytes];
    return this.hasStart || this.window !== null || stops.some((stop) => stop !== null);
  }

  get hasStart(): boolean {
    return this.#startAt !== null || this.hasMark;
  }

  /** A start by the queue. */
  get hasMark(): boolean {
    return this.#percent !== null || this.#bytes !== null;
  }

  isOpen(nowMs: number, zone: Zone): boolean {
    return this.window === null || isInWindow(this.window, nowMs, zone);
  }

  isAtMark({ queuedBytes, queuePercent }: { readonly queuedBytes: number; readonly queuePercent: number | null }): boolean {
    const isFull = this.#percent !== null && queuePercent !== null && queuePercent >= this.#percent;
    return isFull || (this.#bytes !== null && queuedBytes >= this.#bytes);
  }

  stopAtMs(zone: Zone): number | null {
    return this.#stopAt === null ? null : zone.ms(parseMoment(this.#stopAt));
  }

  latestStartMs(nowMs: number, zone: Zone): number | null {
    return this.#occurrences(nowMs, zone).latestMs;
  }

  nextStartMs(nowMs: number, zone: Zone): number | null {
    return this.#occurrences(nowMs, zone).nextMs;
  }

  /** When, and by which rule, the clock ends a session that began at a moment; null where it goes on until something else ends it. */
  clockEnd(startMs: number, zone: Zone): { readonly ms: number; readonly by: ClockEnd } | null {
    const ends: { readonly ms: number; readonly by: ClockEnd }[] = [];
    const { window } = this;
    // A window of the whole day never closes.
    if (window !== null && window.open !== window.close)
      ends.push({ ms: nextCloseMs(window, startMs, zone), by: 'window-closed' });
    const stopAtMs = this.stopAtMs(zone);
    if (stopAtMs !== null && stopAtMs > startMs) ends.push({ ms: stopAtMs, by: 'stop-time' });
    if (this.#stopAfterMs !== null) ends.push({ ms: startMs + this.#stopAfterMs, by: 'stop-duration' });
    return ends.sort((a, b) => a.ms - b.ms)[0] ?? null;
  }

  #occurrences(nowMs: number, zone: Zone): ReturnType<typeof occurrencesAround> {
    const { startEvery, startUnit } = this.#rules;
    if (this.#startAt === null) return { latestMs: null, nextMs: null };
    const every = startEvery === null ? null : { count: startEvery, unit: startUnit };
    return occurrencesAround({ startAt: this.#startAt, every }, nowMs, zone);
  }
}
