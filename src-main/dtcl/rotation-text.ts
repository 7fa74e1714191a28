import type { PlannedSwitch, RotationEntry, RotationRun, RotationSnapshot, RotationTime, SlotSnapshot } from '../api/index.ts';
import { assertNever, formatBytes, formatDuration } from '../base/index.ts';
import { showMirrorOptions } from './show.ts';
import { showCutWorth } from './show-cut.ts';

/** `12:00 mon,fri`, `2026-12-24 18:00`, `cron "0 12 * * *"`. */
export function showTime(time: RotationTime): string {
  switch (time.kind) {
    case 'clock':
      return time.days.length === 0 ? `every day ${time.at}` : `${time.days.join(',')} ${time.at}`;
    case 'date':
      return time.at.replace('T', ' ');
    case 'cron':
      return `cron "${time.cron}"`;
    default:
      return assertNever(time);
  }
}

export function showEntry({ slot, time, timeZone }: RotationEntry): string {
  return `${showTime(time)} ${slot === null ? 'to the next slot' : `to ${slot}`}${timeZone === null ? '' : `, ${timeZone}`}`;
}

/** One line: what it does next, and how old the newest complete copy is. */
export function showRotation(rotation: RotationSnapshot): string {
  const { name, isEnabled, running, next, slots } = rotation;
  const turns = slots.map((slot) => `${slot.name} ${slot.state}`).join(', ');
  const now = running === null ? '' : `  switching to ${running.to} (${running.step})`;
  const then = !isEnabled ? 'disabled' : next === null ? 'no start by the clock' : `next ${next.local} to ${next.to}`;
  return `${name}: ${turns === '' ? 'no slots' : turns}${now}  ${then}  ${showNewest(rotation)}`;
}

export function showNewest({ newest }: RotationSnapshot): string {
  if (newest === null) return 'newest complete copy: NONE';
  const age = newest.cut === null ? 'follows the source' : `${formatDuration(newest.ageMs)} old, as of ${newest.at}`;
  return `newest complete copy: ${newest.slot}, ${age}`;
}

/** Everything a person asks about one rotation, a line each. */
export function showRotationFull(rotation: RotationSnapshot): readonly string[] {
  const { schedule, order, mirror, missed, isEnabled, running, next, slots } = rotation;
  const late = missed.policy === 'skip' ? 'skipped' : `run late, within ${formatDuration(missed.withinMinutes * 60_000)}`;
  const lines = [
    `Rotation:   ${rotation.name}  ${rotation.id}`,
    `Order:      ${order}, mirror ${showMirrorOptions(mirror)}`,
    `Missed:     ${late}`,
    `Schedule:   ${isEnabled ? 'enabled' : 'DISABLED'}${schedule.length === 0 ? ', no times' : ''}`,
    ...schedule.map((entry, i) => `  ${i + 1}  ${showEntry(entry)}`),
    `Next:       ${next === null ? 'none by the clock' : showPlanned(next)}`,
    `Newest:     ${showNewest(rotation)}`,
    ...slots.flatMap(showSlot),
  ];
  if (running !== null) {
    const from = running.from === null ? '' : ` from ${running.from}`;
    lines.push(
      `SWITCHING${from} to ${running.to} (${running.order}, ${running.step}) since ${running.begunAt}. ${running.problem}`.trim(),
    );
  }
  return lines;
}

function showSlot({ name, number, targetName, places, state, why, copy, use }: SlotSnapshot): readonly string[] {
  const where = number === null ? '' : `, connection ${number} at ${places.join(', ')} on ${targetName ?? ''}`;
  const lines = [`Slot ${name}: ${state}${where}`];
  if (why !== '' && use === null) lines.push(`  ${why}`);
  if (use !== null) lines.push(`  in use by ${use.owner} since ${use.since}: ${use.reason}`);
  if (copy === null) lines.push('  no complete copy');
  else if (copy.cut === null) lines.push(`  complete, follows the source (${copy.label})`);
  else
    lines.push(
      `  complete as of ${copy.at}, ${formatDuration(copy.ageMs)} old, operation ${copy.cut.sequence}, ${showCutWorth(copy.cut)}`,
    );
  return lines;
}

export function showPlanned({ local, to, action, text }: PlannedSwitch): string {
  return `${local} to ${to}: ${action === 'switch' ? '' : `${action}, `}${text}`;
}

export function showRun(run: RotationRun): string {
  const { dueAt, begunAt, endedAt, from, to, outcome, why, cut, isComplete, isSameCut, sentBytes } = run;
  const when = dueAt === null ? `${begunAt ?? endedAt} by hand` : `due ${dueAt}`;
  const sent = sentBytes === null ? '' : `, sent ${formatBytes(sentBytes)}`;
  const left = cut === null ? '' : `, ${from ?? ''} at rest as of ${cut.at} (${cut.label}${isComplete ? '' : ', NOT complete'})`;
  const same = isSameCut === null ? '' : `, same cut: ${isSameCut ? 'yes' : 'no'}`;
  return `${when}  to ${to}  ${outcome} ${endedAt}${sent}${left}${same}${why === '' ? '' : `  ${why}`}`;
}
