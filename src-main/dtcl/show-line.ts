import type { ConnectionSnapshot, LineSettings, ScheduleStatus } from '../api/index.ts';
import { assertNever } from '../base/index.ts';

/** What the connection put on the wire, and what compression saved of it. */
export function showWire({ statistics: { plainBytes, wireBytes }, settings: { compression } }: ConnectionSnapshot): string {
  const saved = plainBytes === 0 ? 0 : Math.round((1 - wireBytes / plainBytes) * 100);
  const how = compression.isEnabled ? `compression level ${compression.level}` : 'no compression';
  return `${wireBytes} bytes of ${plainBytes}, ${saved} % saved (${how})`;
}

/** The limit of a line in words. */
export function showLimits({ bytesPerSec, burstBytes, burstSeconds }: LineSettings['limits']): string {
  const parts: string[] = [];
  if (bytesPerSec !== null) parts.push(`${bytesPerSec} bytes per second`);
  if (burstBytes !== null) parts.push(`${burstBytes} bytes in ${burstSeconds} seconds`);
  return parts.length === 0 ? 'not limited' : `${parts.join(', ')} for all connections to this target`;
}

const starters = { time: 'its time', queue: 'the queue', person: 'a person' } as const;

/** Where the schedule of a line stands. */
export function showSchedule(schedule: ScheduleStatus): string {
  switch (schedule.kind) {
    case 'unscheduled':
      return 'none';
    case 'waiting':
      return `waiting ${sinceAndWhy(schedule)}`;
    case 'sending':
      return `sending since ${schedule.since}, started by ${starters[schedule.startedBy]}`;
    default:
      return assertNever(schedule);
  }
}

/** The rest of the sentence about a schedule that waits. */
export function sinceAndWhy({
  since,
  reason,
  startsAt,
}: Pick<ScheduleStatus & { kind: 'waiting' }, 'since' | 'reason' | 'startsAt'>): string {
  return `since ${since}: ${reason}${startsAt === null ? '' : `; starts at ${startsAt}`}`;
}
