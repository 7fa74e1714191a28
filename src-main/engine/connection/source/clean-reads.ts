import { statEntry } from '../../fs/index.ts';
import { isWholeSecond, placeKey, stampTickMs, type EntryStat, type Place } from '../../model/index.ts';
import type { Roots } from './roots.ts';

interface Read {
  readonly place: Place;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly atMs: number;
}

/**
 * Files whose content was read and sent, until it is sure that each read saw one version of the file and not parts of two. The notice
 * of a write comes when the write is over, so one that runs at the time of the read is told too late; but a write changes the time stamp
 * before it changes a byte. So a file with the stamp from before the read, looked at after it, was read clean.
 */
export class CleanReads {
  readonly #roots: Roots;
  readonly isFineGrained: boolean;
  readonly #wallMs: () => number;
  readonly #reads = new Map<string, Read>();
  /** Rises when a read was found clean or a new one came: something goes on. */
  progress = 0;

  /** `isFineGrained`: no two changes of a file between which it was looked at leave the same time stamp. */
  constructor(roots: Roots, isFineGrained: boolean, wallMs: () => number = Date.now) {
    this.#roots = roots;
    this.isFineGrained = isFineGrained;
    this.#wallMs = wallMs;
  }

  get size(): number {
    return this.#reads.size;
  }

  /** The file was looked at, with this result, and read after that. */
  read(place: Place, stat: { readonly size: number; readonly mtimeNs: bigint }): void {
    this.#reads.set(placeKey(place), { place, size: stat.size, mtimeNs: stat.mtimeNs, atMs: this.#wallMs() });
    this.progress++;
  }

  /** The file was read, and nothing can tell whether that was clean. */
  doubt(place: Place): void {
    this.read(place, { size: -1, mtimeNs: 0n });
  }

  /** What was read there is no longer what the target has, or is to have. */
  forget(place: Place): void {
    if (this.#reads.size > 0) this.#reads.delete(placeKey(place));
  }

  /** A file or a tree has another place now. */
  moved(from: Place, to: Place): void {
    if (this.#reads.size === 0) return;
    for (const [key, read] of [...this.#reads]) {
      if (read.place.root !== from.root) continue;
      const { path } = read.place;
      if (path !== from.path && !path.startsWith(`${from.path}/`)) continue;
      this.#reads.delete(key);
      const place = { root: to.root, path: to.path + path.slice(from.path.length) };
      this.#reads.set(placeKey(place), { ...read, place });
    }
  }

  /** The file was looked at once more, after the read that was told last. Most need no other look then. */
  seen(place: Place, stat: EntryStat): void {
    const key = placeKey(place);
    const read = this.#reads.get(key);
    if (read === undefined || !this.#isClean(read, stat)) return;
    this.#reads.delete(key);
    this.progress++;
  }

  /** Looks at files until `most` of them were; true when none is left in doubt. */
  check(most: number): boolean {
    let left = most;
    for (const [key, read] of this.#reads) {
      if (left-- <= 0) return false;
      if (!this.#isClean(read, statEntry(this.#roots.absolute(read.place)))) continue;
      this.#reads.delete(key);
      this.progress++;
    }
    return this.#reads.size === 0;
  }

  /** Those that stay in doubt although nothing more is told about them: they must be looked at again. */
  takeAll(): readonly Place[] {
    const places = [...this.#reads.values()].map(({ place }) => place);
    this.#reads.clear();
    return places;
  }

  #isClean(read: Read, stat: EntryStat | null): boolean {
    return stat?.size === read.size && stat.mtimeNs === read.mtimeNs && !this.#isRacy(read, stat.ctimeNs);
  }

  #isRacy({ mtimeNs, atMs }: Read, ctimeNs: bigint): boolean {
    if (this.isFineGrained && !isWholeSecond(ctimeNs)) return false;
    return atMs - Number(mtimeNs / 1_000_000n) < stampTickMs(ctimeNs);
  }
}
