import type { CertificateCounts } from '../../api/index.ts';
import { ReplicationError, showName, toReplicationError } from '../../base/index.ts';
import { readLink } from '../fs/index.ts';
import { isSurelyRead, type AbsolutePath, type EntryStat } from '../model/index.ts';
import { IndexCursor, type ContentIndex, type IndexedEntry } from './content-index.ts';
import { hashBuffer, hashFile } from './hash-file.ts';
import { entryFromStat, orderKey, unseenEntry, type ManifestEntry } from './manifest-entry.ts';
import { walkTree, type TreeEntry } from './walk-tree.ts';

/** What is known of an entry beside its file. */
export interface EntryMarks {
  readonly keptSince: string | null;
  readonly isOrphan: boolean;
}

export interface ManifestTotals extends CertificateCounts {
  readonly readFiles: number;
  readonly readBytes: number;
}

export interface ManifestParts {
  readonly roots: readonly AbsolutePath[];
  readonly index: ContentIndex;
  /** What lies in a root and is not this replica's. */
  readonly isLeftOut: (absolute: AbsolutePath) => boolean;
  readonly marksOf: (absolute: AbsolutePath) => EntryMarks;
  /** Reads every file, also those that did not change. */
  readonly isFull: boolean;
  /** As `ContentIndex.begin` gave it. */
  readonly startedAtMs: number;
  readonly cutSequence: number;
  readonly nowMs: () => number;
  /**
   * Called often: at least once for each MiB read, and after an entry was read and before the index learns of it. Ends all by what it throws;
   * so what moved after that was wanted is never noted as of the start of the look.
   */
  readonly onProgress: (totals: ManifestTotals) => void;
  readonly take: (entry: ManifestEntry) => void;
}

/**
 * Reads a replica that stands still, entry by entry in the order of `compareEntries`, with a memory that does not grow with it. A file whose
 * identity, size and times are those of the index, and whose content was surely read at them, is not read again: ctime finds an edit
 * that kept size and mtime. What cannot be read is told as such, and never ends the whole. Blocks its thread.
 */
export class ManifestMaker {
  readonly #parts: ManifestParts;
  readonly #buffer = hashBuffer();
  readonly #totals = {
    files: 0, folders: 0, symlinks: 0, others: 0, bytes: 0, unreadable: 0, kept: 0, orphans: 0, readFiles: 0, readBytes: 0,
  }; // prettier-ignore

  constructor(parts: ManifestParts) {
    this.#parts = parts;
  }

  /** Throws what `onProgress` throws, and errors of the index; what was learnt until then stays in the index. */
  make(): ManifestTotals {
    const { roots, index, isLeftOut, startedAtMs, onProgress } = this.#parts;
    const cursor = new IndexCursor(index, (gone) => {
      onProgress(this.#totals);
      index.removed(gone, startedAtMs);
    });
    for (const [root, folder] of roots.entries()) {
      // What is mapped to a place inside another root is told as a root of its own.
      const isElsewhere = (path: AbsolutePath) => isLeftOut(path) || roots.includes(path);
      let isThere = false;
      for (const found of walkTree(folder, isElsewhere)) {
        this.#take(root, found, cursor);
        isThere = true;
      }
      // A volume that is not mounted, say: that nothing was there is no proof that nothing was in it.
      if (!isThere) this.#take(root, missing(folder), cursor);
    }
    cursor.finish();
    index.finished(startedAtMs);
    return this.#totals;
  }

  #take(root: number, { path, absolute, stat, error }: TreeEntry, cursor: IndexCursor): void {
    const known = cursor.at(root, path);
    if (error !== null) cursor.unreadable(root, path);
    let entry: ManifestEntry;
    if (stat === null) entry = unseenEntry(root, path, error?.code ?? 'io-error');
    else if (stat.kind === 'file') entry = this.#file(root, path, absolute, stat, known);
    else {
      entry = { ...entryFromStat(root, path, stat), unreadable: error?.code ?? null };
      if (stat.kind === 'symlink') entry = withLink(entry, absolute);
      this.#note(entry, stat, known, 0);
    }
    const marked = { ...entry, ...this.#parts.marksOf(absolute) };
    this.#count(marked);
    this.#parts.take(marked);
  }

  #file(root: number, path: string, absolute: AbsolutePath, seen: EntryStat, known: IndexedEntry | null): ManifestEntry {
    const before = this.#contentOf(seen, known);
    if (before !== null) {
      const entry = { ...entryFromStat(root, path, seen), sha256: before.sha256 };
      this.#note(entry, seen, known, before.readAtMs);
      return entry;
    }
    const readAtMs = this.#parts.nowMs();
    try {
      const { sha256, stat } = hashFile(absolute, this.#buffer, (bytes) => {
        this.#totals.readBytes += bytes;
        this.#parts.onProgress(this.#totals);
      });
      this.#totals.readFiles++;
      const entry = { ...entryFromStat(root, path, stat), sha256 };
      this.#note(entry, stat, known, readAtMs);
      return entry;
    } catch (reason) {
      const { code } = toReplicationError(reason);
      if (code === 'internal' || reason instanceof ManifestEnded) throw reason;
      const entry = { ...entryFromStat(root, path, seen), unreadable: code };
      this.#note(entry, seen, known, 0);
      return entry;
    }
  }

  /** Where the content of this very version of the file is known from. */
  #contentOf(seen: EntryStat, known: IndexedEntry | null): IndexedEntry | null {
    if (this.#parts.isFull) return null;
    const isKnown = (entry: IndexedEntry | null): entry is IndexedEntry =>
      entry !== null &&
      entry.kind === 'file' &&
      entry.sha256 !== null &&
      entry.dev === BigInt.asIntN(64, seen.dev) &&
      entry.ino === BigInt.asIntN(64, seen.ino) &&
      entry.size === seen.size &&
      entry.mtimeNs === seen.mtimeNs &&
      entry.ctimeNs === seen.ctimeNs &&
      isSurelyRead(entry);
    if (isKnown(known)) return known;
    const other = seen.nlink > 1 ? this.#parts.index.sameFile(seen) : null;
    return isKnown(other) ? other : null;
  }

  /** Keeps what was learnt, if it is news. */
  #note(entry: ManifestEntry, stat: EntryStat, known: IndexedEntry | null, readAtMs: number): void {
    const { startedAtMs, cutSequence, index, onProgress } = this.#parts;
    onProgress(this.#totals);
    const was = known?.kind === entry.kind ? known : null;
    const [dev, ino] = [BigInt.asIntN(64, stat.dev), BigInt.asIntN(64, stat.ino)];
    // The text of a link cannot be changed: another text is another link.
    const isSameContent =
      was?.sha256 === entry.sha256 &&
      was.size === entry.size &&
      (entry.kind === 'file' || entry.kind === 'folder' || was.ino === ino);
    // Names that come and go change a folder's ctime, and its mtime too; for all else a new ctime alone may be a new ACL.
    const isSame =
      isSameContent &&
      was.mode === stat.mode &&
      was.uid === stat.uid &&
      was.gid === stat.gid &&
      was.mtimeNs === stat.mtimeNs &&
      (was.ctimeNs === stat.ctimeNs || entry.kind === 'folder');
    const isIndexed =
      isSame &&
      was.ctimeNs === stat.ctimeNs &&
      was.dev === dev &&
      was.ino === ino &&
      was.nlink === stat.nlink &&
      was.readAtMs === readAtMs;
    if (isIndexed) return;
    index.put({
      root: entry.root,
      key: orderKey(entry.path),
      kind: entry.kind,
      dev,
      ino,
      size: entry.size,
      mtimeNs: stat.mtimeNs,
      ctimeNs: stat.ctimeNs,
      mode: stat.mode,
      uid: stat.uid,
      gid: stat.gid,
      nlink: stat.nlink,
      sha256: entry.sha256,
      readAtMs,
      contentAtMs: isSameContent ? was.contentAtMs : startedAtMs,
      contentCut: isSameContent ? was.contentCut : cutSequence,
      changedAtMs: isSame ? was.changedAtMs : startedAtMs,
      madeAtMs: was?.madeAtMs ?? startedAtMs,
    });
  }

  #count({ kind, size, unreadable, keptSince, isOrphan }: ManifestEntry): void {
    const totals = this.#totals;
    const plural = { file: 'files', folder: 'folders', symlink: 'symlinks', other: 'others' } as const;
    totals[plural[kind]]++;
    totals.bytes += size;
    if (unreadable !== null) totals.unreadable++;
    if (keptSince !== null) totals.kept++;
    if (isOrphan) totals.orphans++;
  }
}

/** Thrown by `onProgress` to end a manifest that is not wanted any more. */
export class ManifestEnded extends Error {}

function missing(folder: AbsolutePath): TreeEntry {
  const error = new ReplicationError('not-found', { path: showName(folder) });
  return { path: '', absolute: folder, stat: null, error };
}

function withLink(entry: ManifestEntry, absolute: AbsolutePath): ManifestEntry {
  try {
    return { ...entry, link: readLink(absolute) };
  } catch (error) {
    return { ...entry, unreadable: toReplicationError(error).code };
  }
}
