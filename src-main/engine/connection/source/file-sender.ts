import { closeSync } from 'node:fs';
import { whenDone, type Soon } from '../../../base/index.ts';
import type { Catalog, CatalogRow } from '../../catalog/index.ts';
import { isSameObject } from '../../catalog/index.ts';
import { readInto, statEntry, statFd } from '../../fs/index.ts';
import { isSurelyRead, type ByteRange, type EntryStat, type Place } from '../../model/index.ts';
import type { FileSignature, Outbox } from '../../transmit/index.ts';
import type { BlockComparer } from './block-comparer.ts';
import type { ChangedRanges, Reading } from './changed-ranges.ts';
import type { CleanReads } from './clean-reads.ts';
import { lookCloser, type CloserLook } from './closer-look.ts';
import type { SteadyReads } from './copies/steady-reads.ts';
import { expectedFile } from './expected-file.ts';
import type { FileContent, Opened } from './file-content.ts';
import { bytesIn, rangesOf } from './file-pieces.ts';
import type { FolderTimes } from './folder-times.ts';
import type { Roots } from './roots.ts';
import { toEnd } from './steps.ts';
import type { Cause } from './source-tree.ts';
import type { Strays } from './strays.ts';
import { Transfer, type Content, type FileCheck, type Patch } from './transfer.ts';
import type { Transfers } from './transfers.ts';

/** Files up to this size travel inside a frame with others. */
const INLINE_BYTES = 256 * 1024;
/** What takes more than a few frames is no longer sent in one go: changes would wait for it. */
const AT_ONCE_BYTES = 1024 * 1024;
const AT_ONCE_PIECES = 2;

export interface FileSenderParts {
  readonly catalog: Catalog;
  readonly outbox: Outbox;
  readonly roots: Roots;
  readonly content: FileContent;
  readonly comparer: BlockComparer;
  readonly changedRanges: ChangedRanges;
  readonly steadyReads: SteadyReads;
  /** Hears of each read by the op that it became. */
  readonly reads: Pick<CleanReads, 'read' | 'seen'>;
  readonly strays: Strays;
  readonly folderTimes: FolderTimes;
  readonly transfers: () => Transfers;
  readonly epoch: () => number;
  /** Waits until the link has room; lets acknowledgements and orders in. Throws when the link is gone. */
  readonly breathe: () => Promise<void>;
  /** The same in the middle of an op. */
  readonly drain: () => Promise<void>;
  /** The same when work has gone on for long enough; null before that. */
  readonly rest: () => Promise<void> | null;
  /** The entry must be looked at again. */
  readonly again: (place: Place) => void;
}

/** `under way`: it is among the transfers, which go on beside everything else. */
export type FileSent = 'sent' | 'under-way';

/** The content of files, sent whole, in pieces, as changed blocks, or as another name of a file that the target has. */
export class FileSender {
  readonly #parts: FileSenderParts;

  constructor(parts: FileSenderParts) {
    this.#parts = parts;
  }

  breathe(): Promise<void> {
    return this.#parts.breathe();
  }

  /** Sends what the target needs to hold this file. `row` is what it holds now, if anything is known. */
  send(place: Place, stat: EntryStat, row: CatalogRow | null, cause: Cause): Soon<FileSent> {
    const { content, changedRanges } = this.#parts;
    const reading = changedRanges.begin(stat);
    const recorded = content.recorded(reading, stat, row);
    if (recorded !== null) {
      if (bytesIn(rangesOf(recorded, stat.size)) > this.#atOnceBytes) return this.#sendLater(place, stat, cause);
      return this.#sendRecorded(place, stat, row, cause, recorded).then(() => this.#sentSince(reading));
    }
    if (stat.nlink > 1 && this.linkToPeer(place, stat, cause)) return 'sent';
    if (content.mustCompare(row, stat, null)) return this.#sendLater(place, stat, cause);
    const isSparse = stat.allocatedBytes + 4096 <= stat.size;
    if (stat.size <= INLINE_BYTES && !isSparse) {
      this.#sendInline(place, stat, cause);
      if (stat.nlink > 1) this.#relink(place, stat, cause);
      return this.#sentSince(reading);
    }
    if (Math.min(stat.size, stat.allocatedBytes) > this.#atOnceBytes) return this.#sendLater(place, stat, cause);
    return this.#sendNow(place, stat, row, cause, null).then(() => this.#sentSince(reading));
  }

  #sentSince(reading: Reading): 'sent' {
    this.#parts.changedRanges.sent(reading);
    return 'sent';
  }

  /** A mirror compares the blocks of a file that is too large to be waited for. */
  async check(place: Place, cause: Cause, check: FileCheck): Promise<void> {
    const transfers = this.#parts.transfers();
    if (transfers.absorb(place, check.stat)) return;
    await transfers.add(new Transfer(place, check.stat, cause, this.#parts.epoch(), check));
  }

  /**
   * Sends the blocks of a small file that differ from the target's `signature`, with the attributes. If none do, `onEqual` decides instead;
   * it is told when the content was read.
   */
  sendChanged(
    place: Place,
    stat: EntryStat,
    signature: FileSignature,
    cause: Cause,
    onEqual?: (readAtMs: number) => void,
  ): Soon<'equal' | FileSent> {
    const { catalog, comparer, content, drain, rest } = this.#parts;
    const row = catalog.lookup(place);
    const readAtMs = Date.now();
    const send = (file: Opened, size: number, changed: readonly ByteRange[]): Soon<'equal' | FileSent> => {
      const bytes = bytesIn(changed);
      if (bytes === 0 && signature.size === size) {
        if (onEqual === undefined) this.#sendSameContent(place, stat, cause, readAtMs);
        else onEqual(readAtMs);
        return 'equal';
      }
      const isMostlyNew = bytes * 2 > size;
      if ((isMostlyNew ? size : bytes) > this.#atOnceBytes) return this.#sendLater(place, stat, cause);
      const patch = isMostlyNew ? null : { baseSize: signature.size, changed, isRecorded: false };
      return this.#sendNow(place, stat, row, cause, patch, file).then(() => 'sent');
    };
    const transfer = new Transfer(place, stat, cause, this.#parts.epoch());
    return whenDone(toEnd(content.openSteady(transfer, stat), drain), (file) =>
      closing(file, () => {
        const size = file.copied?.size ?? stat.size;
        return whenDone(toEnd(comparer.compare(file.fd, size, signature), rest), (changed) => send(file, size, changed));
      }),
    );
  }

  /**
   * The content of a transfer has left; now its op takes its place in the order, and the catalog knows of it. `isStill`: the parents are
   * there, and the place has this very file. Returns false when nothing was said of it: then it has to be read once more.
   */
  finish(transfer: Transfer, content: Content, isStill: boolean): boolean {
    const { catalog, changedRanges, outbox } = this.#parts;
    const { place, cause, check, reading } = transfer;
    switch (content.kind) {
      case 'gone':
        return false;
      case 'linked':
        return true;
      case 'equal': {
        const { stat, readAtMs } = content;
        if (!isStill || !isSameRow(catalog.lookup(place), content.row)) return false;
        const isUnchanged = stat.mtimeNs === check?.stat.mtimeNs && stat.ctimeNs === check.stat.ctimeNs;
        if (check === null || !check.hasEqualAttributes || !isUnchanged)
          this.#sendSameContent(place, stat, cause, readAtMs, transfer.epoch);
        else {
          const sequence = content.row?.sequence ?? 0;
          catalog.put(place, stat, { linkTarget: null, sequence, epoch: transfer.epoch, readAtMs, ...check.kept });
        }
        if (reading !== null) changedRanges.sent(reading);
        return true;
      }
      case 'streamed': {
        // A patch rests on what the target had when it was asked, or when the ranges began.
        const hasBase = content.patch === null || isSameRow(catalog.lookup(place), content.row);
        const isTorn = this.#isTorn(content);
        if (isStill && hasBase && !isTorn) {
          this.#take(transfer, content);
          if (reading !== null) changedRanges.sent(reading);
          return true;
        }
        outbox.dropStream(content.stream);
        return false;
      }
    }
  }

  /** Of a file as large as that it is cheaper to say what becomes of it than to let changes wait. */
  get #atOnceBytes(): number {
    return Math.min(AT_ONCE_BYTES, AT_ONCE_PIECES * this.#parts.outbox.meter.pieceBytes);
  }

  async #sendLater(place: Place, stat: EntryStat, cause: Cause): Promise<'under-way'> {
    await this.#parts.transfers().add(new Transfer(place, stat, cause, this.#parts.epoch()));
    return 'under-way';
  }

  /** Sends where the file was written. */
  async #sendRecorded(place: Place, stat: EntryStat, row: CatalogRow | null, cause: Cause, patch: Patch): Promise<void> {
    if (patch.changed.length === 0 && stat.size === patch.baseSize) this.#sendSameContent(place, stat, cause, 0, row?.epoch ?? 0);
    else await this.#sendNow(place, stat, row, cause, patch);
    this.#parts.folderTimes.disturbed(place);
  }

  /** Sends all of it in one go. `opened`: where the patch was found; closed by the caller. */
  async #sendNow(
    place: Place,
    stat: EntryStat,
    row: CatalogRow | null,
    cause: Cause,
    patch: Patch | null,
    opened?: Opened,
  ): Promise<void> {
    const { content, drain, outbox } = this.#parts;
    const transfer = new Transfer(place, stat, cause, this.#parts.epoch());
    const sent = await toEnd(content.pieces(transfer, stat, row, patch, opened), drain);
    if (sent.kind !== 'streamed') return;
    if (!this.#isTorn(sent)) {
      this.#take(transfer, sent);
      return;
    }
    outbox.dropStream(sent.stream);
    await this.#sendNow(place, stat, row, cause, null);
  }

  /** Parts of two versions: left out where the next read will be of one. Else whatever came later is sent again. */
  #isTorn({ before, after, patch }: Content & { kind: 'streamed' }): boolean {
    const isSteady = after.size === before.size && after.mtimeNs === before.mtimeNs;
    return !isSteady && patch?.isRecorded !== true && this.#parts.steadyReads.torn(before);
  }

  /** The op that takes a stream. */
  #take(transfer: Transfer, content: Content & { kind: 'streamed' }): void {
    const { outbox, catalog, epoch, folderTimes, again, reads } = this.#parts;
    const { place, cause, sentBytes: bytes } = transfer;
    const { stream, before, after, look, readAtMs, patch } = content;
    const { attributes, kept } = look;
    const expects = expectedFile(catalog.lookup(place));
    // With the attributes from before the read: whatever came later does not match them and is sent again.
    const sequence = outbox.pushStream(
      stream,
      { size: before.size, attributes },
      patch === null
        ? { kind: 'write-stream', ...place, ...expects }
        : { kind: 'patch-stream', ...place, baseSize: patch.baseSize, ...expects },
      { bytes, class: cause.class, noticedAtMs: cause.noticedAtMs },
    );
    const isSteady = after.size === before.size && after.mtimeNs === before.mtimeNs;
    // What changes meanwhile in a file whose changes are recorded is told with its ranges.
    const isSettled = isSteady || (patch?.isRecorded === true && after.size >= before.size);
    const trust = isSettled ? 'known' : 'nothing';
    // A mirror that began after the comparison has still to make its own; recorded ranges rest on one from before.
    const comparedIn = patch?.isRecorded === true ? (content.row?.epoch ?? 0) : transfer.epoch;
    const facts = { linkTarget: null, sequence, epoch: patch === null ? epoch() : comparedIn };
    catalog.put(place, before, { ...facts, readAtMs, trust, ...kept });
    // Behind another ctime alone there is a new name or owner, or a change that was to leave no trace.
    // That comes when the write is over; one that still runs may be in what was read in part, so this is no state of one moment.
    if (!isSteady && isSettled) reads.read(place, before);
    if (!isSettled || (after.ctimeNs !== before.ctimeNs && patch?.isRecorded !== true)) again(place);
    folderTimes.disturbed(place);
    if (after.nlink > 1) this.#relink(place, after, cause);
  }

  #sendSameContent(place: Place, stat: EntryStat, cause: Cause, readAtMs: number, epoch = this.#parts.epoch()): void {
    const { outbox, catalog } = this.#parts;
    const { attributes, kept } = this.#lookCloser(place, stat);
    const sequence = outbox.push(
      { kind: 'attributes', ...place, entry: 'file', attributes },
      { bytes: 0, class: cause.class, noticedAtMs: cause.noticedAtMs },
    );
    catalog.put(place, stat, { linkTarget: null, sequence, epoch, readAtMs, ...kept });
  }

  #sendInline(place: Place, stat: EntryStat, cause: Cause): void {
    const { outbox, catalog, epoch } = this.#parts;
    const readAtMs = Date.now();
    const fd = this.#parts.content.open(place, stat);
    let size: number;
    let look: CloserLook;
    let after: EntryStat;
    try {
      look = lookCloser(this.#parts.roots.absolute(place), stat, fd);
      size = readInto(fd, outbox.reserve(stat.size), 0, stat.size, 0);
      after = statFd(fd);
    } finally {
      closeSync(fd);
    }
    const sequence = outbox.push(
      { kind: 'write', ...place, size, attributes: look.attributes, ...expectedFile(catalog.lookup(place)) },
      { bytes: size, class: cause.class, noticedAtMs: cause.noticedAtMs, inlineBytes: size },
    );
    // Of what a mirror reads there is so much that a look at each by its path counts; a change that is told has its look when changes rest.
    if (cause.class === 'mirror') this.#parts.reads.seen(place, after);
    // A change after our stat gives a notice of its own, and its time stamps will not match the catalog's.
    const isWhole = size === stat.size;
    const trust = isWhole ? 'known' : 'nothing';
    catalog.put(place, stat, { linkTarget: null, sequence, epoch: epoch(), readAtMs, trust, ...look.kept });
    if (!isWhole) this.#parts.again(place);
  }

  #lookCloser(place: Place, stat: EntryStat): CloserLook {
    return lookCloser(this.#parts.roots.absolute(place), stat);
  }

  /** The same file under another name that the target has already, with this very content: no data need travel. */
  linkToPeer(place: Place, stat: EntryStat, cause: Cause): boolean {
    const { catalog, outbox, roots, epoch } = this.#parts;
    const here = catalog.lookup(place);
    const isNewName = here === null || !isSameObject(here, stat);
    for (const row of catalog.byIdentity(stat)) {
      if (row.id === here?.id || row.trust !== 'known' || row.size !== stat.size || row.mtimeNs !== stat.mtimeNs) continue;
      // Only a further name explains another ctime; else the content changed although size and time were set back.
      if (row.ctimeNs !== stat.ctimeNs && !(isNewName && row.nlink < stat.nlink)) continue;
      // The times of the other name may have been noted without a look at the content that this notice is about.
      const isRead = row.ctimeNs === stat.ctimeNs && isSurelyRead(row);
      if (!isRead && !isNewName) continue;
      const peer = catalog.placeOf(row);
      const there = statEntry(roots.absolute(peer));
      if (there === null || !isSameObject(row, there)) continue;
      const sequence = outbox.push(
        { kind: 'link', ...place, existingRoot: peer.root, existing: peer.path },
        { bytes: 0, class: cause.class, noticedAtMs: cause.noticedAtMs },
      );
      // The new name changed the file's ctime. An edit may hide behind that, under either name: the new one counts as seen at no ctime, so
      // that its blocks are compared when changes have come to rest; under the other name a notice of content is believed.
      const { extendedHash, flags } = row;
      catalog.put(
        place,
        { ...stat, ctimeNs: isRead ? stat.ctimeNs : 0n },
        {
          linkTarget: null,
          sequence,
          epoch: Math.min(row.epoch, epoch()),
          readAtMs: isRead ? row.readAtMs : 0,
          extendedHash,
          flags,
        },
      );
      if (row.ctimeNs !== stat.ctimeNs && row.ctimeNs !== 0n && cause.noticedAtMs !== null)
        catalog.put(peer, there, { ...row, readAtMs: 0 });
      // The file's attributes belong to all its names; what changed with the new name is set once more.
      const hasSameOwner = row.mode === stat.mode && row.uid === stat.uid && row.gid === stat.gid;
      if (!hasSameOwner || this.#lookCloser(place, stat).kept.extendedHash !== extendedHash)
        this.#sendLinkedAttributes(place, stat, cause);
      return true;
    }
    return false;
  }

  /** Sets the attributes of a name that was just linked; what is known of its content stays. */
  #sendLinkedAttributes(place: Place, stat: EntryStat, cause: Cause): void {
    const { outbox, catalog } = this.#parts;
    const { attributes, kept } = this.#lookCloser(place, stat);
    const sequence = outbox.push(
      { kind: 'attributes', ...place, entry: 'file', attributes },
      { bytes: 0, class: cause.class, noticedAtMs: cause.noticedAtMs },
    );
    const row = catalog.lookup(place);
    if (row !== null) catalog.put(place, { ...stat, ctimeNs: row.ctimeNs }, { ...row, sequence, ...kept });
  }

  /** New content was renamed over one name on the target: its other names must become names of the new file again. */
  #relink(place: Place, stat: EntryStat, cause: Cause): void {
    const { catalog, outbox, roots, epoch } = this.#parts;
    const here = catalog.lookup(place);
    if (here === null) return;
    for (const row of catalog.byIdentity(stat)) {
      if (row.id === here.id) continue;
      const peer = catalog.placeOf(row);
      const there = statEntry(roots.absolute(peer));
      if (there === null || !isSameObject(row, there)) {
        // It is elsewhere already: the target's copy of it is the old file, and must not go along with the move.
        catalog.doubt(row, 'nothing');
        this.#parts.strays.isAstray(peer);
        continue;
      }
      const sequence = outbox.push(
        { kind: 'link', ...peer, existingRoot: place.root, existing: place.path },
        { bytes: 0, class: cause.class, noticedAtMs: cause.noticedAtMs },
      );
      catalog.put(peer, { ...there, size: here.size, mtimeNs: here.mtimeNs, ctimeNs: here.ctimeNs }, {
        linkTarget: null, sequence, epoch: epoch(), readAtMs: here.readAtMs, trust: here.trust,
        extendedHash: here.extendedHash, flags: here.flags,
      }); // prettier-ignore
      this.#parts.folderTimes.disturbed(peer);
    }
  }
}

/** Closes the file when nothing of it is used any more. */
function closing<T>(file: Opened, use: () => Soon<T>): Soon<T> {
  let used: Soon<T> | undefined;
  try {
    used = use();
    return used instanceof Promise ? used.finally(() => file.close()) : used;
  } finally {
    if (!(used instanceof Promise)) file.close();
  }
}

function isSameRow(now: CatalogRow | null, then: CatalogRow | null): boolean {
  if (now === null || then === null) return now === then;
  return now.id === then.id && now.sequence === then.sequence && (now.trust !== 'nothing' || then.trust === 'nothing');
}
