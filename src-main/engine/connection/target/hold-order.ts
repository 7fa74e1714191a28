import { makeFolders, toReplicationError } from '../../../base/index.ts';
import { readHold, writeHold, type Hold } from './hold.ts';

/** The order to hold a replica: one change of it at a time, and in force only once it is on disk. */
export class HoldOrder {
  readonly #folder: string;
  readonly #onChanged: (isHeld: boolean) => void;
  #hold: Hold | null;
  #ordering: Promise<void> = Promise.resolve();

  constructor(folder: string, onChanged: (isHeld: boolean) => void) {
    this.#folder = folder;
    this.#onChanged = onChanged;
    this.#hold = readHold(folder);
  }

  get current(): Hold | null {
    return this.#hold;
  }

  /** Resolves when the order is on disk. Rejects with coded errors of the disk, or what `check` throws, and nothing has changed then. */
  set(hold: Hold | null, check: () => void): Promise<void> {
    const ordered = this.#ordering.then(async () => {
      check();
      // A hold that goes on keeps its first owner and time.
      if ((hold === null) === (this.#hold === null)) return;
      try {
        makeFolders(this.#folder, 0o700);
        await writeHold(this.#folder, hold);
      } catch (error) {
        throw toReplicationError(error);
      }
      this.#hold = hold;
      this.#onChanged(hold !== null);
    });
    this.#ordering = ordered.catch(() => undefined); // told to its own caller
    return ordered;
  }
}
