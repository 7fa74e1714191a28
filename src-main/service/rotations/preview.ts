import type { PlannedSwitch } from '../../api/index.ts';
import { obstacleTo, slotFor } from './due.ts';
import type { StoredRotation } from './stored.ts';
import { localTime, type Occurrence, type Times } from './times.ts';

/** What the starts of a rotation depend on, besides its times. */
export type Planned = Pick<StoredRotation, 'slots' | 'order' | 'missed' | 'isEnabled' | 'running' | 'skip'>;

/** The next starts, and what each would do if nothing else happens before: the rotation in thought. */
export function previewOf(
  rotation: Planned,
  times: Times,
  options: { readonly live: string | null; readonly nowMs: number; readonly count: number; readonly timeZone: string | null },
): readonly PlannedSwitch[] {
  const planned: PlannedSwitch[] = [];
  let live = rotation.running?.to ?? options.live;
  let occurrence = times.next(options.nowMs);
  while (occurrence !== null && planned.length < options.count) {
    const one = plan(rotation, occurrence, live, options.timeZone);
    if (one !== null) planned.push(one);
    if (one?.action === 'switch') live = one.to;
    occurrence = times.next(occurrence.atMs);
    if (one === null) break; // without slots there is nothing to plan
  }
  return planned;
}

function plan(rotation: Planned, occurrence: Occurrence, live: string | null, timeZone: string | null): PlannedSwitch | null {
  const to = slotFor(rotation, occurrence, live);
  if (to === null) return null;
  const at = new Date(occurrence.atMs).toISOString();
  const facts = { at, local: localTime(occurrence.atMs, occurrence.entry.timeZone ?? timeZone), from: live, to };
  if (!rotation.isEnabled) return { ...facts, action: 'nothing', text: 'the rotation is disabled' };
  if (rotation.skip === at) return { ...facts, action: 'skip', text: 'somebody said to skip it' };
  if (to === live) return { ...facts, action: 'nothing', text: `“${to}” follows the source already` };
  const obstacle = obstacleTo({ ...rotation, running: null }, to);
  if (obstacle !== null && rotation.missed.policy === 'skip')
    return { ...facts, action: 'skip', text: `skipped, unless it is released before: ${obstacle}` };
  const words = rotation.order === 'quick' ? 'leaves at a cut, then' : 'stays until';
  const how =
    live === null
      ? `“${to}” comes with its mirror`
      : `“${live}” ${words} “${to}” ${rotation.order === 'quick' ? 'comes with its mirror' : 'is level'}`;
  return { ...facts, action: 'switch', text: obstacle === null ? how : `${how}; it waits while ${obstacle}` };
}
