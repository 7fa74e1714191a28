import { addDays, type LocalTime, type Zone } from './zoned-time.ts';

/** A part of each day, `HH:MM` to `HH:MM`, which may reach over midnight. The same time twice is the whole day. */
export interface DailyWindow {
  readonly open: string;
  readonly close: string;
}

export function isInWindow({ open, close }: DailyWindow, nowMs: number, zone: Zone): boolean {
  const { hour, minute } = zone.local(nowMs);
  const now = hour * 60 + minute;
  const [from, to] = [minutes(open), minutes(close)];
  if (from === to) return true;
  return from < to ? now >= from && now < to : now >= from || now < to;
}

/** When the window last closed, at or before a moment. */
export function lastCloseMs({ close }: DailyWindow, nowMs: number, zone: Zone): number {
  return last(close, nowMs, zone);
}

/** When it last opened, at or before a moment. */
export function lastOpenMs({ open }: DailyWindow, nowMs: number, zone: Zone): number {
  return last(open, nowMs, zone);
}

/** When it opens next, after a moment. */
export function nextOpenMs({ open }: DailyWindow, nowMs: number, zone: Zone): number {
  return next(open, nowMs, zone);
}

/** When it closes next, after a moment. */
export function nextCloseMs({ close }: DailyWindow, nowMs: number, zone: Zone): number {
  return next(close, nowMs, zone);
}

function last(time: string, nowMs: number, zone: Zone): number {
  const today = at(zone.local(nowMs), time);
  const ms = zone.ms(today);
  return ms <= nowMs ? ms : zone.ms(addDays(today, -1));
}

function next(time: string, nowMs: number, zone: Zone): number {
  const today = at(zone.local(nowMs), time);
  const ms = zone.ms(today);
  return ms > nowMs ? ms : zone.ms(addDays(today, 1));
}

function at(day: LocalTime, time: string): LocalTime {
  const all = minutes(time);
  return { ...day, hour: Math.floor(all / 60), minute: all % 60, second: 0 };
}

function minutes(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
}
