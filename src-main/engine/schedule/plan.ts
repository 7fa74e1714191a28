import type { LineSettings, PlannedMoment, PlannedStart, PlannedWindow, SchedulePreview } from '../../api/index.ts';
import { CountingRules } from './counting-rules.ts';
import { nextStartMs } from './decide.ts';
import { isInWindow, lastOpenMs, nextCloseMs, nextOpenMs, type DailyWindow } from './window.ts';
import { Zone } from './zoned-time.ts';

/** So many starts and windows are told. */
const MOST = 5;

/** What the clock will do with these rules from a moment on, for people who put them together. Throws a RangeError for an unknown zone. */
export function planSchedule(rules: LineSettings['schedule'], timeZone: string | null, nowMs: number): SchedulePreview {
  const zone = new Zone(timeZone);
  const counting = new CountingRules(rules);
  const { window } = counting;
  const isHeldBack = window !== null || counting.hasStart;
  const isOpen = counting.isOpen(nowMs, zone);
  return {
    timeZone,
    now: !isHeldBack ? 'free' : isOpen ? 'open' : 'closed',
    starts: nextStarts(rules, nowMs, zone),
    windows: window === null ? [] : nextWindows(window, nowMs, zone),
  };
}

function nextStarts(rules: LineSettings['schedule'], nowMs: number, zone: Zone): readonly PlannedStart[] {
  const counting = new CountingRules(rules);
  const starts: PlannedStart[] = [];
  let ms = nextStartMs(rules, nowMs, zone);
  while (ms !== null && starts.length < MOST) {
    const end = counting.clockEnd(ms, zone);
    starts.push({ at: moment(ms, zone), until: end && moment(end.ms, zone), endsBy: end?.by ?? null });
    ms = nextStartMs(rules, ms, zone);
  }
  return starts;
}

function nextWindows(window: DailyWindow, nowMs: number, zone: Zone): readonly PlannedWindow[] {
  // A window of the whole day never closes.
  if (window.open === window.close) return [];
  const windows: PlannedWindow[] = [];
  let opensMs = isInWindow(window, nowMs, zone) ? lastOpenMs(window, nowMs, zone) : nextOpenMs(window, nowMs, zone);
  while (windows.length < MOST) {
    windows.push({ opensAt: moment(opensMs, zone), closesAt: moment(nextCloseMs(window, opensMs, zone), zone) });
    opensMs = nextOpenMs(window, opensMs, zone);
  }
  return windows;
}

function moment(ms: number, zone: Zone): PlannedMoment {
  const { year, month, day, hour, minute } = zone.local(ms);
  const two = (value: number) => value.toString().padStart(2, '0');
  return { at: new Date(ms).toISOString(), local: `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}` };
}
