import type { Place } from '../../model/index.ts';
import type { SourceStages } from './assemble-source.ts';

/** A group that does not settle is ended after this. */
export const MOST_GROUP_AGE_MS = 500;
/** How long a pause, or a hold of the target, waits for a cut that is a point in time. */
export const CUT_PATIENCE_MS = 2_000;

export const MIRROR_RUNS = 'a mirror is running';

/** Why nothing that is sent now can be a state of one moment, for people; null when nothing stands against it. */
export function obstacleOf(
  stages: Pick<SourceStages, 'mirrors' | 'problems' | 'hotFiles' | 'guard' | 'instantPace' | 'transfers'>,
): string | null {
  const { mirrors, problems, guard, instantPace, transfers } = stages;
  if (mirrors.progress !== null) return MIRROR_RUNS;
  if (mirrors.isComparing) return 'the disk is being compared with what the target has';
  if (mirrors.targetData() === 'mirror-required') return 'a mirror is required';
  if (transfers.size > 0) return 'a large file is on its way';
  if (!instantPace.isHopeful && restlessOf(stages) !== null) return restlessOf(stages);
  if (guard.heldCount > 0 && guard.briefMs === null) return 'removals are held back until it is sure that they are meant';
  if (problems.count > 0) return 'some entries cannot be replicated';
  return null;
}

/** What keeps changes from coming to rest; copies at one instant may help. */
export function restlessOf({ hotFiles }: Pick<SourceStages, 'hotFiles'>): string | null {
  return hotFiles.size > 0 ? 'a large file changes without rest' : null;
}

/** A change of this entry is known and waits for its time. */
export function isHeldBack(stages: Pick<SourceStages, 'gathered' | 'guard' | 'hotFiles' | 'transfers'>, place: Place): boolean {
  const { gathered, guard, hotFiles, transfers } = stages;
  return hotFiles.isPostponed(place) || gathered.has(place) || guard.isHeld(place) || transfers.isUnderWay(place);
}
