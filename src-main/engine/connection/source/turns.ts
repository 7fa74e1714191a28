/** What can be sent: changes and small files, large ones in pieces, and what a mirror finds. */
export type Work = 'changes' | 'transfers' | 'mirror';

/** Those behind give way to so many turns of others in a row, */
const MOST_TURNS = 500;
/** or to so much that went over the line: as many of its largest pieces. */
const MOST_PIECES = 4;

interface Waiting {
  turns: number;
  sinceBytes: number;
}

/**
 * Whose turn it is. Changes go first, large files among them next, the mirror last; but whoever has waited while others sent their share
 * goes before them, so that none starves.
 */
export class Turns {
  readonly #waiting: Record<'transfers' | 'mirror', Waiting> = {
    transfers: { turns: 0, sinceBytes: 0 },
    mirror: { turns: 0, sinceBytes: 0 },
  };

  /** `has`: who has something to send. `sentBytes`: what went over the line so far. Null when nobody has anything. */
  next(has: Readonly<Record<Work, boolean>>, sentBytes: number, pieceBytes: number): Work | null {
    const isDue = (work: 'transfers' | 'mirror') => {
      const { turns, sinceBytes } = this.#waiting[work];
      return has[work] && (turns >= MOST_TURNS || sentBytes - sinceBytes >= MOST_PIECES * pieceBytes);
    };
    const order = ['changes', 'transfers', 'mirror'] as const;
    const next = isDue('mirror') ? 'mirror' : isDue('transfers') ? 'transfers' : order.find((work) => has[work]);
    for (const work of ['transfers', 'mirror'] as const) {
      if (has[work] && work !== next) this.#waiting[work].turns++;
      else this.#waiting[work] = { turns: 0, sinceBytes: sentBytes };
    }
    return next ?? null;
  }
}
