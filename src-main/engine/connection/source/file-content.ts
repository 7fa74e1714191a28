import { closeSync, constants, openSync } from 'node:fs';
import { ReplicationError, showName, toReplicationError } from '../../../base/index.ts';
import type { Catalog, CatalogRow } from '../../catalog/index.ts';
import { isSameObject } from '../../catalog/index.ts';
import { awaitWrites, native, statEntry, statFd } from '../../fs/index.ts';
import type { EntryStat, Place } from '../../model/index.ts';
import type { Outbox, Requests } from '../../transmit/index.ts';
import { differences, type BlockComparer } from './block-comparer.ts';
import type { ChangedRanges, Reading } from './changed-ranges.ts';
import { lookCloser } from './closer-look.ts';
import type { Clone } from './copies/clone-volumes.ts';
import type { SteadyReads } from './copies/steady-reads.ts';
import { bytesIn, rangesOf, sendRange, wholeRanges } from './file-pieces.ts';
import type { Roots } from './roots.ts';
import type { Awaited, Content, Patch, Transfer } from './transfer.ts';

/** A changed file from this size on is compared block by block before it is sent. */
export const DELTA_BYTES = 4 * 1024 * 1024;
/** A comparison's answer must fit one message: 16 bytes for each 64 KiB. */
export const MOST_COMPARED_BYTES = 8 * 1024 * 1024 * 1024;
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A file that is open to be read. */
export interface Opened {
  readonly fd: number;
  /** What the file was when it was copied, if `fd` is a copy of it: that one does not change any more. */
  readonly copied: EntryStat | null;
  /** Nothing was read of it before, ms since 1970. What is compared may wait long for what it is compared with. */
  readonly openedAtMs: number;
  close(): void;
}

export interface FileContentParts {
  readonly catalog: Catalog;
  readonly outbox: Outbox;
  readonly requests: Requests;
  readonly roots: Roots;
  readonly comparer: BlockComparer;
  readonly changedRanges: ChangedRanges;
  readonly steadyReads: SteadyReads;
  /** The same file may be on the target under another name: then that is sent, and nothing else need be. */
  readonly link: (place: Place, stat: EntryStat, transfer: Transfer) => boolean;
}

/**
 * Reads files and sends what the target lacks of them, a piece at a time: whoever runs it decides after each what comes next. Nothing of
 * that is in the order of ops yet, and the catalog knows nothing of it.
 */
export class FileContent {
  readonly #parts: FileContentParts;

  constructor(parts: FileContentParts) {
    this.#parts = parts;
  }

  /** Finds out what to send of a file, and sends it. Rests before it sends anything, and when it waits for the target's answer. */
  *of(transfer: Transfer): Generator<void, Content> {
    const { catalog, changedRanges, roots } = this.#parts;
    const stat = statEntry(roots.absolute(transfer.place));
    if (stat === null || !transfer.isOf(stat)) return { kind: 'gone' };
    const row = catalog.lookup(transfer.place);
    const reading = (transfer.reading = changedRanges.begin(stat));
    const recorded = transfer.check === null && !transfer.isWhole ? this.recorded(reading, stat, row) : null;
    if (recorded !== null) return yield* this.pieces(transfer, stat, row, recorded);
    if (transfer.check === null && stat.nlink > 1 && this.#parts.link(transfer.place, stat, transfer)) return { kind: 'linked' };
    if (!this.mustCompare(row, stat, transfer)) {
      transfer.isSending = true;
      yield;
      return yield* this.pieces(transfer, stat, row, null);
    }
    transfer.hasRow = row !== null;
    const awaited = (transfer.asked = this.#ask(transfer.place));
    const file = yield* this.openSteady(transfer, stat);
    try {
      const size = file.copied?.size ?? stat.size;
      // Both sides read at the same time.
      const own = yield* this.#parts.comparer.hashes(file.fd, size);
      transfer.awaited = awaited;
      while (!awaited.isOver) yield;
      const signature = awaited.signature;
      if (signature === undefined) throw awaited.error ?? new ReplicationError('link-lost', {});
      if (signature === null) {
        transfer.asked = null;
        if (row !== null && transfer.check !== null) catalog.doubt(row, 'nothing');
        return yield* this.pieces(transfer, stat, row, null);
      }
      const changed = differences(own, signature);
      const bytes = bytesIn(changed);
      if (bytes === 0 && signature.size === size) return { kind: 'equal', stat, row, readAtMs: file.openedAtMs };
      const patch = bytes * 2 > size ? null : { baseSize: signature.size, changed, isRecorded: false };
      if (patch === null) transfer.asked = null;
      return yield* this.pieces(transfer, stat, row, patch, file);
    } finally {
      file.close();
    }
  }

  /** Where the file was written, if the capture told of all of it. */
  recorded(reading: Reading, stat: EntryStat, row: CatalogRow | null): Patch | null {
    const changed = this.#parts.changedRanges.where(reading);
    if (changed === null || row?.trust !== 'known' || !isSameObject(row, stat)) return null;
    return stat.nlink === 1 && stat.size >= row.size ? { baseSize: row.size, changed, isRecorded: true } : null;
  }

  /** Whether the target's copy is compared first. One that is held does not answer: then the file travels whole. */
  mustCompare(row: CatalogRow | null, stat: EntryStat, transfer: Transfer | null): boolean {
    if (this.#parts.requests.isTargetHeld || stat.size > MOST_COMPARED_BYTES) return false;
    if (transfer?.isWhole === true) return false;
    if (transfer !== null && transfer.check !== null) return true;
    return row !== null && row.trust !== 'nothing' && row.size >= DELTA_BYTES && stat.size >= DELTA_BYTES;
  }

  /** Sends a file, or the changed parts of it, as a stream. `opened`: where the patch was found; closed by the caller. */
  *pieces(
    transfer: Transfer,
    stat: EntryStat,
    row: CatalogRow | null,
    patch: Patch | null,
    opened?: Opened,
  ): Generator<void, Content> {
    const { outbox, roots } = this.#parts;
    // Recorded ranges are those of which notices came; the time stamps may show a later write, so its notice must be believed.
    const isRecorded = patch?.isRecorded === true;
    let stream: number | null = null;
    let isWhole = false;
    const file = opened ?? (isRecorded ? this.#openDirect(transfer.place, stat) : yield* this.openSteady(transfer, stat));
    try {
      const readAtMs = isRecorded ? 0 : file.openedAtMs;
      // A patch rests on a comparison that began after `stat`: what changed since must not look as if it had been compared.
      const before = file.copied ?? (patch === null ? statFd(file.fd) : stat);
      const look = lookCloser(roots.absolute(transfer.place), before);
      const ranges = patch === null ? wholeRanges(file.fd, before.size) : rangesOf(patch, before.size);
      transfer.isSending = true;
      transfer.plannedBytes = bytesIn(ranges);
      stream = outbox.openStream(transfer.place.root, patch !== null);
      for (const range of ranges) yield* sendRange(outbox, file.fd, stream, range, (bytes) => (transfer.sentBytes += bytes));
      isWhole = true;
      // A copy is one version, if an older one than the file by now; a notice tells of that.
      const after = file.copied ?? statFd(file.fd);
      return { kind: 'streamed', stream, before, after, look, readAtMs, patch, row };
    } finally {
      if (opened === undefined) file.close();
      if (!isWhole && stream !== null) outbox.dropStream(stream);
    }
  }

  /** Opens a file to be read; one that changed while it was read the last time is read from a copy, if one can be made. */
  *openSteady(transfer: Transfer, stat: EntryStat): Generator<void, Opened> {
    const { steadyReads } = this.#parts;
    const direct = this.#openDirect(transfer.place, stat);
    const before = statFd(direct.fd);
    if (!steadyReads.isTorn(before)) return direct;
    const awaited: Awaited = (transfer.awaited = { isOver: false, signature: undefined, error: null });
    let clone: Clone | null = null;
    const copying = steadyReads.copy(transfer.place, direct.fd, before).then((made) => {
      clone = made;
      awaited.isOver = true;
    });
    let isTaken = false;
    try {
      while (!awaited.isOver) yield;
      isTaken = true;
    } finally {
      if (!isTaken) void copying.then(() => (direct.close(), clone?.close()));
    }
    const copy = clone as Clone | null;
    if (copy === null) return direct;
    direct.close();
    const copied = { ...before, size: statFd(copy.fd).size };
    return { fd: copy.fd, copied, openedAtMs: direct.openedAtMs, close: () => copy.close() };
  }

  #openDirect(place: Place, stat: EntryStat): Opened {
    const openedAtMs = Date.now();
    const fd = this.open(place, stat);
    return { fd, copied: null, openedAtMs, close: () => closeSync(fd) };
  }

  /** Opens the very file that was looked at: another may have come to its name meanwhile, of which a notice will tell. */
  open(place: Place, stat: EntryStat): number {
    const path = this.#parts.roots.absolute(place);
    const fd = openSync(native(path), READ_FLAGS);
    const found = statFd(fd);
    if (found.ino === stat.ino && found.dev === stat.dev) {
      // What a write has begun is either seen whole, or leaves a time stamp newer than `stat`.
      awaitWrites(fd);
      return fd;
    }
    closeSync(fd);
    throw new ReplicationError('not-found', { path: showName(path) });
  }

  #ask(place: Place): Awaited {
    const { outbox, requests } = this.#parts;
    outbox.flush();
    const awaited: Awaited = { isOver: false, signature: undefined, error: null };
    requests.signatures([place]).then(
      ([signature]) => {
        awaited.signature = signature ?? null;
        awaited.isOver = true;
      },
      (error: unknown) => {
        awaited.error = toReplicationError(error);
        awaited.isOver = true;
      },
    );
    return awaited;
  }
}
