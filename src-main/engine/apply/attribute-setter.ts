import { chmodSync, fchmodSync, fchownSync, readFileSync } from 'node:fs';
import { codedError, native, setOwner, setTimes, setTimesFd } from '../fs/index.ts';
import type { AbsolutePath, Attributes, EntryStat, Loss } from '../model/index.ts';
import { ExtendedSetter } from './extended-setter.ts';

const SPECIAL_BITS = 0o7000;

/** Turns the numbers of the source's users and groups into those of this machine. */
export interface OwnerTranslation {
  arriving(attributes: Attributes): Attributes;
}
const asTheyAre: OwnerTranslation = { arriving: (attributes) => attributes };

/** Sets owner, mode, extended attributes and time in the order in which one does not undo the other. Knows who we are, so that needless calls are not made. */
export class AttributeSetter {
  readonly #uid = process.geteuid?.() ?? -1;
  readonly #gid = process.getegid?.() ?? -1;
  readonly #umask = readUmask();
  readonly #onLoss: (path: AbsolutePath, loss: Loss) => void;
  readonly #extended: ExtendedSetter;
  readonly #owners: OwnerTranslation;

  /** `onLoss`: usually only root may give files away, and not every volume has attributes; that is told and is no failure. */
  constructor(onLoss: (path: AbsolutePath, loss: Loss) => void, owners: OwnerTranslation = asTheyAre) {
    this.#onLoss = onLoss;
    this.#owners = owners;
    this.#extended = new ExtendedSetter(onLoss);
  }

  /** For a file that was just created with `mode`; its data are in it. */
  setNew(fd: number, path: AbsolutePath, wanted: Attributes): void {
    const { mode, uid, gid, mtimeNs, extended } = this.#owners.arriving(wanted);
    if (uid !== this.#uid || gid !== this.#gid) {
      this.#refusable(path, () => fchownSync(fd, uid, gid));
      fchmodSync(fd, mode);
    } else if ((mode & (SPECIAL_BITS | this.#umask)) !== 0) {
      fchmodSync(fd, mode);
    }
    // After the owner, whose change takes file capabilities away.
    if (extended !== undefined) this.#extended.setNew(path, extended);
    setTimesFd(fd, mtimeNs);
  }

  /** For an open file that was made here with whatever mode; its data are in it. */
  setOpen(fd: number, path: AbsolutePath, wanted: Attributes): void {
    const { mode, uid, gid, mtimeNs, extended } = this.#owners.arriving(wanted);
    this.#refusable(path, () => fchownSync(fd, uid, gid));
    fchmodSync(fd, mode);
    if (extended !== undefined) this.#extended.setNew(path, extended);
    setTimesFd(fd, mtimeNs);
  }

  /** For an entry that is there as `now`. */
  set(path: AbsolutePath, now: EntryStat, wanted: Attributes): void {
    this.copy(path, now, this.#owners.arriving(wanted));
  }

  /** As `set`, with attributes of this machine. */
  copy(path: AbsolutePath, now: EntryStat, { mode, uid, gid, mtimeNs, extended }: Attributes): void {
    const isChown = now.uid !== uid || now.gid !== gid;
    if (isChown) this.#refusable(path, () => setOwner(path, uid, gid));
    // A change of owner takes the set-uid bits away; a link has no mode of its own.
    if (now.kind !== 'symlink' && (now.mode !== mode || (isChown && (mode & SPECIAL_BITS) !== 0))) {
      try {
        chmodSync(native(path), mode);
      } catch (error) {
        throw codedError(error, path);
      }
    }
    if (extended !== undefined) this.#extended.set(path, extended);
    if (now.mtimeNs !== mtimeNs) setTimes(path, mtimeNs);
  }

  #refusable(path: AbsolutePath, change: () => void): void {
    try {
      change();
    } catch (error) {
      const coded = codedError(error, path);
      if (coded.code !== 'permission-denied') throw coded;
      this.#onLoss(path, 'owner');
    }
  }
}

/** Node's own call would write it for a moment, under all threads. Unknown counts as everything: each mode is then set after the creation. */
function readUmask(): number {
  try {
    const found = /^Umask:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'));
    return found === null ? 0o777 : parseInt(found[1] ?? '777', 8);
  } catch {
    return 0o777;
  }
}
