import type { Cut, HookCycle } from '../../../../api/index.ts';

/** So long the other connection is waited for that needs the application at rest for the same cut. */
export const MEET_MS = 4_000;

/** What the worker is told of its request: until when (`process.hrtime`, one clock for all threads) the application stands still, or why it does not. */
export type FreezeAnswer =
  { readonly isFrozen: true; readonly untilNs: bigint } | { readonly isFrozen: false; readonly why: string };

/** Who needs an application at rest. `ended`: the cut for which, once it is made; null when nobody needs it any more. */
export interface Need {
  readonly answer: (answer: FreezeAnswer) => void;
  readonly ended: Promise<Cut | null>;
}

/** How two come together that need one rest. The host runs the programs, also for the guest, who hears of it by his need's `answer`. */
export type Meeting =
  | { readonly role: 'alone' }
  | { readonly role: 'host'; readonly guest: Need; readonly end: (cycle: HookCycle | null) => void }
  /** `over`: the application goes on, after this cycle; null: there was none. */
  | { readonly role: 'guest'; readonly over: Promise<HookCycle | null> };

interface Waiting {
  readonly meet: (guest: Need, end: (cycle: HookCycle | null) => void) => void;
}

/**
 * Lets one connection at a time freeze an application: who thaws would let it go on under another that counts on its rest. Two whose cuts
 * are to be the same share one rest.
 */
export class FreezeTurns {
  readonly #last = new Map<string, Promise<void>>();
  readonly #waiting = new Map<string, Waiting>();

  /** Resolves when it is the caller's turn with this program; the function that it gets ends the turn. */
  async take(program: string): Promise<() => void> {
    const before = this.#last.get(program);
    let end: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#last.set(program, mine);
    await before;
    return () => {
      if (this.#last.get(program) === mine) this.#last.delete(program);
      end();
    };
  }

  /** Waits a while for the other one with the same `key`, and no longer than the need lasts. The first of both is the host. */
  async meet(key: string, need: Need): Promise<Meeting> {
    const first = this.#waiting.get(key);
    if (first !== undefined) {
      this.#waiting.delete(key);
      const over = Promise.withResolvers<HookCycle | null>();
      first.meet(need, over.resolve);
      return { role: 'guest', over: over.promise };
    }
    const met = Promise.withResolvers<Meeting>();
    const mine: Waiting = { meet: (guest, end) => met.resolve({ role: 'host', guest, end }) };
    // In one turn: a guest who found it decided would wait for a host that there is not.
    const alone = () => {
      if (this.#waiting.get(key) === mine) this.#waiting.delete(key);
      met.resolve({ role: 'alone' });
    };
    this.#waiting.set(key, mine);
    const timer = setTimeout(alone, MEET_MS);
    void need.ended.then(alone);
    const meeting = await met.promise;
    clearTimeout(timer);
    return meeting;
  }
}

/** Resolves when all have made their cuts, to the first one's, or to null as soon as one needs the rest no more. */
export function allEnded(needs: readonly Need[]): Promise<Cut | null> {
  return new Promise((resolve) => {
    for (const { ended } of needs) void ended.then((cut) => (cut === null ? resolve(null) : undefined));
    void Promise.all(needs.map(({ ended }) => ended)).then(([cut]) => resolve(cut ?? null));
  });
}
