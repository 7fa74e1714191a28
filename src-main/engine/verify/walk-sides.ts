import { childPath, type EntryStat, type Place } from '../model/index.ts';
import type { EntrySide } from './entry-sides.ts';

/** A target's entry with its name. */
export interface TargetEntry extends EntrySide {
  readonly name: string;
}

/** The two trees as a walk needs them. */
export interface Sides {
  /** The names in a source folder, sorted by their bytes. Throws coded errors. */
  names(folder: Place): readonly string[];
  /** The source's entry; null when there is none, `excluded` when it is no part of the set. Throws coded errors. */
  see(place: Place): EntryStat | 'excluded' | null;
  /** Whether the set would contain an entry of that kind there. */
  selects(place: Place, isFolder: boolean): boolean;
  /** The target's folder sorted by the bytes of its names; null when there is none. */
  listing(folder: Place): Promise<readonly TargetEntry[] | null>;
  /** Whether to look into a folder that only the target has. */
  entersExtra(place: Place): boolean;
}

/** An entry that at least one side has. `error`: the source's could not be looked at. */
export interface Pair {
  readonly place: Place;
  readonly source: EntryStat | null;
  readonly target: TargetEntry | null;
  readonly error: unknown;
}

/** A folder that is to be walked. `onTarget` false: the target is known not to have it, so it is not asked. */
interface Waiting {
  readonly folder: Place;
  readonly onSource: boolean;
  readonly onTarget: boolean;
}

type Listing = readonly TargetEntry[] | null;

/** Folders asked for ahead, so that the way to the target is not waited for at each. */
const ASKED_AHEAD = 8;

/**
 * Both trees side by side, folder by folder, each folder's entries in the order of their names and then its sub-folders. Memory holds
 * the folders ahead and the names of folders still to come, never a tree.
 */
export async function* walkSides(sides: Sides, roots: readonly Place[]): AsyncGenerator<readonly Pair[]> {
  const stack: Waiting[] = roots.map((folder) => ({ folder, onSource: true, onTarget: true })).reverse();
  const asked = new Map<Waiting, Promise<Listing>>();
  const ask = (waiting: Waiting): Promise<Listing> => {
    const answer = waiting.onTarget ? sides.listing(waiting.folder) : Promise.resolve(null);
    answer.catch(() => undefined); // told to whoever takes it
    return answer;
  };
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const answer = asked.get(at) ?? ask(at);
    asked.delete(at);
    for (const next of stack.slice(-ASKED_AHEAD)) if (!asked.has(next)) asked.set(next, ask(next));
    const listing = await answer;
    // Read after the target's answer: what changed while it was waited for looks different, and is looked at again later.
    const pairs = pairFolder(sides, at, listing);
    yield pairs;
    for (const { place, source, target } of pairs.toReversed()) {
      const onSource = source?.kind === 'folder';
      const onTarget = target?.kind === 'folder';
      if (onSource || (onTarget && source === null && sides.entersExtra(place)))
        stack.push({ folder: place, onSource, onTarget });
    }
  }
}

function pairFolder(sides: Sides, { folder, onSource }: Waiting, listing: Listing): readonly Pair[] {
  const pairs: Pair[] = [];
  let names: readonly string[] = [];
  try {
    if (onSource) names = sides.names(folder);
  } catch (error) {
    // What is in it cannot be told, on either side.
    return [{ place: folder, source: null, target: null, error }];
  }
  const listed = listing ?? [];
  for (let i = 0, j = 0; i < names.length || j < listed.length;) {
    const name = names[i];
    const entry = listed[j];
    const isTargetOnly = entry !== undefined && (name === undefined || entry.name < name);
    const next = isTargetOnly ? entry.name : (name ?? '');
    const found = isTargetOnly || entry?.name === next ? entry : null;
    const place: Place = { root: folder.root, path: childPath(folder.path, next) };
    const pair = pairAt(sides, place, !isTargetOnly, found ?? null);
    if (pair !== null) pairs.push(pair);
    if (!isTargetOnly) i++;
    if (found !== null) j++;
  }
  return pairs;
}

/** Null when neither side has anything there that is part of the set. */
export function pairAt(sides: Sides, place: Place, mayBeOnSource: boolean, found: TargetEntry | null): Pair | null {
  let source: EntryStat | 'excluded' | null = null;
  try {
    if (mayBeOnSource) source = sides.see(place);
  } catch (error) {
    return { place, source: null, target: found, error };
  }
  // What the set leaves out may lie on the target from another time; it is nobody's business here.
  const target = found !== null && found.kind !== 'other' && sides.selects(place, found.kind === 'folder') ? found : null;
  if (source === 'excluded') source = null;
  return source === null && target === null ? null : { place, source, target, error: null };
}
