import { closeSync, constants, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { ReplicationError, showName } from '../../../../base/index.ts';
import { awaitWrites, codedError, native, readInto, statFd } from '../../../fs/index.ts';
import { isWholeSecond, stampTickMs, type AbsolutePath, type EntryStat, type Place } from '../../../model/index.ts';
import type { ChangedRanges, Reading } from '../changed-ranges.ts';
import { lookCloser, type CloserLook } from '../closer-look.ts';
import type { Roots } from '../roots.ts';
import type { Clone, CloneVolumes } from './clone-volumes.ts';

const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Smaller files are read into memory: that takes microseconds, less than a clone. */
const CLONE_FROM_BYTES = 64 * 1024;
const flushData = promisify(fdatasync);

/** A file as it was at the instant of the copy. */
export interface FileCopy {
  readonly place: Place;
  readonly stat: EntryStat;
  readonly look: CloserLook;
  readonly takenAtMs: number;
  /** Begun before the copy: of writes that are told after that it is not known whether the copy has them. */
  readonly reading: Reading;
  readonly content: { readonly kind: 'bytes'; readonly bytes: Buffer } | { readonly kind: 'clone'; readonly fd: number };
  close(): void;
}

export interface InstantCopiesParts {
  readonly roots: Roots;
  readonly changedRanges: Pick<ChangedRanges, 'begin'>;
  readonly clones: Pick<CloneVolumes, 'clone' | 'mayClone'>;
  /** Whether, on the volume of the file, no two changes between which somebody looked leave the same time stamp. */
  readonly hasFineTimes: (path: AbsolutePath) => boolean;
  readonly nowMs?: () => number;
  readonly wallMs?: () => number;
}

/** One of the files, open, with its copy once there is one. */
interface Sitter {
  readonly place: Place;
  readonly fd: number;
  readonly isFineGrained: boolean;
  readonly reading: Reading;
  copy: FileCopy | null;
}

/**
 * Copies of several files that together are a state which these files had at one instant. Each file is looked at, copied, and looked at
 * again after the last copy was made: a write changes the time stamps before it changes a byte, so files whose stamps are still those from
 * before their copies did not change between the last copy and that look, and any moment in between is the instant. Those that did change
 * are copied again. A write that was under way at the first look is waited for, by the copy.
 */
export class InstantCopies {
  readonly #parts: InstantCopiesParts;
  readonly #nowMs: () => number;
  readonly #wallMs: () => number;

  constructor(parts: InstantCopiesParts) {
    this.#parts = parts;
    this.#nowMs = parts.nowMs ?? (() => performance.now());
    this.#wallMs = parts.wallMs ?? Date.now;
  }

  /**
   * The copies, or null when writers did not cease for as long as copying takes, in `mostMs`. Throws coded errors: a file cannot be opened or
   * copied. The caller closes the copies.
   */
  async take(places: readonly Place[], mostMs: number): Promise<readonly FileCopy[] | null> {
    const sitters: Sitter[] = [];
    let isTaken = false;
    try {
      for (const place of places) {
        const isFineGrained = this.#parts.hasFineTimes(this.#parts.roots.absolute(place));
        sitters.push({ place, ...this.#open(place), isFineGrained, copy: null });
      }
      const toClone = sitters.filter(({ fd }) => !isForMemory(statFd(fd)));
      for (const { fd, place } of toClone) this.#checkClonable(place, fd);
      // A clone writes out first what is not on disk yet; done before, it need not be in the instant.
      await Promise.all(toClone.map((sitter) => this.#flush(sitter)));
      const untilMs = this.#nowMs() + mostMs;
      while (!isTaken && this.#nowMs() < untilMs) isTaken = this.#pass(sitters);
      return isTaken ? sitters.flatMap(({ copy }) => copy ?? []) : null;
    } finally {
      for (const { fd, copy } of sitters) {
        closeSync(fd);
        if (!isTaken) copy?.close();
      }
    }
  }

  /** True when no file had changed since its copy. */
  #pass(sitters: readonly Sitter[]): boolean {
    let isQuiet = true;
    for (const sitter of sitters) {
      const wallMs = this.#wallMs();
      const stat = statFd(sitter.fd);
      if (sitter.copy !== null && isUnchanged(sitter.copy.stat, stat)) continue;
      isQuiet = false;
      sitter.copy?.close();
      sitter.copy = null;
      // With coarse stamps a change in this very tick would leave the stamp as it is.
      const isCoarse = !sitter.isFineGrained || isWholeSecond(stat.ctimeNs);
      const isRacy = isCoarse && wallMs - Number(stat.ctimeNs / 1_000_000n) < stampTickMs(stat.ctimeNs);
      if (isRacy) continue;
      try {
        sitter.copy = this.#copy(sitter, stat, wallMs);
      } catch (error) {
        throw codedError(error, this.#parts.roots.absolute(sitter.place));
      }
    }
    return isQuiet;
  }

  #copy({ place, fd, reading }: Sitter, stat: EntryStat, takenAtMs: number): FileCopy {
    const path = this.#parts.roots.absolute(place);
    const look = lookCloser(path, stat);
    const about = { place, look, takenAtMs, reading };
    if (isForMemory(stat)) {
      awaitWrites(fd);
      const bytes = Buffer.allocUnsafe(stat.size);
      const length = readInto(fd, bytes, 0, stat.size, 0);
      return { ...about, stat, content: { kind: 'bytes', bytes: bytes.subarray(0, length) }, close: () => undefined };
    }
    const clone: Clone = this.#parts.clones.clone(place, fd, stat);
    return { ...about, stat, content: { kind: 'clone', fd: clone.fd }, close: () => clone.close() };
  }

  async #flush({ place, fd }: Sitter): Promise<void> {
    try {
      await flushData(fd);
    } catch (error) {
      throw codedError(error, this.#parts.roots.absolute(place));
    }
  }

  /** Asked before anything is done for it. */
  #checkClonable(place: Place, fd: number): void {
    if (!this.#parts.clones.mayClone(statFd(fd)))
      throw new ReplicationError('unsupported', { path: showName(this.#parts.roots.absolute(place)), text: 'clones' });
  }

  #open(place: Place): { fd: number; reading: Reading } {
    const path = this.#parts.roots.absolute(place);
    let fd: number;
    try {
      fd = openSync(native(path), READ_FLAGS);
    } catch (error) {
      throw codedError(error, path);
    }
    const stat = statFd(fd);
    if (stat.kind === 'file' && stat.nlink === 1) return { fd, reading: this.#parts.changedRanges.begin(stat) };
    closeSync(fd);
    throw new ReplicationError('not-found', { path: showName(path) });
  }
}

/** Small, and without holes, which a copy in memory would fill. */
function isForMemory({ size, allocatedBytes }: EntryStat): boolean {
  return size < CLONE_FROM_BYTES && allocatedBytes + 4096 > size;
}

function isUnchanged(before: EntryStat, now: EntryStat): boolean {
  return before.mtimeNs === now.mtimeNs && before.ctimeNs === now.ctimeNs && before.size === now.size;
}
