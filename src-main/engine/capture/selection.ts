import type { AbsolutePath } from '../model/index.ts';

/** Which places matter; all paths absolute and raw. */
export interface Selection {
  descends(folder: AbsolutePath): boolean;
  selects(path: AbsolutePath, isFolder: boolean): boolean;
  /** Whether no rule leaves out anything below the folder; false when that is not known. */
  selectsAllBelow(folder: AbsolutePath): boolean;
}

/** What becomes of roots is decided outside: a file that is replaced is away for a moment without being gone. */
export interface RootEvents {
  /** A root that is a folder is no longer what it was, or cannot be followed any more. */
  folderRootLost(root: number): void;
  fileRootLost(root: number): void;
  fileRootSeen(root: number): void;
}
