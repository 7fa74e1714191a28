import type { ConnectionId, Cut } from '../../../../api/index.ts';
import { assertNever } from '../../../../base/index.ts';
import { MEET_MS, type FreezeAnswer } from './freeze-turns.ts';

/** A program that was ended by force answers this much later than its limit at the most. */
const ANSWER_MS = 5_000;
/** So long before the application is let go a cut no longer counts on its rest. */
const MARGIN_NS = 250_000_000n;

export interface FreezingParts {
  /** Whether a program to freeze is set, and for how long it may run. */
  readonly settings: () => { readonly freeze: string | null; readonly timeoutSeconds: number };
  readonly ask: (barrier: number, why: 'pause' | 'hold', common: ConnectionId | null) => void;
  readonly end: (barrier: number, cut: Cut | null) => void;
  readonly nowNs?: () => bigint;
}

type Standing =
  | { readonly kind: 'none' }
  | { readonly kind: 'asked'; readonly barrier: number; readonly giveUpNs: bigint }
  | { readonly kind: 'frozen'; readonly barrier: number; readonly untilNs: bigint }
  | { readonly kind: 'declined'; readonly barrier: number; readonly why: string };

/** Who makes a cut asks here that the application stands still, and whether it does. none → asked → frozen → declined; all → none. */
export class Freezing {
  readonly #parts: FreezingParts;
  readonly #nowNs: () => bigint;
  #standing: Standing = { kind: 'none' };
  #barrier = 0;

  constructor(parts: FreezingParts) {
    this.#parts = parts;
    this.#nowNs = parts.nowNs ?? (() => process.hrtime.bigint());
  }

  /** There is a program to ask, and it was not asked for the cut that is sought. */
  get isWanted(): boolean {
    return this.#standing.kind === 'none' && this.#parts.settings().freeze !== null;
  }

  /** The answer is still to come. */
  get isPending(): boolean {
    return this.#standing.kind === 'asked' && this.#nowNs() < this.#standing.giveUpNs;
  }

  /** How long the application stands still yet; 0 when it does not. */
  get frozenForMs(): number {
    if (this.#standing.kind !== 'frozen') return 0;
    return Math.max(0, Number((this.#standing.untilNs - MARGIN_NS - this.#nowNs()) / 1_000_000n));
  }

  /** What is to be said of a cut that is made now; null when nobody wants the application to stand still. */
  get remark(): { readonly text: string; readonly isFrozen: boolean } | null {
    switch (this.#standing.kind) {
      case 'none':
        return null;
      case 'asked':
        return { text: 'the application was not frozen in time', isFrozen: false };
      case 'frozen':
        return this.frozenForMs > 0
          ? { text: 'the application was frozen', isFrozen: true }
          : { text: 'the application was let go before the cut was made', isFrozen: false };
      case 'declined':
        return { text: this.#standing.why, isFrozen: false };
      default:
        return assertNever(this.#standing);
    }
  }

  /** `common`: the connection whose cut is to be the same; it may need the application at rest too. */
  ask(why: 'pause' | 'hold', common: ConnectionId | null): void {
    const barrier = ++this.#barrier;
    const meetMs = common === null ? 0 : MEET_MS;
    const limitMs = this.#parts.settings().timeoutSeconds * 1000 + ANSWER_MS + meetMs;
    this.#standing = { kind: 'asked', barrier, giveUpNs: this.#nowNs() + BigInt(limitMs) * 1_000_000n };
    this.#parts.ask(barrier, why, common);
  }

  answered(barrier: number, answer: FreezeAnswer): void {
    if (this.#standing.kind === 'none' || this.#standing.barrier !== barrier) return;
    this.#standing = answer.isFrozen
      ? { kind: 'frozen', barrier, untilNs: answer.untilNs }
      : { kind: 'declined', barrier, why: answer.why };
  }

  /** The cut is made, or not sought any more; the application goes on. */
  end(cut: Cut | null): void {
    if (this.#standing.kind === 'none') return;
    const { barrier } = this.#standing;
    this.#standing = { kind: 'none' };
    this.#parts.end(barrier, cut);
  }
}
