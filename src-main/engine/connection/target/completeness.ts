import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolders, toReplicationError } from '../../../base/index.ts';
import { writeFileAtomic } from '../../../config/index.ts';

interface Stored {
  readonly version: 1;
  /** The replica is a complete copy with all up to an operation from the first of these to the second; null: none, and no end yet. */
  readonly from: number | null;
  readonly until: number | null;
  /** The newest revert. */
  readonly reverted: { readonly id: string; readonly snapshotId: string; readonly at: string } | null;
}

const UNKNOWN: Stored = { version: 1, from: null, until: null, reverted: null };

/**
 * Whether a replica is a complete copy of its source, as the source told in the order of its operations; kept in a file, because the source may be away
 * when it is asked. What is not known counts as incomplete.
 */
export class Completeness {
  readonly #file: string;
  #stored: Stored;

  constructor(file: string) {
    this.#file = file;
    this.#stored = read(file);
  }

  isCompleteAt(appliedSequence: number): boolean {
    const { from, until } = this.#stored;
    return from !== null && appliedSequence >= from && (until === null || appliedSequence <= until);
  }

  /** It will be one when all that came is applied. */
  get willBeComplete(): boolean {
    return this.#stored.from !== null && this.#stored.until === null;
  }

  /** The source said so, behind operation `sequence`. It is on disk when this returns; throws coded errors. */
  told(isWhole: boolean, sequence: number): void {
    const { from, until } = this.#stored;
    if (isWhole && (from === null || until !== null)) this.#store({ ...this.#stored, from: sequence, until: null });
    else if (!isWhole && from !== null && until === null) this.#store({ ...this.#stored, until: sequence });
  }

  /** The replica is about to be set back: it is nothing that the source knows, until it tells anew. On disk when this returns. */
  reverting(id: string, snapshotId: string): void {
    this.#store({ version: 1, from: null, until: null, reverted: { id, snapshotId, at: new Date().toISOString() } });
  }

  /** By this the source knows whether it has heard of the newest revert. */
  get revertId(): string | null {
    return this.#stored.reverted?.id ?? null;
  }

  /** The newest revert, while no mirror has been completed since. */
  get reverted(): { readonly snapshotId: string; readonly at: string } | null {
    const { from, reverted } = this.#stored;
    return reverted === null || from !== null ? null : { snapshotId: reverted.snapshotId, at: reverted.at };
  }

  #store(stored: Stored): void {
    try {
      makeFolders(dirname(this.#file), 0o700);
      writeFileAtomic(this.#file, `${JSON.stringify(stored)}\n`);
    } catch (error) {
      throw toReplicationError(error);
    }
    this.#stored = stored;
  }
}

function read(file: string): Stored {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Stored;
  } catch {
    return UNKNOWN; // it was never told, or the file is damaged
  }
}
