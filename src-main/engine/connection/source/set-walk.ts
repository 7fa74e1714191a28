import type { MirrorOptions } from '../../../api/index.ts';
import { whenDone, type Soon } from '../../../base/index.ts';
import type { Catalog, CatalogRow } from '../../catalog/index.ts';
import { readFolder, readKinds, readLink, statEntry } from '../../fs/index.ts';
import { attributesEqual, decide, ReadAhead, Walk, type LeavePolicy, type Progress, type WalkTree } from '../../mirror/index.ts';
import type { EntryStat, Place } from '../../model/index.ts';
import type { NewOp, Requests } from '../../transmit/index.ts';
import { isSameObject, readAt } from '../../catalog/index.ts';
import type { Checksums } from './checksums.ts';
import { lookCloser, type CloserLook } from './closer-look.ts';
import type { HeardEntry } from './folder-listing.ts';
import type { FolderTimes } from './folder-times.ts';
import { Listings } from './listings.ts';
import type { MassChangeGuard } from './mass-change-guard.ts';
import type { Moves } from './moves.ts';
import type { Refusals } from './refusals.ts';
import type { Roots } from './roots.ts';
import type { Cause, Looked, SourceTree } from './source-tree.ts';
import type { Scout, Scouts } from './scout.ts';
import type { Strays } from './strays.ts';
import type { Transfers } from './transfers.ts';

export interface SetWalkParts {
  readonly catalog: Catalog;
  readonly tree: SourceTree;
  readonly moves: Moves;
  readonly refusals: Refusals;
  readonly roots: Roots;
  readonly folderTimes: FolderTimes;
  readonly requests: Requests;
  readonly checksums: Checksums;
  readonly strays: Strays;
  readonly guard: MassChangeGuard;
  readonly scouts: Scouts;
  readonly transfers: Pick<Transfers, 'absorb' | 'hasOfMirror'>;
  /** What a mirror with these options leaves alone, by the connection's settings. */
  readonly leaves: (options: MirrorOptions) => LeavePolicy;
}

/** More of what is compared block by block than this is not gathered before the target has answered: with one the sides waited for each other. */
const MOST_BATCHES = 3;

/**
 * `compare`: the disk against the catalog, without asking the target (after a restart or lost notices). The others are mirrors.
 * `known-only`: as `compare`, but entries that the target never got are left to a later mirror.
 */
export type WalkMode = 'compare' | 'known-only' | MirrorOptions;

/**
 * A walk over trees of the set that brings each entry. A row of the current mirror's epoch was sent or found equal in this very mirror:
 * it is only compared with the disk, so an interrupted mirror goes on where it was. Entries that vanished are removed at the end: one
 * that moved while nobody watched is found at its new place first, and moves without data.
 */
export class SetWalk {
  readonly mode: WalkMode;
  readonly #parts: SetWalkParts;
  readonly #progress: Progress | null;
  readonly #epoch: number;
  readonly #walk: Walk<CatalogRow, HeardEntry>;
  readonly #ahead: ReadAhead;
  readonly #scout: Scout;
  /** Its own: what an earlier walk asked for ahead and did not use tells of another time. */
  readonly #listings: Listings;
  /** Whether the content of the file that is being visited was, or will be, read; null for other entries. */
  #isRead: boolean | null = null;
  readonly #vanished: Place[] = [];
  /** The guard has seen all that vanished. */
  #isChecked = false;
  /** Every entry was visited; what was found on the way is not all done. */
  #isAtEnd = false;
  readonly #cause: Cause;
  readonly #onEntering: ((folder: Place) => void) | undefined;
  /** Full mirrors, and comparisons with the catalog, ask nothing. */
  readonly #asksTarget: boolean;

  /** `onEntering`: hears of each folder as soon as its names were read. */
  constructor(
    mode: WalkMode,
    starts: readonly Place[],
    epoch: number,
    progress: Progress | null,
    cause: Cause,
    parts: SetWalkParts,
    onEntering?: (folder: Place) => void,
  ) {
    this.mode = mode;
    this.#parts = parts;
    this.#progress = progress;
    this.#epoch = epoch;
    this.#cause = cause;
    this.#onEntering = onEntering;
    this.#listings = new Listings(parts.requests);
    this.#asksTarget = typeof mode === 'object' && (mode.kind !== 'all' || parts.leaves(mode) !== 'nothing');
    const tree: WalkTree<CatalogRow, HeardEntry> = {
      names: (folder) => this.#names(folder),
      known: (folder) => this.#known(folder),
      listing: (folder) => (this.#asksTarget ? this.#listings.get(folder) : undefined),
      visit: (place, _known, listed) => {
        this.#isRead = null;
        const next = this.#visit(place, listed);
        return next instanceof Promise ? next.then((result) => this.#passed(result)) : this.#passed(next);
      },
      vanished: (place) => void this.#vanished.push(place),
      leave: (folder) => {
        this.#listings.left(folder);
        this.#checkIdentity(folder);
        if (parts.folderTimes.take(folder)) parts.tree.sendFolderTimes([folder]);
      },
    };
    this.#walk = new Walk(tree, starts);
    this.#scout = parts.scouts.ofWalk();
    this.#ahead = new ReadAhead({
      names: (folder) => readKinds(parts.roots.absolute(folder)),
      selects: (place, isFolder) => parts.tree.selects(place, isFolder),
      expect: (files) => this.#scout.read(files.map((file) => parts.roots.absolute(file))),
    });
  }

  add(start: Place): void {
    this.#walk.add(start);
  }

  /** An op was pushed, by whomever: what the target listed before may not be there any more. */
  pushed(op: NewOp): void {
    this.#listings.pushed(op);
  }

  /** What was asked on a lost link is asked again. */
  linkLost(): void {
    this.#listings.reset();
  }

  /** The folder that is being walked. */
  get at(): Place | null {
    return this.#walk.at;
  }

  /** Nothing can be done before the target has answered, or large files have gone. */
  get isWaiting(): boolean {
    return this.#parts.checksums.isAwaited(this.#isAtEnd ? 0 : MOST_BATCHES) || (this.#isAtEnd && this.#isSending);
  }

  /** A mirror removes nothing before all that it found is sent. */
  get #isSending(): boolean {
    return this.#progress !== null && this.#parts.transfers.hasOfMirror;
  }

  /** Goes on for a while; returns whether anything is left. Can be called again after it threw `link-lost`. */
  async step(budgetMs: number, isFull: () => boolean): Promise<boolean> {
    const { checksums } = this.#parts;
    if (!(await checksums.work(MOST_BATCHES))) return true;
    this.#isAtEnd = !(await this.#walk.step(budgetMs, () => isFull() || checksums.batches > MOST_BATCHES));
    if (!this.#isAtEnd || !(await checksums.work(0))) return true;
    if (this.#isSending) return true;
    if (!this.#isChecked) this.#parts.guard.check(this.#vanished);
    this.#isChecked = true;
    while (this.#vanished.length > 0) {
      if (isFull()) return true;
      const place = this.#vanished.at(-1);
      if (place !== undefined) await this.#removeIfGone(place);
      this.#vanished.pop();
    }
    return false;
  }

  #names(folder: Place): readonly string[] | null {
    this.#ahead.entering(folder);
    const path = this.#parts.roots.absolute(folder);
    const stat = statEntry(path);
    if (stat?.kind !== 'folder') return null;
    try {
      const names = readFolder(path);
      this.#onEntering?.(folder);
      // Files that are read are asked for one by one.
      if (!this.#ahead.isAhead) this.#scout.look(path, names);
      return names;
    } catch (error) {
      this.#parts.refusals.refuse(folder, error);
      return null;
    }
  }

  /** A folder that was replaced by another while it was walked: its move is told later, and it is walked again then. */
  #checkIdentity(folder: Place): void {
    const row = this.#parts.catalog.lookup(folder);
    if (row === null) return;
    const stat = statEntry(this.#parts.roots.absolute(folder));
    if (stat === null || !isSameObject(row, stat)) this.#parts.strays.mark(row);
  }

  #known(folder: Place): readonly CatalogRow[] {
    const row = this.#parts.catalog.lookup(folder);
    return row?.kind === 'folder' ? this.#parts.catalog.children(row.id) : [];
  }

  async #removeIfGone(place: Place): Promise<void> {
    const row = this.#parts.catalog.lookup(place);
    if (row === null) return;
    // Asked again: it may have come back, and an unreadable folder must not look like an empty one.
    const seen = this.#parts.tree.see(place);
    if (seen !== null && seen !== 'excluded') return;
    if (this.#parts.refusals.isBelowUnreadable(place) || this.#parts.strays.isAstray(place)) return;
    await this.#parts.tree.removeTree(place, row, this.#cause, 'deleted');
  }

  #passed(result: 'enter' | 'done'): 'enter' | 'done' {
    this.#ahead.passed(this.#isRead, () => this.#walk.position());
    return result;
  }

  #visit(place: Place, listed: HeardEntry | null | undefined): Soon<'enter' | 'done'> {
    const { tree, catalog, moves } = this.#parts;
    const stat = tree.see(place);
    if (stat === null || stat === 'excluded') {
      // What the target has from before a pipe or device took the place goes like what vanished.
      if (catalog.lookup(place) !== null) this.#vanished.push(place);
      return 'done';
    }
    const row = catalog.lookup(place);
    if (row !== null) return this.#visitSeen(place, stat, row, listed);
    if (this.mode === 'known-only') return 'done';
    return whenDone(moves.followIfMoved(place, stat, this.#cause), (isMoved) =>
      // What the target listed there went for this one.
      isMoved ? this.#visitSeen(place, stat, catalog.lookup(place), null) : this.#visitSeen(place, stat, null, listed),
    );
  }

  #visitSeen(
    place: Place,
    stat: EntryStat,
    row: CatalogRow | null,
    listed: HeardEntry | null | undefined,
  ): Soon<'enter' | 'done'> {
    if (stat.kind === 'file' && this.#progress !== null && this.#parts.transfers.absorb(place, stat, this.#epoch)) return 'done';
    const next = stat.kind === 'folder' ? 'enter' : 'done';
    const done = this.#bring(place, stat, row, listed);
    return done instanceof Promise ? done.then(() => next) : next;
  }

  #bring(place: Place, stat: EntryStat, row: CatalogRow | null, listed: HeardEntry | null | undefined): Soon<void> {
    const { mode } = this;
    if (typeof mode !== 'object' || row?.epoch === this.#epoch) return this.#compare(place, stat, row);
    if (this.#asksTarget && place.path === '' && stat.kind !== 'folder') {
      // It is in no listing.
      return this.#parts.requests.rootEntry(place.root).then((entry) => this.#mirror(mode, place, stat, row, entry));
    }
    return this.#mirror(mode, place, stat, row, listed);
  }

  #mirror(
    mode: MirrorOptions,
    place: Place,
    stat: EntryStat,
    row: CatalogRow | null,
    listed: HeardEntry | null | undefined,
  ): Soon<void> {
    if (listed === null || listed === undefined) return this.#sendWhole(place, stat, row);
    return this.#compareWithTarget(mode, place, stat, row, listed);
  }

  #compare(place: Place, stat: EntryStat, row: CatalogRow | null): Soon<void> {
    if (row !== null && this.#parts.tree.mayDifferUnseen(row, stat)) {
      const { kept } = lookCloser(this.#parts.roots.absolute(place), stat);
      const hasEqualAttributes = attributesEqual(row, stat) && kept.extendedHash === row.extendedHash;
      this.#isRead = true;
      return this.#parts.checksums.add({ place, stat, hasEqualAttributes, kept, cause: this.#cause });
    }
    return whenDone(this.#parts.tree.bring(place, stat, row, 'at-rest', this.#cause), (looked) => {
      if (row?.trust === 'left' && looked.sent === 'nothing') this.#progress?.left(stat.size);
      this.#countLooked(stat, looked);
    });
  }

  #sendWhole(place: Place, stat: EntryStat, row: CatalogRow | null): Soon<void> {
    if (row !== null) this.#parts.catalog.doubt(row, 'nothing');
    const known = row === null ? null : { ...row, trust: 'nothing' as const };
    const looked = this.#parts.tree.bring(place, stat, known, 'at-rest', this.#cause);
    return whenDone(looked, (result) => this.#countLooked(stat, result));
  }

  #compareWithTarget(
    options: MirrorOptions,
    place: Place,
    stat: EntryStat,
    row: CatalogRow | null,
    listed: HeardEntry,
  ): Soon<void> {
    const { tree, catalog, roots, leaves } = this.#parts;
    const linkTarget = stat.kind === 'symlink' ? readLink(roots.absolute(place)) : null;
    const kept = this.#keptOf(place, stat, row);
    // Where an op went there since, what was listed tells of content at the most.
    const isExtendedEqual = listed.isAltered !== true && listed.extendedHash === kept.extendedHash;
    const { action } = decide(options, leaves(options), stat, linkTarget, listed, isExtendedEqual);
    if (action === 'create' || action === 'replace') return this.#sendWhole(place, stat, row);
    // What is known of the source may tell of an edit that size and time do not show.
    const isInDoubt = row !== null && (row.trust === 'nothing' || tree.mayDifferUnseen(row, stat));
    if (action === 'compare' || (action !== 'leave' && stat.kind === 'file' && isInDoubt)) {
      const hasEqualAttributes = attributesEqual({ kind: listed.kind, ...listed.attributes }, stat) && isExtendedEqual;
      this.#isRead = true;
      return this.#parts.checksums.add({ place, stat, hasEqualAttributes, kept, cause: this.#cause });
    }
    if (stat.kind === 'file') this.#count(stat, false);
    const isLeft = action === 'leave';
    const isConfirmed = !isLeft && row !== null && catalog.confirm(row, stat, { linkTarget, epoch: this.#epoch, ...kept });
    if (!isConfirmed) {
      catalog.put(place, stat, {
        linkTarget,
        sequence: row?.sequence ?? 0,
        epoch: this.#epoch,
        readAtMs: readAt(row, stat),
        isBelieved: true,
        trust: isLeft ? 'left' : 'known',
        ...kept,
      });
    }
    if (isLeft) {
      this.#progress?.left(stat.kind === 'file' ? stat.size : 0);
      return;
    }
    if (action === 'attributes') tree.sendAttributes(place, stat, linkTarget, this.#cause);
    if (stat.kind === 'file' && stat.nlink > 1) this.#linkToVerified(place, stat);
  }

  /** An unchanged ctime says that what is known of an entry still holds; else it is looked at. */
  #keptOf(place: Place, stat: EntryStat, row: CatalogRow | null): CloserLook['kept'] {
    if (row !== null && row.ctimeNs === stat.ctimeNs && isSameObject(row, stat) && row.trust === 'known') {
      return { extendedHash: row.extendedHash, flags: row.flags };
    }
    return lookCloser(this.#parts.roots.absolute(place), stat).kept;
  }

  /** A listing does not tell which names share a file: for a second name it is made sure. */
  #linkToVerified(place: Place, stat: EntryStat): void {
    const { catalog, tree, roots } = this.#parts;
    const here = catalog.lookup(place);
    for (const row of catalog.byIdentity(stat)) {
      if (row.id === here?.id || row.epoch !== this.#epoch || row.trust !== 'known') continue;
      const peer = catalog.placeOf(row);
      const there = statEntry(roots.absolute(peer));
      if (there === null || !isSameObject(row, there)) continue;
      tree.sendLink(place, stat, peer, this.#cause);
      return;
    }
  }

  /** What is under way counts when it has gone. */
  #countLooked(stat: EntryStat, { sent }: Looked): void {
    if (stat.kind !== 'file') return;
    if (sent === 'under-way') this.#isRead = true;
    else this.#count(stat, sent === 'content');
  }

  #count(stat: EntryStat, isSent: boolean): void {
    this.#isRead = isSent;
    if (isSent) this.#progress?.sent(stat.size);
    else this.#progress?.skipped(stat.size);
  }
}
