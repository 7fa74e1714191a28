import { dirname } from 'node:path';
import { rawName, showName } from '../../base/index.ts';
import { makeReadOnlySubvolume, snapshotSubvolume, syncVolume } from '../fs/index.ts';
import { STAGE_FOLDER, type AbsolutePath } from '../model/index.ts';
import { cloneTree, copyAttributes, type TreeCounts } from './clone-tree.ts';
import { kindOfSnapshot, makeOwnFolder, removeEmptyFolders, snapshotsFolder } from './places.ts';
import type { SnapshotRecord, SnapshotRoot } from './record.ts';
import { removeTree, undo } from './remove.ts';
import type { SnapshotStore } from './snapshot-store.ts';

/** What is known of a snapshot before it is taken. */
export type SnapshotDraft = Omit<SnapshotRecord, 'version' | 'state' | 'roots' | 'files' | 'bytes' | 'leftOut' | 'swaps'> & {
  readonly roots: readonly Pick<SnapshotRoot, 'from' | 'to'>[];
};

export interface TakeHooks {
  readonly store: SnapshotStore;
  /** Called for each entry, and once more when all are in it; ends the work by throwing. */
  readonly onEntry: (counts: TreeCounts) => void;
  /** All is in it: the replica may go on. */
  readonly onTaken: () => void;
  /** Between two steps that are on disk; tests end the process there. */
  readonly step?: (name: string) => void;
}

/**
 * Takes a snapshot of the roots of a replica that stands still. It is whole, on disk and in the list when this resolves; when it rejects (coded),
 * nothing is left of it.
 */
export async function takeSnapshot(draft: SnapshotDraft, hooks: TakeHooks): Promise<SnapshotRecord> {
  const { store, onTaken, step = () => undefined } = hooks;
  const counts: TreeCounts = { files: 0, bytes: 0, leftOut: 0 };
  const roots = draft.roots.map((root, i) => placed(root, draft, i));
  const making: SnapshotRecord = { version: 1, ...draft, state: 'making', roots, files: null, bytes: null, leftOut: 0 };
  store.put(making);
  step('recorded');
  try {
    for (const root of roots) takeRoot(root, counts, () => hooks.onEntry(counts));
    // What was ended while the last entry was copied, or a subvolume was taken, is a mixture.
    hooks.onEntry(counts);
    step('taken');
    onTaken();
    await syncPlaces(roots);
    const isCounted = roots.every(({ kind }) => kind !== 'subvolume');
    const whole: SnapshotRecord = {
      ...making,
      state: 'ready',
      files: isCounted ? counts.files : null,
      bytes: isCounted ? counts.bytes : null,
      leftOut: counts.leftOut,
    };
    step('flushed');
    store.put(whole);
    return whole;
  } catch (error) {
    undo(making, store);
    throw error;
  }
}

/** Where a root goes, and how. Throws `no-snapshots`, and leaves no folder then. */
function placed(root: Pick<SnapshotRoot, 'from' | 'to'>, { connectionId, id }: SnapshotDraft, index: number): SnapshotRoot {
  const path = rawName(root.to);
  const place = placeOf(path, connectionId, id, index);
  makeOwnFolder(dirname(place));
  try {
    return { from: root.from, to: root.to, place: showName(place), kind: kindOfSnapshot(path, dirname(place)) };
  } catch (error) {
    removeEmptyFolders(place);
    throw error;
  }
}

/** Where a root of a snapshot lies. */
export function placeOf(root: AbsolutePath, connectionId: string, id: string, index: number): AbsolutePath {
  return `${snapshotsFolder(root, connectionId)}/${id}/${index}`;
}

function takeRoot(root: SnapshotRoot, counts: TreeCounts, onEntry: () => void): void {
  const [from, to] = [rawName(root.to), rawName(root.place)];
  if (root.kind === 'clones') cloneTree({ from, to, counts, onEntry });
  if (root.kind !== 'subvolume') return;
  snapshotSubvolume(from, to);
  // What waits there to be applied is no part of the replica.
  removeTree(`${to}/${STAGE_FOLDER}`);
  copyAttributes(from, to);
  makeReadOnlySubvolume(to);
}

/** Everything that was made for these roots is on disk. */
export async function syncPlaces(roots: readonly SnapshotRoot[]): Promise<void> {
  for (const folder of new Set(roots.map(({ place }) => dirname(rawName(place))))) await syncVolume(folder);
}
