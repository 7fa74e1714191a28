import { addDays, dayNumber, parseMoment, type Zone } from './zoned-time.ts';

/** A start and its repetitions. Minutes and hours are counted on the clock that never jumps, days on the calendar. */
export interface Repetition {
  readonly startAt: string;
  readonly every: { readonly count: number; readonly unit: 'minutes' | 'hours' | 'days' } | null;
}

/** The latest occurrence at or before a moment and the next one after it; null where there is none. */
export function occurrencesAround(
  { startAt, every }: Repetition,
  nowMs: number,
  zone: Zone,
): { readonly latestMs: number | null; readonly nextMs: number | null } {
  const first = parseMoment(startAt);
  const firstMs = zone.ms(first);
  if (nowMs < firstMs) return { latestMs: null, nextMs: firstMs };
  if (every === null) return { latestMs: firstMs, nextMs: null };
  const { count, unit } = every;
  if (unit !== 'days') {
    const stepMs = count * (unit === 'hours' ? 3_600_000 : 60_000);
    const latestMs = firstMs + Math.floor((nowMs - firstMs) / stepMs) * stepMs;
    return { latestMs, nextMs: latestMs + stepMs };
  }
  const nth = (n: number) => zone.ms(addDays(first, n * count));
  let n = Math.floor((dayNumber(zone.local(nowMs)) - dayNumber(first)) / count);
  if (nth(n) > nowMs) n--; // today's is still to come
  return { latestMs: nth(n), nextMs: nth(n + 1) };
}
