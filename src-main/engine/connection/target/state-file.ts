import type { MappedRoot } from '../../../api/index.ts';
import { replaceFile } from '../../../config/index.ts';
import type { CutLabel } from '../../wire/index.ts';
import type { ReachedCut } from './group-gate.ts';

/** While work flows the file is renewed this often; a change of state is written at once. */
const RENEW_MS = 1_000;

/** What a replica is, for whoever finds its files: kept outside of them, in `replica.json` beside the replica's queue. */
export interface ReplicaState {
  readonly version: 1;
  readonly set: string;
  readonly source: string;
  readonly map: readonly MappedRoot[];
  /** `held`: nothing is applied until the hold is lifted; only then the other facts stay true while they are read. */
  readonly state: 'receiving' | 'held' | 'retrying' | 'released' | 'waiting-for-source';
  readonly since: string;
  readonly lastAppliedCut: ReachedCut | null;
  readonly appliedSequence: number;
  /** What the files hold now. */
  readonly label: CutLabel;
}

/** Writes the state file, one write at a time, each with the newest facts. What cannot be written is told once. */
export class StateFile {
  readonly #path: string;
  readonly #read: () => ReplicaState;
  readonly #onFailed: (error: unknown) => void;
  #written = '';
  #lastState = '';
  #lastMs = -Infinity;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #isFailing = false;

  constructor(path: string, read: () => ReplicaState, onFailed: (error: unknown) => void) {
    this.#path = path;
    this.#read = read;
    this.#onFailed = onFailed;
  }

  /** Something may have changed. */
  changed(): void {
    const { state } = this.#read();
    const isDue = state !== this.#lastState || performance.now() - this.#lastMs >= RENEW_MS;
    if (isDue) void this.write();
    else this.#timer ??= setTimeout(() => void this.write(), RENEW_MS);
  }

  /** Resolves when the file holds facts that are at least as new as this call. Never rejects. */
  async write(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    while (this.#writing !== null) await this.#writing;
    const state = this.#read();
    this.#lastState = state.state;
    this.#lastMs = performance.now();
    const text = `${JSON.stringify(state, null, 2)}\n`;
    if (text === this.#written) return;
    this.#writing = this.#replace(text);
    await this.#writing;
  }

  /** Nothing is written after this. */
  async close(): Promise<void> {
    await this.write();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #replace(text: string): Promise<void> {
    try {
      await replaceFile(this.#path, text);
      this.#written = text;
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#onFailed(error);
      this.#isFailing = true;
    } finally {
      this.#writing = null;
    }
  }
}
