import type { ErrorCode, ErrorDetails, ReplicationError } from '../../../base/index.ts';

/** Why a replica waits, since when. */
export interface WaitingProblem {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly since: string;
}

/** The one thing a stage waits for, if any; tells when it begins and when it is over, not each try between. */
export class ProblemSlot {
  readonly #onChanged: () => void;
  #problem: WaitingProblem | null = null;

  constructor(onChanged: () => void) {
    this.#onChanged = onChanged;
  }

  get problem(): WaitingProblem | null {
    return this.#problem;
  }

  set({ code, details }: ReplicationError): void {
    const isNew = this.#problem?.code !== code;
    if (!isNew) return;
    this.#problem = { code, details, since: new Date().toISOString() };
    this.#onChanged();
  }

  clear(): void {
    if (this.#problem === null) return;
    this.#problem = null;
    this.#onChanged();
  }
}
