import type { EntryStat, Place } from '../../../model/index.ts';
import type { Clone, CloneVolumes } from './clone-volumes.ts';

/** Of more files it is not remembered how they were read last. */
const MOST_TORN = 1_000;

/**
 * Files that changed while they were read, as `dev:ino`. The next read of such a file is of a clone, so that what is sent of it is one version
 * although its writers do not rest. Files that rest are read as they are, and cost no clone.
 */
export class SteadyReads {
  readonly #clones: Pick<CloneVolumes, 'mayClone' | 'cloneFlushed'>;
  /** With the time stamp that the file had when it was copied last; null before that. */
  readonly #torn = new Map<string, bigint | null>();

  constructor(clones: Pick<CloneVolumes, 'mayClone' | 'cloneFlushed'>) {
    this.#clones = clones;
  }

  /** A read of the file saw parts of two versions. True when it is worth reading it again, from a copy. */
  torn(stat: EntryStat): boolean {
    const key = keyOf(stat);
    if (this.#torn.has(key) || !this.#clones.mayClone(stat)) return false;
    if (this.#torn.size >= MOST_TORN) this.#torn.clear();
    this.#torn.set(key, null);
    return true;
  }

  /** The last read of the file saw parts of two versions: `copy` may help. */
  isTorn(stat: EntryStat): boolean {
    return this.#torn.has(keyOf(stat));
  }

  /** A copy of the open file to read from; null when it may as well be read itself, or no copy can be made. */
  async copy(place: Place, fd: number, stat: EntryStat): Promise<Clone | null> {
    const key = keyOf(stat);
    const copiedAtNs = this.#torn.get(key);
    if (copiedAtNs === undefined) return null;
    if (!this.#clones.mayClone(stat) || copiedAtNs === stat.mtimeNs) {
      this.#torn.delete(key); // it rests, or there are no clones any more
      return null;
    }
    try {
      const clone = await this.#clones.cloneFlushed(place, fd, stat);
      this.#torn.set(key, stat.mtimeNs);
      return clone;
    } catch {
      return null; // the volumes' facts say why; it is read as it is, and sent again when it changed meanwhile
    }
  }
}

function keyOf({ dev, ino }: EntryStat): string {
  return `${dev}:${ino}`;
}
