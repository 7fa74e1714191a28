import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { native, readFolder, readLink, statEntry } from '../../../src-main/engine/fs/index.ts';
import {
  childPath,
  isWithin,
  parentPath,
  type Notice,
  type Place,
  type RelativePath,
} from '../../../src-main/engine/model/index.ts';

/** What a shadow selects; paths absolute and raw. */
export interface ShadowSelection {
  selects(path: string, isFolder: boolean): boolean;
  descends(folder: string): boolean;
  selectsAllBelow(folder: string): boolean;
}

const LINKED = ' linked ';
/** A folder that is only on the way to something selected. */
const PASSAGE = 'passage ';

/** One root as the shadow knows it: path → everything that must be right about the entry, ending in `#` and the file's number. */
interface Known {
  readonly entries: Map<RelativePath, string>;
  /** Places that could not be looked at because a folder above was not the one that is meant: it moved, and a notice will say where. */
  readonly doubts: Set<RelativePath>;
}

/**
 * A copy of a set that knows only what notices tell it to look at. When all notices were followed it must equal the disk; where it does
 * not, something changed and nobody said so. It behaves as a source must: what is below a renamed folder moves along unseen, and
 * before an entry is looked at, the folder that holds it must be the one that the shadow means. `trusting` takes `gone` at its word;
 * otherwise the disk is asked.
 */
export class Shadow {
  readonly #roots: readonly string[];
  readonly #selection: ShadowSelection;
  readonly #trusting: boolean;
  #known: Known[];
  readonly goneRoots = new Set<number>();

  constructor(roots: readonly string[], selection: ShadowSelection, trusting: boolean) {
    this.#roots = roots;
    this.#selection = selection;
    this.#trusting = trusting;
    this.#known = this.#disk();
  }

  apply(notices: readonly Notice[]): void {
    for (const notice of notices) this.#applyOne(notice);
  }

  /** Where shadow and disk differ now. The content of files whose number is in `untold` is not compared, only that they are there. */
  differences(untold: ReadonlySet<number> = new Set()): string[] {
    return this.#disk().flatMap((disk, root) => {
      const { entries } = this.#of(root);
      const paths = new Set([...disk.entries.keys(), ...entries.keys()]);
      return [...paths].flatMap((path) => {
        const here = entries.get(path)?.replace(LINKED, ' ') ?? 'nothing';
        const there = disk.entries.get(path)?.replace(LINKED, ' ') ?? 'nothing';
        const isUntold = here !== 'nothing' && numberOf(here) === numberOf(there) && untold.has(Number(numberOf(there)));
        return here === there || isUntold ? [] : [`${root}/${path}: shadow ${here}, disk ${there}`];
      });
    });
  }

  #applyOne(notice: Notice): void {
    switch (notice.kind) {
      case 'touched':
        this.#lookAt(notice.place, false);
        break;
      case 'appeared':
        this.#lookAt(notice.place, true);
        break;
      case 'gone':
        this.#take(notice.place);
        if (!this.#trusting) this.#lookAt(notice.place, true);
        break;
      case 'renamed':
        this.#rename(notice.from, notice.to);
        break;
      case 'disturbed':
        // Time stamps of folders are no part of a shadow.
        break;
      case 'overflow':
        this.#known = this.#disk();
        break;
      case 'root-gone':
        this.goneRoots.add(notice.root);
        break;
    }
  }

  #rename(from: Place, to: Place): void {
    const moved = this.#take(from);
    this.#take(to);
    const { entries, doubts } = this.#of(to.root);
    const newPath = (path: RelativePath): RelativePath => to.path + path.slice(from.path.length);
    for (const [path, fact] of moved.entries) entries.set(newPath(path), fact);
    for (const path of moved.doubts) doubts.add(newPath(path));
    this.#lookAt(to, moved.entries.size === 0);
    for (const path of moved.doubts) if (doubts.delete(newPath(path))) this.#lookAt({ root: to.root, path: newPath(path) }, true);
    this.#lookAt(from, false);
  }

  #lookAt(place: Place, isAskedDeep: boolean): void {
    const { entries, doubts } = this.#of(place.root);
    // Another folder than the one known here, or one that could not be read to its end: nothing known of what is below holds.
    const isDeep = isAskedDeep || doubts.has(place.path) || !this.#isNumber(place, entries.get(place.path));
    const parent: Place = { root: place.root, path: parentPath(place.path) };
    const meant = entries.get(parent.path);
    const found: Known = { entries: new Map(), doubts: new Set() };
    if (place.path === '' || this.#isNumber(parent, meant)) this.#scan(place, isDeep, found);
    if (place.path !== '' && !this.#isNumber(parent, meant)) {
      doubts.add(place.path);
      return;
    }
    const isStillFolder = /^(folder|passage)/.test(found.entries.get(place.path) ?? '');
    if (isDeep || !isStillFolder) this.#take(place);
    doubts.delete(place.path);
    for (const path of found.doubts) doubts.add(path);
    for (const [path, fact] of found.entries) {
      entries.set(path, fact);
      if (fact.includes(LINKED)) this.#lookAtOtherNames(fact);
    }
  }

  /** A change through one name of a file is told for that name; a source knows the others by the file's number. */
  #lookAtOtherNames(changed: string): void {
    for (const [root, { entries }] of this.#known.entries()) {
      for (const [path, known] of [...entries]) {
        if (known !== changed && numberOf(known) === numberOf(changed)) {
          const now = fact(this.#absolute({ root, path }), true);
          if (now !== null && numberOf(now) === numberOf(changed)) entries.set(path, now);
        }
      }
    }
  }

  #isNumber(place: Place, meant: string | undefined): boolean {
    return meant !== undefined && numberOf(meant) === String(statEntry(this.#absolute(place))?.ino);
  }

  /** Adds what is at `place` now to `found`; a folder that was exchanged for another while it was read is put in doubt. */
  #scan(place: Place, isDeep: boolean, found: Known): void {
    const absolute = this.#absolute(place);
    const stat = statEntry(absolute);
    if (stat === null) return;
    const isFolder = stat.kind === 'folder';
    const isPassage = isFolder && this.#selection.descends(absolute);
    const isSelected = this.#selection.selects(absolute, isFolder);
    if (!isSelected && !isPassage) return;
    const known = fact(absolute, isSelected);
    if (known !== null) found.entries.set(place.path, known);
    if (!isPassage || !isDeep) return;
    const below: Known = { entries: new Map(), doubts: new Set() };
    try {
      for (const name of readFolder(absolute)) this.#scan({ root: place.root, path: childPath(place.path, name) }, true, below);
    } catch {
      // Gone between two looks; the next line finds out.
    }
    if (known === null || !this.#isNumber(place, known)) {
      found.doubts.add(place.path);
      return;
    }
    for (const [path, entry] of below.entries) found.entries.set(path, entry);
    for (const path of below.doubts) found.doubts.add(path);
  }

  #disk(): Known[] {
    return this.#roots.map((_, root) => {
      const known: Known = { entries: new Map(), doubts: new Set() };
      this.#scan({ root, path: '' }, true, known);
      return known;
    });
  }

  #of(root: number): Known {
    const known = this.#known[root];
    if (known === undefined) throw new Error(`no root ${root}`);
    return known;
  }

  #absolute({ root, path }: Place): string {
    const folder = this.#roots[root] ?? '';
    return path === '' ? folder : `${folder}/${path}`;
  }

  #take(place: Place): Known {
    const { entries, doubts } = this.#of(place.root);
    const taken: Known = { entries: new Map(), doubts: new Set() };
    for (const [path, known] of entries) if (isWithin(path, place.path)) taken.entries.set(path, known);
    for (const path of doubts) if (isWithin(path, place.path)) taken.doubts.add(path);
    for (const path of taken.entries.keys()) entries.delete(path);
    for (const path of taken.doubts) doubts.delete(path);
    return taken;
  }
}

function numberOf(fact: string): string {
  return fact.slice(fact.lastIndexOf('#') + 1);
}

/** Everything that a replica must have right about an entry; a folder's time changes with what is put into it, so it is left out. */
function fact(path: string, isSelected: boolean): string | null {
  try {
    const stat = statEntry(path);
    if (stat === null) return null;
    if (!isSelected) return `${PASSAGE}#${stat.ino}`;
    const common = `${stat.kind} ${stat.mode.toString(8)}`;
    switch (stat.kind) {
      case 'file': {
        const content = createHash('sha1')
          .update(readFileSync(native(path)))
          .digest('base64');
        return `${common} ${stat.size} ${stat.mtimeNs} ${content}${stat.nlink > 1 ? LINKED : ' '}#${stat.ino}`;
      }
      case 'symlink':
        return `${common} ${readLink(path)} #${stat.ino}`;
      default:
        return `${common} #${stat.ino}`;
    }
  } catch {
    return null;
  }
}
