import type {
  ConnectionSnapshot,
  ReplicaSettings,
  ReplicaSnapshot,
  ReplicaSnapshots,
  StoredSnapshot,
  StoredSnapshotRoot,
} from '../../src-main/api/index.ts';
import { bytes, counted, moment } from './format.ts';
import { replicaScript, scriptWord } from './scripts.ts';

/** What a snapshot is called: by its name where it has one, else by its time. */
export function snapshotTitle({ name, takenAt }: Pick<StoredSnapshot, 'name' | 'takenAt'>): string {
  return name === '' ? moment(takenAt) : `“${name}” of ${moment(takenAt)}`;
}

/** `by the schedule`, or by whom. */
export function takenWords({ isScheduled, takenBy }: Pick<StoredSnapshot, 'isScheduled' | 'takenBy'>): string {
  return isScheduled ? 'by the schedule' : `by ${takenBy}`;
}

/** What is in it, as far as it was counted, and what is not. */
export function contentWords({ files, bytes: size, leftOut }: Pick<StoredSnapshot, 'files' | 'bytes' | 'leftOut'>): string {
  const content = files === null || size === null ? 'not counted' : `${counted(files, 'file')}, ${bytes(size)}`;
  return leftOut === 0
    ? content
    : `${content}, without ${counted(leftOut, 'pipe, socket or device', 'pipes, sockets and devices')}`;
}

const kinds: Readonly<Record<StoredSnapshotRoot['kind'], string>> = {
  subvolume: 'read-only',
  clones: 'a second tree; only root may enter',
  none: 'nothing was there',
};

/** Whether anybody could change what lies at a place. */
export function placeKindWord({ kind }: Pick<StoredSnapshotRoot, 'kind'>): string {
  return kinds[kind];
}

/** What the clock does by itself, in a sentence. */
export function scheduleWords({ at, fileLevel, keep, maxAgeDays }: ReplicaSettings['snapshots']): string {
  if (at === null) return 'None is taken by the clock; the settings of the replica can say when.';
  const age = maxAgeDays === null ? '' : `, and none older than ${counted(maxAgeDays, 'day')}`;
  const level = fileLevel ? ', also at file level' : '';
  return `Taken by the clock of the target at “${at}” (cron)${level}; the newest ${keep} of these stay${age}.`;
}

/** In a few words for a list of facts: how many there are. */
export function snapshotsWord({ run, count }: ReplicaSnapshots): string {
  if (run !== null) return run.kind === 'take' ? 'one is being taken' : 'being set back';
  return count === 0 ? 'none' : counted(count, 'kept', 'kept');
}

/** Why nobody may set a replica back now, as far as this console can tell; null when nothing stands against it. The target decides. */
export function revertObstacle(
  replica: Pick<ReplicaSnapshot, 'hold' | 'queuedOps'> | undefined,
  source: ConnectionSnapshot | undefined,
): string | null {
  if (replica === undefined || source?.park?.kind === 'parked') return null;
  if (replica.hold?.isEffective !== true)
    return 'The replica follows its source, which would fight with it. Park the connection, or hold the replica with nothing waiting; then set it back.';
  return replica.queuedOps === 0
    ? null
    : `${counted(replica.queuedOps, 'change')} wait for the replica, and would be applied to other content than they are for. Resume it, park the connection, and set it back then.`;
}

/** A command about the snapshots of a replica. */
export function snapshotScript(
  verb: 'take' | 'revert' | 'delete',
  rest: string,
  replica: Pick<ReplicaSnapshot, 'connectionId' | 'sourceName'>,
  source: ConnectionSnapshot | undefined,
  target: string,
): string {
  return replicaScript(`snapshot ${verb}`, rest, replica, source, target);
}

/** The words after `snapshot take` and the connection. */
export function takeWords(name: string, isFileLevel: boolean): string {
  return [...(name === '' ? [] : [`named ${scriptWord(name)}`]), ...(isFileLevel ? ['filelevel'] : [])].join(' ');
}
