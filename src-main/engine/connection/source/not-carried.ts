import type { NotCarried } from '../../../api/index.ts';
import { showName } from '../../../base/index.ts';
import type { Catalog } from '../../catalog/index.ts';
import { APPEND_ONLY, IMMUTABLE, type SpecialKind } from '../../fs/index.ts';
import { isWithin, type AbsolutePath } from '../../model/index.ts';
import { TOO_MANY_ATTRIBUTES } from './closer-look.ts';
import type { Roots } from './roots.ts';

/** More pipes, sockets and devices are not counted. */
const MOST_KEPT = 100_000;
const MOST_EXAMPLES = 10;
/** The list is made anew at most so often. */
const FRESH_MS = 1_000;

const flagKinds: readonly (readonly [flag: number, kind: NotCarried['kind']])[] = [
  [IMMUTABLE, 'immutable'],
  [APPEND_ONLY, 'append-only'],
  [TOO_MANY_ATTRIBUTES, 'too-many-attributes'],
];

/**
 * What the source has and no replica carries: shown, so that nobody believes it is there, and no failure. Pipes, sockets and devices are
 * met again by each walk; flags are in the catalog.
 */
export class NotCarriedList {
  readonly #catalog: Catalog;
  readonly #roots: Roots;
  readonly #specials = new Map<AbsolutePath, SpecialKind>();
  #list: readonly NotCarried[] = [];
  #madeAtMs = -Infinity;

  constructor(catalog: Catalog, roots: Roots) {
    this.#catalog = catalog;
    this.#roots = roots;
  }

  /** An entry of a kind that is not carried was seen. */
  saw(path: AbsolutePath, kind: SpecialKind): void {
    if (this.#specials.size < MOST_KEPT) this.#specials.set(path, kind);
  }

  /** Nothing, or something that is carried, is at the path now. */
  notAt(path: AbsolutePath): void {
    if (this.#specials.size > 0) this.#specials.delete(path);
  }

  /** A folder went with all below it. */
  goneBelow(folder: AbsolutePath): void {
    for (const path of this.#specials.keys()) if (isWithin(path, folder)) this.#specials.delete(path);
  }

  /** A folder moved with all below it. */
  moved(from: AbsolutePath, to: AbsolutePath): void {
    for (const [path, kind] of [...this.#specials]) {
      if (!isWithin(path, from)) continue;
      this.#specials.delete(path);
      this.#specials.set(to + path.slice(from.length), kind);
    }
  }

  /** By kind, with some examples; at most a second old. */
  list(): readonly NotCarried[] {
    if (performance.now() - this.#madeAtMs < FRESH_MS) return this.#list;
    this.#madeAtMs = performance.now();
    this.#list = [...this.#specialList(), ...this.#flagList()];
    return this.#list;
  }

  #specialList(): NotCarried[] {
    return (['pipe', 'socket', 'device'] as const).flatMap((kind) => {
      const examples: string[] = [];
      let count = 0;
      for (const [path, found] of this.#specials) {
        if (found !== kind) continue;
        count++;
        if (examples.length < MOST_EXAMPLES) examples.push(showName(path));
      }
      return count === 0 ? [] : [{ kind, count, examples }];
    });
  }

  #flagList(): NotCarried[] {
    return flagKinds.flatMap(([flag, kind]) => {
      const { count, rows } = this.#catalog.flagged(flag, MOST_EXAMPLES);
      const examples = rows.map((row) => showName(this.#roots.absolute(this.#catalog.placeOf(row))));
      return count === 0 ? [] : [{ kind, count, examples }];
    });
  }
}
