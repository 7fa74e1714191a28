import type { Problem } from '../../../api/index.ts';
import { describeError, showName, type ErrorDetails } from '../../../base/index.ts';
import { isWithin, type AbsolutePath, type Loss } from '../../model/index.ts';

/** A property that one root of the replica does not keep. */
export interface RootLoss {
  readonly root: number;
  readonly loss: Loss;
}

export interface LossesOptions {
  readonly roots: readonly AbsolutePath[];
  /** Where the data of each root wait: most losses show there first. */
  readonly stageFolders: readonly AbsolutePath[];
  /** Once for each root and property while the replica is open. */
  readonly onNew: (loss: RootLoss, text: string) => void;
}

/** What the volumes of a replica cannot hold, or our rights forbid: told once for each root, because it is so for every file there. */
export class Losses {
  readonly #options: LossesOptions;
  readonly #known = new Map<string, RootLoss & { readonly since: string }>();

  constructor(options: LossesOptions) {
    this.#options = options;
  }

  /** `path` is of the entry itself or of its staged data. */
  note(path: AbsolutePath, loss: Loss): void {
    const { roots, stageFolders } = this.#options;
    const inRoot = roots.findIndex((root) => isWithin(path, root));
    // Roots that share a stage folder lie on one volume, which is what counts.
    const root = Math.max(0, inRoot >= 0 ? inRoot : stageFolders.findIndex((folder) => isWithin(path, folder)));
    const key = `${root}:${loss}`;
    if (this.#known.has(key)) return;
    this.#known.set(key, { root, loss, since: new Date().toISOString() });
    const { cause, effect, nextStep } = describeError('not-preserved', this.#details(root, loss));
    this.#options.onNew({ root, loss }, `${cause} ${effect} ${nextStep}`);
  }

  get list(): readonly RootLoss[] {
    return [...this.#known.values()];
  }

  problems(): readonly Problem[] {
    return [...this.#known.values()].map(({ root, loss, since }) => {
      const details = this.#details(root, loss);
      return {
        code: 'not-preserved',
        path: showName(this.#options.roots[root] ?? ''),
        since,
        ...describeError('not-preserved', details),
      };
    });
  }

  #details(root: number, loss: Loss): ErrorDetails {
    return { path: showName(this.#options.roots[root] ?? ''), loss };
  }
}
