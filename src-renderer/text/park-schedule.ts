import type { ParkSchedule } from '../../src-main/api/index.ts';
import { moment } from './format.ts';

/** What the clock does next with a connection. */
export function parkScheduleWords({ nextParkAt, nextReconnectAt, waits }: ParkSchedule): string {
  if (waits !== '') return `What is due waits: ${waits}`;
  if (nextParkAt === null)
    return nextReconnectAt === null
      ? 'No further times are set.'
      : `Next reconnected ${moment(nextReconnectAt)}, if the schedule parked it.`;
  const back = nextReconnectAt === null ? 'until somebody reconnects it' : `next reconnected ${moment(nextReconnectAt)}`;
  return `Next parked ${moment(nextParkAt)}, ${back}.`;
}

/** What came of the last time that was due; '' before the first. */
export function parkRunWords({ last }: ParkSchedule): string {
  if (last === null) return '';
  const what = last.what === 'park' ? 'Parking' : 'Reconnecting';
  const outcome = last.outcome === 'ordered' ? 'was ordered' : 'was missed';
  return `${what}, due ${moment(last.dueAt)}, ${outcome}${last.why === '' ? '.' : `: ${last.why}`}`;
}
