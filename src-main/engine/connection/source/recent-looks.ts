import type { Catalog } from '../../catalog/index.ts';
import { statEntry } from '../../fs/index.ts';
import type { Place } from '../../model/index.ts';
import type { NewOp } from '../../transmit/index.ts';
import type { Roots } from './roots.ts';

/** A write that is under way for longer is not thought of. */
const RECENT_MS = 10_000;
/** With more changes than these in that time it is not looked whether one goes on. */
const MOST = 10_000;

/**
 * Where something was sent a moment ago. The notice of a write comes when the write is over; who read in the middle of it has some of it, and
 * who read before it has nothing, and neither was told. So two readers that are to have the same look here whether the places that they read last are as
 * they noted them: a write changes the time stamp before it changes a byte.
 */
export class RecentLooks {
  readonly #catalog: Pick<Catalog, 'lookup'>;
  readonly #roots: Roots;
  readonly #nowMs: () => number;
  /** When each was sent, by root and path, the oldest first. Whole milliseconds and the paths themselves: every op comes by here, and a busy source keeps all of them. */
  readonly #sentAtMs = new Map<number, Map<string, number>>();
  #count = 0;

  constructor(catalog: Pick<Catalog, 'lookup'>, roots: Roots, nowMs: () => number = () => performance.now()) {
    this.#catalog = catalog;
    this.#roots = roots;
    this.#nowMs = nowMs;
  }

  /** Called for each op that goes into the outbox. */
  pushed(op: NewOp): void {
    if (!('path' in op)) return;
    this.#note(op.root, op.path);
    if (op.kind === 'rename') this.#note(op.fromRoot, op.from);
  }

  /** Whether one of these places is not as it was noted, or nobody can say. */
  isAnyChanged(): boolean {
    this.#forget();
    if (this.#count >= MOST) return true;
    for (const [root, paths] of this.#sentAtMs) {
      for (const path of paths.keys()) if (this.#isChanged({ root, path })) return true;
    }
    return false;
  }

  #isChanged(place: Place): boolean {
    const [row, stat] = [this.#catalog.lookup(place), statEntry(this.#roots.absolute(place))];
    if (row === null && stat === null) return false;
    if (row === null || stat?.dev !== row.dev || stat.ino !== row.ino) return true;
    return row.kind === 'file' && (stat.size !== row.size || stat.mtimeNs !== row.mtimeNs);
  }

  #note(root: number, path: string): void {
    let paths = this.#sentAtMs.get(root);
    if (paths === undefined) this.#sentAtMs.set(root, (paths = new Map<string, number>()));
    if (paths.delete(path)) this.#count--;
    if (this.#count >= MOST) this.#forget();
    if (this.#count >= MOST) return;
    paths.set(path, Math.trunc(this.#nowMs()));
    this.#count++;
  }

  #forget(): void {
    const before = this.#nowMs() - RECENT_MS;
    for (const paths of this.#sentAtMs.values()) {
      for (const [path, atMs] of paths) {
        if (atMs > before) break;
        paths.delete(path);
        this.#count--;
      }
    }
  }
}
