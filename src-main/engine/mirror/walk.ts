import type { Place } from '../model/index.ts';
import { childPath } from '../model/index.ts';
import type { WalkPosition } from './read-ahead.ts';

/** What a walk needs from whoever owns the disk, the catalog and the link. `Known` is the catalog's row. */
export interface WalkTree<Known extends { readonly name: string }, Listed> {
  /** Sorted names in the folder; null when it is gone. */
  names(folder: Place): readonly string[] | null;
  /** What the catalog has in the folder, sorted. */
  known(folder: Place): readonly Known[];
  /** What the target has there, by names, or undefined when this walk does not ask it. Looked into at each visit, as live ops alter it. */
  listing(folder: Place): Promise<Pick<ReadonlyMap<string, Listed>, 'get'>> | undefined;
  /**
   * Looks at one entry and sends what the target needs. `known` may have changed since the folder was opened; it is what the folder's
   * list said. Returns 'enter' when the entry is a folder whose content is to be walked.
   */
  visit(place: Place, known: Known | null, listed: Listed | null | undefined): 'enter' | 'done' | Promise<'enter' | 'done'>;
  /** The catalog has it, the folder does not. */
  vanished(place: Place, known: Known): void | Promise<void>;
  /** All of the folder was walked. */
  leave(folder: Place): void | Promise<void>;
}

interface Level<Known, Listed> {
  readonly folder: Place;
  names: readonly string[];
  known: readonly Known[];
  listed: Pick<ReadonlyMap<string, Listed>, 'get'> | undefined;
  isOpen: boolean;
  nameIndex: number;
  knownIndex: number;
}

/**
 * Walks trees in the order of their names and merges disk, catalog and, if asked for, the target's listing. Its place is a stack of
 * open folders: it can rest after any entry and go on later, while live changes are sent in between. Trees can be added meanwhile.
 */
export class Walk<Known extends { readonly name: string }, Listed> {
  readonly #tree: WalkTree<Known, Listed>;
  readonly #stack: Level<Known, Listed>[] = [];
  readonly #starts: Place[];

  constructor(tree: WalkTree<Known, Listed>, starts: readonly Place[]) {
    this.#tree = tree;
    this.#starts = [...starts];
  }

  /** A tree that moved while the walk was under way: the part that was not walked at its old place is walked at its new one. */
  add(start: Place): void {
    this.#starts.push(start);
  }

  /** Where it stands, for people. */
  get at(): Place | null {
    return this.#stack.at(-1)?.folder ?? null;
  }

  /** Its open folders from the outside in, each with the name that it is at or passed last. */
  position(): WalkPosition {
    return this.#stack.map(({ folder, names, nameIndex, isOpen }) => ({
      folder,
      after: isOpen ? (names[nameIndex] ?? names.at(-1) ?? null) : null,
    }));
  }

  /** Goes on for about `budgetMs`, or until `isFull` says that enough is under way. Returns whether anything is left. */
  async step(budgetMs: number, isFull: () => boolean): Promise<boolean> {
    const end = performance.now() + budgetMs;
    let count = 0;
    while (!isFull()) {
      const level = this.#stack.at(-1);
      if (level === undefined) {
        const start = this.#starts[0];
        if (start === undefined) return false;
        const seen = this.#tree.visit(start, null, undefined);
        if ((seen instanceof Promise ? await seen : seen) === 'enter') this.#push(start);
        this.#starts.shift();
        continue;
      }
      if (!level.isOpen) {
        await this.#open(level);
      } else {
        const done = this.#next(level);
        if (done instanceof Promise) await done;
      }
      if ((++count & 15) === 0 && performance.now() >= end) break;
    }
    return this.#stack.length > 0 || this.#starts.length > 0;
  }

  #push(folder: Place): void {
    this.#stack.push({ folder, names: [], known: [], listed: undefined, isOpen: false, nameIndex: 0, knownIndex: 0 });
  }

  async #open(level: Level<Known, Listed>): Promise<void> {
    const listing = this.#tree.listing(level.folder);
    if (listing !== undefined) level.listed = await listing;
    // Read after the target's answer: what changed while we waited is seen here or by a notice.
    level.known = this.#tree.known(level.folder);
    level.names = this.#tree.names(level.folder) ?? [];
    level.isOpen = true;
  }

  #next(level: Level<Known, Listed>): void | Promise<void> {
    const name = level.names[level.nameIndex];
    const known = level.known[level.knownIndex];
    if (name === undefined && known === undefined) {
      this.#stack.pop();
      return this.#tree.leave(level.folder);
    }
    if (known !== undefined && (name === undefined || known.name < name)) {
      const done = this.#tree.vanished(this.#child(level, known.name), known);
      if (done instanceof Promise) {
        return done.then(() => {
          level.knownIndex++;
        });
      }
      level.knownIndex++;
      return;
    }
    if (name === undefined) return;
    const isKnown = known?.name === name;
    const place = this.#child(level, name);
    const listed = level.listed === undefined ? undefined : (level.listed.get(name) ?? null);
    const seen = this.#tree.visit(place, isKnown ? known : null, listed);
    if (seen instanceof Promise) return seen.then((result) => this.#visited(level, place, isKnown, result));
    this.#visited(level, place, isKnown, seen);
  }

  /** Moves on only after the visit succeeded, so that a lost link repeats the entry instead of skipping it. */
  #visited(level: Level<Known, Listed>, place: Place, isKnown: boolean, seen: 'enter' | 'done'): void {
    level.nameIndex++;
    if (isKnown) level.knownIndex++;
    if (seen === 'enter') this.#push(place);
  }

  #child(level: Level<Known, Listed>, name: string): Place {
    return { root: level.folder.root, path: childPath(level.folder.path, name) };
  }
}
