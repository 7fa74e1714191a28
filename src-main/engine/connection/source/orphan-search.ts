import { showName } from '../../../base/index.ts';
import type { Catalog } from '../../catalog/index.ts';
import { readFolder, statEntry } from '../../fs/index.ts';
import { childPath, type CompiledRules, type Place } from '../../model/index.ts';
import type { Outbox } from '../../transmit/index.ts';
import type { ListedEntry } from '../../wire/index.ts';
import type { FolderTimes } from './folder-times.ts';
import type { Listings } from './listings.ts';
import type { Roots } from './roots.ts';

export interface OrphanSearchParts {
  readonly catalog: Catalog;
  readonly roots: Roots;
  readonly rules: CompiledRules;
  readonly outbox: Outbox;
  readonly listings: Listings;
  readonly folderTimes: FolderTimes;
  readonly onEvent: (text: string) => void;
}

/** What a search has found so far; bytes are those of files. */
export interface OrphanCounts {
  readonly foldersSeen: number;
  readonly found: number;
  readonly foundBytes: number;
}

interface Level {
  readonly folder: Place;
  /** The folder as it was listed when it is an orphan itself: it is told of after what is in it. */
  readonly orphan: ListedEntry | null;
  entries: readonly ListedEntry[] | null;
  next: number;
}

/**
 * Walks the target's folders and tells the target, by ops in the ordinary stream, what the source does not have. What the set leaves out
 * is no orphan, nor is what the catalog knows (its removal is on its way), nor anything of a kind that is not carried. The target
 * decides what becomes of an orphan. A lost link begins the search anew; that does no harm.
 */
export class OrphanSearch {
  readonly #parts: OrphanSearchParts;
  readonly #stack: Level[] = [];
  #nextRoot = 0;
  #hasBegun = false;
  /** The last op of a search that was sent whole. */
  #endSequence: number | null = null;
  #counts = { foldersSeen: 0, found: 0, foundBytes: 0 };

  constructor(parts: OrphanSearchParts) {
    this.#parts = parts;
  }

  get counts(): OrphanCounts {
    return { ...this.#counts };
  }

  /** Nothing is left to look at; the target may still have to apply what was found. */
  get isSent(): boolean {
    return this.#endSequence !== null;
  }

  linkLost(): void {
    this.#stack.length = 0;
    this.#nextRoot = 0;
    this.#hasBegun = false;
    this.#endSequence = null;
    this.#counts = { foldersSeen: 0, found: 0, foundBytes: 0 };
    this.#parts.listings.reset();
  }

  /** Goes on for about `budgetMs`, or until enough is under way. Returns whether anything is left to look at. */
  async step(budgetMs: number, isFull: () => boolean): Promise<boolean> {
    const { outbox, roots } = this.#parts;
    if (this.isSent) return false;
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      outbox.send({ kind: 'orphan-search', phase: 'begin' });
    }
    const endMs = performance.now() + budgetMs;
    for (let count = 1; !isFull(); count++) {
      const level = this.#stack.at(-1);
      if (level !== undefined) await this.#next(level);
      else if (this.#nextRoot < roots.paths.length) this.#beginRoot(this.#nextRoot++);
      else {
        outbox.flush();
        this.#endSequence = outbox.sequence;
        return false;
      }
      if (count % 16 === 0 && performance.now() >= endMs) break;
    }
    return true;
  }

  /** Whether the target has applied all that was found; it is told then that the search is over. */
  isOver(appliedSequence: number): boolean {
    if (this.#endSequence === null || appliedSequence < this.#endSequence) return false;
    this.#parts.outbox.send({ kind: 'orphan-search', phase: 'end' });
    return true;
  }

  #beginRoot(root: number): void {
    const { roots } = this.#parts;
    roots.check(root);
    const folder = { root, path: '' };
    const path = roots.absolute(folder);
    if (statEntry(path)?.kind !== 'folder') return;
    if (readFolder(path).length === 0) {
      // Nothing tells an emptied folder from one whose disk is not mounted.
      this.#parts.onEvent(
        `The folder ${showName(path)} is empty on the source; nothing on the target is taken for an orphan of it.`,
      );
      return;
    }
    this.#stack.push({ folder, orphan: null, entries: null, next: 0 });
  }

  async #next(level: Level): Promise<void> {
    if (level.entries === null) {
      const { folder } = level;
      level.entries = (await this.#parts.listings.get(folder)).entries();
      // What came since is no orphan by disk and catalog, and the target looks again.
      this.#parts.listings.left(folder);
      this.#counts.foldersSeen++;
      return;
    }
    const entry = level.entries[level.next];
    if (entry === undefined) {
      this.#stack.pop();
      if (level.orphan !== null && this.#isOrphan(level.folder, level.orphan)) this.#tell(level.folder, level.orphan);
      return;
    }
    level.next++;
    const place = { root: level.folder.root, path: childPath(level.folder.path, entry.name) };
    const isOrphan = this.#isOrphan(place, entry);
    if (entry.kind === 'folder') {
      if (isOrphan || this.#mayHoldOrphans(place))
        this.#stack.push({ folder: place, orphan: isOrphan ? entry : null, entries: null, next: 0 });
    } else if (isOrphan) {
      this.#tell(place, entry);
    }
  }

  #isOrphan(place: Place, entry: ListedEntry): boolean {
    const { catalog, roots, rules } = this.#parts;
    if (entry.kind === 'other' || catalog.lookup(place) !== null) return false;
    const path = roots.absolute(place);
    return rules.selects(path, entry.kind === 'folder') && isMissing(path);
  }

  #mayHoldOrphans(folder: Place): boolean {
    const { roots, rules } = this.#parts;
    const path = roots.absolute(folder);
    return rules.selects(path, true) || rules.descends(path);
  }

  #tell(place: Place, { kind, size, attributes }: ListedEntry): void {
    const { folderTimes, outbox, roots } = this.#parts;
    // Before anything that may delete, the root must still be the one that it was.
    roots.check(place.root);
    outbox.push(
      { kind: 'orphan', ...place, entry: kind, size: kind === 'file' ? size : 0, mtimeNs: attributes.mtimeNs },
      { bytes: 0, class: 'mirror', noticedAtMs: null },
    );
    folderTimes.disturbed(place);
    this.#counts.found++;
    if (kind === 'file') this.#counts.foundBytes += size;
  }
}

/** An entry that cannot be looked at is not missing. */
function isMissing(path: string): boolean {
  try {
    return statEntry(path) === null;
  } catch {
    return false;
  }
}
