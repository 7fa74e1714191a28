import { renameSync } from 'node:fs';
import { ReplicationError, showName } from '../../base/index.ts';
import { native, statEntry } from '../fs/index.ts';
import type { AbsolutePath, EntryStat } from '../model/index.ts';
import { coded } from './disk-steps.ts';
import type { KeptDeleted } from './kept-deleted.ts';

/** What applying ops has to do with entries that the source deleted and that stay. Paths are absolute. */
export interface KeptPlaces {
  /** The source deleted it; it stays. */
  add(path: AbsolutePath, stat: EntryStat): void;
  /** Something of the source is here now, or what was kept is removed. */
  drop(path: AbsolutePath): void;
  moved(from: AbsolutePath, to: AbsolutePath): void;
  /** Whether something in the folder is kept, so that it cannot go. */
  holdsBelow(folder: AbsolutePath): boolean;
  /** Gives the folder, in which something is kept, another name beside its own, because the source has another entry there now. */
  makeWay(folder: AbsolutePath): void;
}

/** The list as one replica uses it. Its roots are neither kept nor renamed: what lies beside them is not the replica's. */
export function keptPlaces(list: KeptDeleted, roots: readonly AbsolutePath[], setName: string, nowMs: () => number): KeptPlaces {
  return {
    add(path, stat) {
      if (!roots.includes(path)) list.add(path, stat, setName, nowMs());
    },
    drop: (path) => list.drop(path),
    moved: (from, to) => list.moved(from, to),
    holdsBelow: (folder) => list.holdsBelow(folder),
    makeWay(folder) {
      if (roots.includes(folder)) throw new ReplicationError('not-empty', { path: showName(folder) });
      const stat = statEntry(folder);
      const aside = freeName(`${folder} (deleted ${new Date(nowMs()).toISOString().slice(0, 19).replaceAll(':', '.')}`);
      coded(folder, () => renameSync(native(folder), native(aside)));
      list.moved(folder, aside);
      if (stat !== null) list.add(aside, stat, setName, nowMs());
    },
  };
}

/** A replica of which nothing is kept. */
export const nothingKept: KeptPlaces = {
  add: () => undefined,
  drop: () => undefined,
  moved: () => undefined,
  holdsBelow: () => false,
  makeWay: () => undefined,
};

function freeName(begin: AbsolutePath): AbsolutePath {
  for (let i = 1; ; i++) {
    const path = `${begin}${i === 1 ? '' : ` ${i}`})`;
    if (statEntry(path) === null) return path;
  }
}
