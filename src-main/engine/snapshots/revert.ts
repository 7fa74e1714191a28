import { mkdirSync, renameSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { rawName, ReplicationError, showName } from '../../base/index.ts';
import {
  codedError,
  exchangeEntries,
  isPlainSubvolume,
  native,
  readFolder,
  setTimes,
  snapshotSubvolume,
  statEntry,
  subvolumeId,
} from '../fs/index.ts';
import { childPath, STAGE_FOLDER, type AbsolutePath } from '../model/index.ts';
import { cloneTree, copyAttributes, type TreeCounts } from './clone-tree.ts';
import { incomingPlace, isFixed, makeOwnFolder, stagedPlace } from './places.ts';
import type { SnapshotRecord, SnapshotRoot, SnapshotSwap } from './record.ts';
import { undo } from './remove.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import { placeOf, syncPlaces, type SnapshotDraft } from './take.ts';

/** Of a root where nothing is to be. */
const NOTHING: SnapshotSwap = { identity: null, mtimeNs: null, oldMtimeNs: null };

export interface RevertHooks {
  readonly store: SnapshotStore;
  /** Called for each entry while the new trees are built; ends the work by throwing. */
  readonly onEntry: (counts: TreeCounts) => void;
  /** The new trees are on disk, the replica is as it was. From the moment at which this resolves there is no way back; rejects to give it up. */
  readonly onBuilt: () => Promise<void>;
  readonly step?: (name: string) => void;
}

/**
 * Sets the roots of a replica back to what a snapshot holds, which stays as it is. New trees are built beside the old ones and take their places;
 * the old ones become a snapshot by the draft, so that nothing is lost. A kill leaves the old state, or one that `finishRevert` brings to the new
 * one. Rejects with coded errors before `onBuilt` with everything as it was, after it to be finished later.
 */
export async function revertTo(snapshot: SnapshotRecord, draft: SnapshotDraft, hooks: RevertHooks): Promise<SnapshotRecord> {
  const { store, step = () => undefined } = hooks;
  const roots = snapshot.roots.map((root, i) => oldRoot(root, draft, i));
  const building: SnapshotRecord = { version: 1, ...draft, state: 'building', roots, files: null, bytes: null, leftOut: 0 };
  store.put(building);
  step('recorded');
  try {
    const counts: TreeCounts = { files: 0, bytes: 0, leftOut: 0 };
    for (const [i, root] of roots.entries()) build(snapshot.roots[i], root, counts, () => hooks.onEntry(counts));
    await syncPlaces(roots);
    step('built');
    await hooks.onBuilt();
  } catch (error) {
    undo(building, store);
    throw error;
  }
  let swapping: SnapshotRecord;
  try {
    swapping = { ...building, state: 'swapping', swaps: roots.map(swapOf) };
    store.put(swapping);
  } catch (error) {
    // It may be on disk all the same. Only once it says again that nothing is swapped may the new trees go: else the next start would swap them in.
    store.put(building);
    undo(building, store);
    throw error;
  }
  step('swapping');
  return finishRevert(swapping, store, step);
}

/** Brings a revert to its end whose new trees are built, from wherever it stands. Throws coded errors; it can be called again then. */
export async function finishRevert(
  record: SnapshotRecord,
  store: SnapshotStore,
  step: (name: string) => void = () => undefined,
): Promise<SnapshotRecord> {
  for (const [i, root] of record.roots.entries()) swap(root, record.swaps?.[i] ?? NOTHING, step);
  await syncPlaces(record.roots);
  step('swapped');
  const { swaps: _, ...rest } = record;
  const whole: SnapshotRecord = { ...rest, state: 'ready' };
  store.put(whole);
  return whole;
}

/** What a root is called once its content lies where snapshots do. */
function oldRoot({ from, to }: SnapshotRoot, { connectionId, id }: SnapshotDraft, index: number): SnapshotRoot {
  const path = rawName(to);
  const place = placeOf(path, connectionId, id, index);
  const kind = statEntry(path) === null ? 'none' : subvolumeId(path) !== null && !isFixed(path) ? 'subvolume' : 'clones';
  makeOwnFolder(dirname(place));
  return { from, to, place: showName(place), kind };
}

function build(from: SnapshotRoot | undefined, root: SnapshotRoot, counts: TreeCounts, onEntry: () => void): void {
  const source = rawName(from?.place ?? '');
  const staged = stagedPlace(rawName(root.place));
  if (from === undefined || from.kind === 'none') return;
  if (statEntry(source) === null) throw new ReplicationError('not-found', { path: from.place });
  // What is at the top of a volume stays there, and only what is in it is exchanged: that does not go from one subvolume to another.
  if (isPlainSubvolume(source) && !isFixed(rawName(root.to))) snapshotSubvolume(source, staged);
  else cloneTree({ from: source, to: staged, counts, onEntry });
  // Where data wait in the root itself they will again: a folder that is made for them later would change the time of the root.
  const stage = `/${STAGE_FOLDER}`;
  if (statEntry(rawName(root.to) + stage) === null || statEntry(staged)?.kind !== 'folder' || isFixed(rawName(root.to))) return;
  makeOwnFolder(staged + stage);
  copyAttributes(source, staged);
}

function swap({ to, place: shown }: SnapshotRoot, wanted: SnapshotSwap, step: (name: string) => void): void {
  const [root, place] = [rawName(to), rawName(shown)];
  const staged = stagedPlace(place);
  if (isFixed(root)) {
    swapContents(root, place, wanted, step);
    return;
  }
  if (wanted.identity === null) {
    if (statEntry(root) !== null) move(root, place);
    return;
  }
  if (identityOf(root) !== wanted.identity) {
    if (statEntry(root) === null) move(staged, root);
    else exchangeEntries(staged, root);
  }
  step('exchanged');
  // By now it is the old one that lies there.
  if (statEntry(staged) !== null) move(staged, place);
}

/** First everything old goes to its place, then everything new comes; which of the two it is, the name of the new tree says. */
function swapContents(root: AbsolutePath, place: AbsolutePath, swap: SnapshotSwap, step: (name: string) => void): void {
  const [staged, incoming] = [stagedPlace(place), incomingPlace(place)];
  if (statEntry(incoming) === null && statEntry(staged) === null && statEntry(place) !== null) return;
  if (statEntry(incoming) === null) {
    if (statEntry(place) === null) makeFolder(place);
    for (const name of readFolder(root)) move(childPath(root, name), childPath(place, name));
    copyAttributes(root, place);
    setTime(place, swap.oldMtimeNs);
    if (statEntry(staged) === null) return;
    step('emptied');
    move(staged, incoming);
  }
  for (const name of readFolder(incoming)) move(childPath(incoming, name), childPath(root, name));
  copyAttributes(incoming, root);
  setTime(root, swap.mtimeNs);
  step('filled');
  remove(incoming);
}

function swapOf({ to, place }: SnapshotRoot): SnapshotSwap {
  const staged = stagedPlace(rawName(place));
  const timeOf = (path: AbsolutePath) => statEntry(path)?.mtimeNs.toString() ?? null;
  return { identity: identityOf(staged), mtimeNs: timeOf(staged), oldMtimeNs: timeOf(rawName(to)) };
}

function setTime(path: AbsolutePath, mtimeNs: string | null): void {
  if (mtimeNs !== null) setTimes(path, BigInt(mtimeNs));
}

/** By which a tree is known wherever it is moved on its volume; null when nothing is there. */
function identityOf(path: AbsolutePath): string | null {
  const stat = statEntry(path);
  if (stat === null) return null;
  const subvolume = subvolumeId(path);
  return subvolume === null ? String(stat.ino) : `subvolume ${subvolume}`;
}

function move(from: AbsolutePath, to: AbsolutePath): void {
  coded(to, () => renameSync(native(from), native(to)));
}

function makeFolder(path: AbsolutePath): void {
  coded(path, () => mkdirSync(native(path), 0o700));
}

function remove(path: AbsolutePath): void {
  coded(path, () => rmdirSync(native(path)));
}

function coded(path: AbsolutePath, call: () => void): void {
  try {
    call();
  } catch (error) {
    throw codedError(error, path);
  }
}
