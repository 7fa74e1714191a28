import type { NamedKind } from '../fs/index.ts';
import { childPath, placeKey, type Place } from '../model/index.ts';

/** The disk is kept busy with so many entries before the walk, and given more when fewer than the second are left. */
const MOST_AHEAD = 256;
const LEAST_AHEAD = 128;
/** After so many files that were read it begins, and after so many in a row that were not it ends: most walks read little. */
const BEGIN_AFTER = 8;
const END_AFTER = 64;

export interface ReadAheadParts {
  /** The names in a folder, sorted. */
  readonly names: (folder: Place) => readonly NamedKind[];
  readonly selects: (place: Place, isFolder: boolean) => boolean;
  /** The system is to begin to read the files. */
  readonly expect: (files: readonly Place[]) => void;
}

/** Where a walk stands: its open folders from the outside in, each with the name that it passed last. */
export type WalkPosition = readonly { readonly folder: Place; readonly after: string | null }[];

interface Level {
  readonly folder: Place;
  readonly names: readonly NamedKind[];
  next: number;
}

/**
 * Runs before a walk that reads files, in the same order, so that a disk that is slow to begin works on many files at once while the walk
 * sends those that it has. It changes nothing and decides nothing: if the tree is changed meanwhile, the wrong files are read early.
 */
export class ReadAhead {
  readonly #parts: ReadAheadParts;
  /** How many entries were passed by the walk and by us since we began. */
  #walked = 0;
  #seen = 0;
  #reads = 0;
  #misses = 0;
  #levels: Level[] | null = null;
  /** Folders that the walk has still to enter, with how many entries lie before their first one. */
  readonly #entered = new Map<string, number>();

  constructor(parts: ReadAheadParts) {
    this.#parts = parts;
  }

  /** The walk passed an entry. `wasRead`: for a file, whether its content was, or will be, read. */
  passed(wasRead: boolean | null, position: () => WalkPosition): void {
    this.#walked++;
    if (wasRead === true) {
      this.#reads++;
      this.#misses = 0;
    } else if (wasRead === false && ++this.#misses >= END_AFTER) {
      this.#reads = 0;
      this.#levels = null;
    }
    // The walk went on to a tree of which nothing was known here.
    if (this.#levels?.length === 0 && this.#seen < this.#walked) this.#levels = null;
    if (this.#levels === null) {
      if (wasRead !== true || this.#reads < BEGIN_AFTER) return;
      this.#begin(position());
    }
    if (this.#seen - this.#walked >= LEAST_AHEAD) return;
    const files: Place[] = [];
    while (this.#seen < this.#walked + MOST_AHEAD && this.#step(files));
    if (files.length > 0) this.#parts.expect(files);
  }

  /** Files are being asked for. */
  get isAhead(): boolean {
    return this.#levels !== null;
  }

  /** The walk enters a folder: a count that a change of the tree led astray is put right. */
  entering(folder: Place): void {
    if (this.#entered.size === 0) return;
    const key = placeKey(folder);
    this.#walked = this.#entered.get(key) ?? this.#walked;
    this.#entered.delete(key);
  }

  #begin(position: WalkPosition): void {
    this.#walked = 0;
    this.#seen = 0;
    this.#entered.clear();
    this.#levels = position.map(({ folder, after }) => {
      const names = this.#parts.names(folder);
      const next = after === null ? 0 : names.findIndex(({ name }) => name > after);
      return { folder, names, next: next < 0 ? names.length : next };
    });
  }

  /** One entry further, which is added where it is a file to be read; false when nothing is left. */
  #step(files: Place[]): boolean {
    const level = this.#levels?.at(-1);
    if (level === undefined) return false;
    const entry = level.names[level.next++];
    if (entry === undefined) {
      this.#levels?.pop();
      return true;
    }
    this.#seen++;
    const place = { root: level.folder.root, path: childPath(level.folder.path, entry.name) };
    if (entry.kind === 'folder' && this.#parts.selects(place, true)) {
      this.#entered.set(placeKey(place), this.#seen);
      this.#levels?.push({ folder: place, names: this.#parts.names(place), next: 0 });
    } else if (entry.kind === 'file' && this.#seen > this.#walked && this.#parts.selects(place, false)) {
      files.push(place);
    }
    return true;
  }
}
