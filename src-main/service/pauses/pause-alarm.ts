import type { ConnectionSnapshot, Problem } from '../../api/index.ts';
import { describeError, formatDuration } from '../../base/index.ts';

/** A pause that has lasted longer than the settings of its connection let pass. `over`: it has reached the most that it may last. */
export interface PauseAlarm {
  readonly level: 'long' | 'over';
  /** Since when it is paused; tells one pause from the next. */
  readonly since: string;
  readonly problem: Problem;
}

const MINUTE_MS = 60_000;

/** Judged by the time of its order, which is kept over restarts; null while nothing need be said. Holds by anybody but a person or script end by themselves. */
export function pauseAlarm({ holds, queue, settings }: ConnectionSnapshot, nowMs: number): PauseAlarm | null {
  const hold = holds.find(({ by, kind }) => by === 'operator' && kind === 'pause');
  if (hold === undefined) return null;
  const { warnMinutes, maxMinutes, atMax } = settings.pause;
  const lastedMs = nowMs - Date.parse(hold.since);
  const isOver = maxMinutes !== null && lastedMs >= maxMinutes * MINUTE_MS;
  if (!isOver && (warnMinutes === null || lastedMs < warnMinutes * MINUTE_MS)) return null;
  const { owner, reason, since } = hold;
  const text = describeError('paused-long', {
    user: owner,
    text: reason,
    lasted: formatDuration(lastedMs),
    limit: isOver ? formatDuration(maxMinutes * MINUTE_MS) : null,
    fullIn: queue.fullInMs === null ? null : formatDuration(queue.fullInMs),
    resumes: isOver && atMax === 'resume',
  });
  return { level: isOver ? 'over' : 'long', since, problem: { code: 'paused-long', path: null, since, ...text } };
}
