import { whenDone, type Soon } from '../../../base/index.ts';
import type { Catalog, CatalogRow } from '../../catalog/index.ts';
import { isSameObject, readAt } from '../../catalog/index.ts';
import { readLink, specialKind, statEntry } from '../../fs/index.ts';
import { attributesEqual, needOf, type Look } from '../../mirror/index.ts';
import { parentPath, type CompiledRules, type EntryStat, type Place } from '../../model/index.ts';
import type { NewOp, OpClass, Outbox } from '../../transmit/index.ts';
import { lookCloser, type CloserLook } from './closer-look.ts';
import type { FileCopy } from './copies/instant-copies.ts';
import { expectedFile } from './expected-file.ts';
import type { FileSender, FileSent } from './file-sender.ts';
import type { FolderTimes } from './folder-times.ts';
import type { NotCarriedList } from './not-carried.ts';
import type { MassChangeGuard } from './mass-change-guard.ts';
import type { Problems } from './problems.ts';
import type { Refusals } from './refusals.ts';
import type { Roots } from './roots.ts';
import type { Strays } from './strays.ts';

/** What an op counts as, and when its change was noticed. */
export interface Cause {
  readonly class: OpClass;
  readonly noticedAtMs: number | null;
}

export interface SourceParts {
  readonly catalog: Catalog;
  readonly outbox: Outbox;
  readonly rules: CompiledRules;
  readonly roots: Roots;
  readonly problems: Problems;
  readonly refusals: Refusals;
  readonly notCarried: NotCarriedList;
  readonly folderTimes: FolderTimes;
  readonly strays: Strays;
  readonly guard: MassChangeGuard;
  readonly epoch: () => number;
  readonly deletes: () => DeletePolicy;
  /** A file of which all is on its way already; what was told of it is noted. */
  readonly isUnderWay: (place: Place, stat: EntryStat) => boolean;
}

/**
 * Why an entry leaves the target. `deleted`: the source deleted it, or lost it while nobody watched. `moved`: it was moved out of the set,
 * or to where it is sent again. `replaced`: something of another kind takes its place; what was in a folder is then deleted.
 */
export type Leaving = 'deleted' | 'moved' | 'replaced';

/** Which entries stay on the target although they leave; as the connection's settings say now. */
export interface DeletePolicy {
  readonly isIgnored: boolean;
  readonly movesOut: 'remove' | 'keep';
}

/** What came of looking at an entry. `isNewFolder`: the target has it only now, so everything below must be sent too. */
export interface Looked {
  readonly stat: EntryStat | 'excluded' | null;
  /** `under-way`: it goes beside everything else, and is on the target when that is over. */
  readonly sent: 'nothing' | 'attributes' | 'content' | 'under-way';
  readonly isNewFolder: boolean;
}

/**
 * Single entries of the source, brought to the target: compares disk and catalog, sends the difference, and sets the catalog to what
 * the target will hold. Every deletion goes through `removeTree`, which asks the guard first.
 */
export class SourceTree {
  readonly #parts: SourceParts;
  readonly #files: FileSender;
  /** The folder that was found sound last: files mostly come folder by folder. */
  #ensured = { root: -1, path: '', generation: -1 };

  constructor(parts: SourceParts, files: FileSender) {
    this.#parts = parts;
    this.#files = files;
  }

  /** The entry as the set sees it: null when it is not there, `excluded` when it is no part of the set or of a kind that is not carried. */
  see(place: Place): EntryStat | 'excluded' | null {
    const { roots, rules, problems, notCarried } = this.#parts;
    const path = roots.absolute(place);
    const stat = statEntry(path);
    if (stat === null) {
      problems.clear(path);
      notCarried.notAt(path);
      return null;
    }
    if (!rules.selects(path, stat.kind === 'folder')) return 'excluded';
    if (stat.kind === 'other') {
      notCarried.saw(path, specialKind(path) ?? 'device');
      return 'excluded';
    }
    notCarried.notAt(path);
    return stat;
  }

  /** Whether the set would contain such an entry there. */
  selects(place: Place, isFolder: boolean): boolean {
    return this.#parts.rules.selects(this.#parts.roots.absolute(place), isFolder);
  }

  /** Brings one entry, without what is below it. */
  async look(place: Place, look: Look, cause: Cause): Promise<Looked> {
    try {
      const stat = this.see(place);
      if (stat === null || stat === 'excluded') return { stat, sent: 'nothing', isNewFolder: false };
      return await this.bring(place, stat, this.#parts.catalog.lookup(place), look, cause);
    } catch (error) {
      return this.#refused(place, error);
    }
  }

  /** As `look`, for an entry that was just seen; `row` is what the catalog has there now. */
  bring(place: Place, stat: EntryStat, row: CatalogRow | null, look: Look, cause: Cause): Soon<Looked> {
    if (stat.kind === 'file' && this.#parts.isUnderWay(place, stat)) return { stat, sent: 'under-way', isNewFolder: false };
    try {
      const looked = this.#bring(place, stat, row, look, cause);
      return looked instanceof Promise ? looked.catch((error: unknown) => this.#refused(place, error)) : looked;
    } catch (error) {
      return this.#refused(place, error);
    }
  }

  #bring(place: Place, stat: EntryStat, row: CatalogRow | null, look: Look, cause: Cause): Soon<Looked> {
    const path = this.#parts.roots.absolute(place);
    const linkTarget = stat.kind === 'symlink' ? readLink(path) : null;
    const isSuspect = row !== null && this.#parts.catalog.isSuspect(row);
    const need = needOf(row, stat, look, linkTarget, isSuspect);
    // At rest an unchanged ctime says that nothing changed; a notice may be of a second change within one tick of the clock.
    if (need === 'nothing' && (look === 'at-rest' || row?.trust === 'left')) return { stat, sent: 'nothing', isNewFolder: false };
    if (row !== null && need !== 'content') {
      const { attributes, kept } = lookCloser(path, stat);
      if (need !== 'attributes' && kept.extendedHash === row.extendedHash) {
        if (need === 'note' || kept.flags !== row.flags) this.note(place, { ...row, ...kept }, stat);
        return { stat, sent: 'nothing', isNewFolder: false };
      }
      this.sendAttributes(place, stat, linkTarget, cause, { attributes, kept });
      return { stat, sent: 'attributes', isNewFolder: false };
    }
    this.#askGuard(place, stat, row, cause);
    return whenDone(this.sendContent(place, stat, row, linkTarget, cause), (result) => {
      if (result === 'under-way') return { stat, sent: 'under-way', isNewFolder: false };
      this.#parts.problems.clear(path);
      return { stat, sent: 'content', isNewFolder: result === 'new-folder' };
    });
  }

  #refused(place: Place, error: unknown): Looked {
    this.#parts.refusals.refuse(place, error);
    return { stat: 'excluded', sent: 'nothing', isNewFolder: false };
  }

  /** Sends the content of a file that the target knows, as it was when it was copied; false when it could not be. */
  async sendCopied({ place, stat }: Pick<FileCopy, 'place' | 'stat'>, cause: Cause, send: () => Promise<void>): Promise<boolean> {
    try {
      this.#askGuard(place, stat, this.#parts.catalog.lookup(place), cause);
      await send();
      this.#parts.folderTimes.disturbed(place);
      this.#parts.problems.clear(this.#parts.roots.absolute(place));
      return true;
    } catch (error) {
      this.#parts.refusals.refuse(place, error);
      return false;
    }
  }

  #askGuard(place: Place, stat: EntryStat, row: CatalogRow | null, cause: Cause): void {
    if (stat.kind !== 'file' || cause.class !== 'replication') return;
    if (row?.kind === 'file') this.#parts.guard.rewriting(place, row);
    else if (row === null && cause.noticedAtMs !== null) this.#parts.guard.created(place);
  }

  /**
   * The source's side of an equal entry changed (another ctime, a moved inode): only the catalog learns of it. Behind a newer ctime a
   * change of content may hide whose notice is still to come: then the content does not count as read.
   */
  note(place: Place, row: CatalogRow, stat: EntryStat): void {
    this.#parts.catalog.put(place, asSeen(row, stat), {
      linkTarget: row.linkTarget,
      sequence: row.sequence,
      epoch: row.epoch,
      readAtMs: readAt(row, stat),
      trust: row.trust,
      extendedHash: row.extendedHash,
      flags: row.flags,
    });
  }

  sendAttributes(place: Place, stat: EntryStat, linkTarget: string | null, cause: Cause, look?: CloserLook): void {
    const { attributes, kept } = look ?? lookCloser(this.#parts.roots.absolute(place), stat);
    // Set now; whatever disturbs the folder after this has to wait and be doubted anew.
    if (stat.kind === 'folder') this.#parts.folderTimes.take(place);
    const row = this.#parts.catalog.lookup(place);
    const sequence = this.#push({ kind: 'attributes', ...place, entry: stat.kind, attributes }, cause);
    this.#parts.catalog.put(place, asSeen(row, stat), {
      linkTarget,
      sequence,
      // Only its attributes were looked at: a mirror under way has still to compare it.
      epoch: row?.epoch ?? this.#parts.epoch(),
      readAtMs: readAt(row, stat),
      ...kept,
    });
  }

  /** Sends the entry as new. `new-folder`: the target did not have it. */
  sendContent(
    place: Place,
    stat: EntryStat,
    row: CatalogRow | null,
    linkTarget: string | null,
    cause: Cause,
  ): Soon<FileSent | 'new-folder'> {
    return whenDone(this.makeWay(place, stat.kind, cause), (isFree) => {
      if (!isFree) return 'sent';
      const same = row?.kind === stat.kind ? row : null;
      return stat.kind === 'file'
        ? this.#sendFile(place, stat, same, cause)
        : this.#sendOther(place, stat, same, linkTarget, cause);
    });
  }

  #sendFile(place: Place, stat: EntryStat, row: CatalogRow | null, cause: Cause): Soon<FileSent> {
    return whenDone(this.#files.send(place, stat, row, cause), (sent) => {
      if (sent === 'sent') this.#parts.folderTimes.disturbed(place);
      return sent;
    });
  }

  #sendOther(
    place: Place,
    stat: EntryStat,
    row: CatalogRow | null,
    linkTarget: string | null,
    cause: Cause,
  ): 'sent' | 'new-folder' {
    const { catalog, folderTimes } = this.#parts;
    const { attributes, kept } = lookCloser(this.#parts.roots.absolute(place), stat);
    const op: NewOp =
      stat.kind === 'folder'
        ? { kind: 'folder', ...place, attributes }
        : { kind: 'symlink', ...place, target: linkTarget ?? '', attributes };
    const sequence = this.#push(op, cause);
    catalog.put(place, stat, { linkTarget, sequence, epoch: this.#parts.epoch(), readAtMs: Date.now(), ...kept });
    folderTimes.doubtIfPending(place);
    folderTimes.disturbed(place);
    return stat.kind === 'folder' && (row === null || row.trust === 'nothing') ? 'new-folder' : 'sent';
  }

  /** As `ensureParents`; what the target has there of another kind goes too. */
  makeWay(place: Place, kind: EntryStat['kind'], cause: Cause): Soon<boolean> {
    return whenDone(this.ensureParents(place, cause), (isThere) => isThere && this.#clear(place, kind, cause));
  }

  #clear(place: Place, kind: EntryStat['kind'], cause: Cause): Soon<true> {
    const row = this.#parts.catalog.lookup(place);
    return row === null || row.kind === kind ? true : this.removeTree(place, row, cause, 'replaced').then(() => true);
  }

  /** Makes sure that the target has every folder above; false when one of them is gone from the disk (a notice will tell where to). */
  ensureParents(place: Place, cause: Cause): Soon<boolean> {
    if (place.path === '') return true;
    const { catalog } = this.#parts;
    const parent = { root: place.root, path: parentPath(place.path) };
    const ensured = this.#ensured;
    if (ensured.path === parent.path && ensured.root === parent.root && ensured.generation === catalog.generation) return true;
    const row = catalog.lookup(parent);
    if (row?.kind === 'folder' && row.trust !== 'nothing') {
      this.#ensured = { ...parent, generation: catalog.generation };
      return true;
    }
    return this.#makeFolder(parent, row, cause);
  }

  async #makeFolder(folder: Place, row: CatalogRow | null, cause: Cause): Promise<boolean> {
    if (!(await this.ensureParents(folder, cause))) return false;
    const stat = statEntry(this.#parts.roots.absolute(folder));
    if (stat?.kind !== 'folder') return false;
    await this.sendContent(folder, stat, row, null, cause);
    return true;
  }

  /**
   * What the catalog has there, with all below it, leaves the target: children first, one op each, nothing that we did not send. What the
   * settings keep is told as kept instead.
   */
  async removeTree(place: Place, row: CatalogRow, cause: Cause, why: Leaving): Promise<void> {
    this.#parts.roots.check(place.root);
    if (row.kind === 'folder') {
      let count = 0;
      for (const child of this.#parts.catalog.children(row.id)) {
        const path = place.path === '' ? child.name : `${place.path}/${child.name}`;
        await this.removeTree({ root: place.root, path }, child, cause, why === 'replaced' ? 'deleted' : why);
        if ((++count & 1023) === 0) await this.#files.breathe();
      }
      this.#parts.notCarried.goneBelow(this.#parts.roots.absolute(place));
    }
    const sequence = this.#push(
      { kind: 'remove', ...place, entry: row.kind, isKept: this.#isKept(why), ...expectedFile(row) },
      cause,
    );
    this.#parts.catalog.remove(row, sequence);
    this.#parts.folderTimes.take(place);
    this.#parts.folderTimes.disturbed(place);
  }

  /** Says that nothing is at a place of which the catalog has nothing. Why it left is not known any more, so where deletes are ignored it is kept. */
  sendNothing(place: Place, cause: Cause): void {
    this.#push({ kind: 'remove', ...place, entry: 'file', isKept: this.#isKept('deleted') }, cause);
  }

  /** Sets the time stamps of folders that were disturbed. */
  sendFolderTimes(folders: readonly Place[]): void {
    for (const folder of folders) {
      const row = this.#parts.catalog.lookup(folder);
      const stat = statEntry(this.#parts.roots.absolute(folder));
      if (row?.kind !== 'folder' || row.trust === 'nothing') continue;
      if (stat === null || !isSameObject(row, stat)) {
        // It moved on disk before we were told where to: whoever finds it there must not believe its old time.
        this.#parts.catalog.doubt(row, 'attributes');
        this.#parts.strays.isAstray(folder);
        continue;
      }
      this.sendAttributes(folder, stat, null, { class: 'replication', noticedAtMs: null });
    }
  }

  /** Whether row and disk agree without a look at content. */
  isCurrent(place: Place, row: CatalogRow, stat: EntryStat): boolean {
    if (row.trust !== 'known' || !isSameObject(row, stat) || row.size !== stat.size || !attributesEqual(row, stat)) return false;
    if (row.ctimeNs === stat.ctimeNs) return true;
    return lookCloser(this.#parts.roots.absolute(place), stat).kept.extendedHash === row.extendedHash;
  }

  /**
   * Whether only a comparison of blocks can tell if the content is still what the target has: size and mtime are, ctime is not. Of a file
   * with several names the times may have come with a change of attributes under another name.
   */
  mayDifferUnseen(row: CatalogRow, stat: EntryStat): boolean {
    if (stat.kind !== 'file' || row.trust === 'nothing' || row.trust === 'left' || !isSameObject(row, stat)) return false;
    if (row.size !== stat.size || (row.mtimeNs !== stat.mtimeNs && stat.nlink < 2)) return false;
    return row.ctimeNs !== stat.ctimeNs || this.#parts.catalog.isSuspect(row);
  }

  /** Makes `place` another name of the file at `existing`, which a mirror has just found equal. */
  sendLink(place: Place, stat: EntryStat, existing: Place, cause: Cause): void {
    const sequence = this.#push({ kind: 'link', ...place, existingRoot: existing.root, existing: existing.path }, cause);
    const known = this.#parts.catalog.lookup(existing);
    this.#parts.catalog.put(place, stat, {
      linkTarget: null,
      sequence,
      epoch: this.#parts.epoch(),
      readAtMs: readAt(known, stat),
      isBelieved: true,
      extendedHash: known?.extendedHash ?? 0n,
      flags: known?.flags ?? 0,
    });
    this.#parts.folderTimes.disturbed(place);
  }

  #isKept(why: Leaving): boolean {
    const { isIgnored, movesOut } = this.#parts.deletes();
    return isIgnored && (why === 'deleted' || (why === 'moved' && movesOut === 'keep'));
  }

  #push(op: NewOp, cause: Cause): number {
    return this.#parts.outbox.push(op, { bytes: 0, class: cause.class, noticedAtMs: cause.noticedAtMs });
  }
}

/**
 * The entry as noted when only its attributes were looked at. A program may have set the mtime, or have written without a notice (through
 * a memory map, or a name outside the set): then the content counts as seen at no ctime, and its blocks are compared when changes have
 * come to rest.
 */
function asSeen(row: CatalogRow | null, stat: EntryStat): EntryStat {
  if (stat.kind !== 'file' || row === null) return stat;
  return row.ctimeNs === 0n || row.mtimeNs !== stat.mtimeNs ? { ...stat, ctimeNs: 0n } : stat;
}
