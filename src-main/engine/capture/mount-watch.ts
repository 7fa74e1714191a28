import { mountsBelow } from '../fs/index.ts';
import type { AbsolutePath } from '../model/index.ts';

/** Notices volumes that come or go below roots: no event of a folder tells of it. */
export class MountWatch {
  readonly #roots: readonly AbsolutePath[];
  readonly #descends: (folder: AbsolutePath) => boolean;
  readonly #seen: (readonly AbsolutePath[])[];

  constructor(roots: readonly AbsolutePath[], descends: (folder: AbsolutePath) => boolean) {
    this.#roots = roots;
    this.#descends = descends;
    this.#seen = roots.map((root) => this.#look(root));
  }

  /** The volumes that were below a root when this was made, of those that matter. */
  below(root: number): readonly AbsolutePath[] {
    return this.#seen[root] ?? [];
  }

  /** Roots below which other volumes are mounted than before; each change is told once. */
  changed(): number[] {
    return this.#roots.flatMap((path, root) => {
      const before = this.below(root);
      const now = this.#look(path);
      this.#seen[root] = now;
      return now.length === before.length && now.every((mount, i) => mount === before[i]) ? [] : [root];
    });
  }

  #look(root: AbsolutePath): AbsolutePath[] {
    return mountsBelow(root).filter((mount) => this.#descends(mount));
  }
}
