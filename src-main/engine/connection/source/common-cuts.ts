import type { Consistency } from '../../../api/index.ts';
import { invariant } from '../../../base/index.ts';

/** So long a common cut of two connections is sought; then each keeps its own. */
export const PATIENCE_MS = 6_000;
/** So many cuts of both are compared. */
const MOST_ROUNDS = 6;
/** Between the first two; each next time it is doubled. A source whose programs rest now and then is met at rest by one of them. */
const FIRST_GAP_MS = 20;

const NOT_SOUGHT = 'no common cut was sought any more';

/** Worker → main thread. */
export type CommonReport =
  /** It stands at a cut, and sends nothing before it is told what comes of it. */
  | { readonly kind: 'cut'; readonly atMs: number; readonly label: Consistency; readonly why: string | null }
  /** Why more than what is in its cut had happened when it was asked; null: nothing had. */
  | { readonly kind: 'looked'; readonly round: number; readonly moved: string | null }
  /** It seeks no common cut any more. */
  | { readonly kind: 'left'; readonly why: string };

/** Main thread → worker. */
export type CommonOrder =
  /** Both stand at a cut: has anything happened since its own? */
  | { readonly kind: 'look'; readonly round: number }
  /** Both go on, and seek another cut after a while. */
  | { readonly kind: 'again'; readonly afterMs: number }
  /** Each keeps its cut; they are one state of the source, that of the moment `atMs`. */
  | { readonly kind: 'same'; readonly atMs: number }
  /** Each keeps its cut, or makes one by itself. */
  | { readonly kind: 'apart'; readonly why: string };

interface Member {
  readonly name: string;
  readonly order: (order: CommonOrder) => void;
  cut: Extract<CommonReport, { kind: 'cut' }> | null;
  isStill: boolean;
}

interface Pair {
  readonly members: Map<string, Member>;
  readonly timer: NodeJS.Timeout;
  round: number;
  rounds: number;
  lastWhy: string;
}

/**
 * Brings two connections of one set to cuts that are one state of the source. Each makes its own; when both stand, each is asked whether
 * anything has happened since, by a new sync point of its capture. A cut is the source at a moment before the question; if nothing had
 * happened by the question, which came after both cuts, it is the source at the later of both moments too. If so for both, they are the same.
 * If not, both go on and try again, a few times. Lives on the main thread, as what it asks concerns several workers.
 */
export class CommonCuts {
  readonly #pairs = new Map<string, Pair>();
  /** Never twice, so that an answer to an earlier question counts for no later one. */
  #round = 0;

  /** A connection was ordered to seek its cut together with `other`, which is ordered the same. `name`: for people. */
  join(id: string, other: string, name: string, order: Member['order']): void {
    const before = this.#pairOf(id);
    if (before !== undefined) this.leave(id, `${name} was ordered anew`);
    const key = keyOf(id, other);
    const pair = this.#pairs.get(key) ?? this.#begin(key);
    pair.members.set(id, { name, order, cut: null, isStill: false });
  }

  /** `order`: how the connection is told. */
  heard(id: string, report: CommonReport, order: Member['order']): void {
    const found = this.#pairOf(id);
    if (found === undefined) {
      // Mostly it was told already what came of it; but what it said of an earlier search may have ended this one, and it would stand at its cut without end.
      if (report.kind === 'cut') order({ kind: 'apart', why: NOT_SOUGHT });
      return;
    }
    const { key, pair, member } = found;
    switch (report.kind) {
      case 'cut':
        member.cut = report;
        this.#compare(key, pair);
        return;
      case 'looked':
        if (report.round !== pair.round) return;
        if (report.moved !== null) {
          this.#again(key, pair, report.moved);
          return;
        }
        member.isStill = true;
        if ([...pair.members.values()].every(({ isStill }) => isStill)) this.#same(key, pair);
        return;
      case 'left':
        // It is told too: where it said so before it heard of the order to seek this cut, it seeks it, and would wait.
        this.#apart(key, pair, report.why);
    }
  }

  /** The connection is gone, or seeks no common cut any more: the other one makes do with its own. */
  leave(id: string, why: string): void {
    const found = this.#pairOf(id);
    if (found === undefined) return;
    found.pair.members.delete(id);
    this.#apart(found.key, found.pair, why);
  }

  #begin(key: string): Pair {
    const timer = setTimeout(() => {
      const pair = this.#pairs.get(key);
      if (pair !== undefined) this.#apart(key, pair, pair.lastWhy);
    }, PATIENCE_MS);
    const lastWhy = `one of both did not reach a cut within ${PATIENCE_MS / 1000} s`;
    const pair: Pair = { members: new Map(), timer: timer.unref(), round: 0, rounds: 0, lastWhy };
    this.#pairs.set(key, pair);
    return pair;
  }

  /** Both stand: a cut that is no moment of the source cannot be the other one's. */
  #compare(key: string, pair: Pair): void {
    const members = [...pair.members.values()];
    const cuts = members.flatMap(({ cut }) => cut ?? []);
    if (cuts.length < 2) return;
    const loose = cuts.find(({ label }) => label !== 'point-in-time');
    if (loose !== undefined) {
      this.#again(key, pair, loose.why ?? 'a cut was no point in time');
      return;
    }
    pair.round = ++this.#round;
    for (const member of members) {
      member.isStill = false;
      member.order({ kind: 'look', round: pair.round });
    }
  }

  #again(key: string, pair: Pair, why: string): void {
    pair.lastWhy = why;
    pair.rounds++;
    if (pair.rounds >= MOST_ROUNDS) {
      this.#apart(key, pair, why);
      return;
    }
    pair.round = ++this.#round;
    const afterMs = FIRST_GAP_MS * 2 ** (pair.rounds - 1);
    for (const member of pair.members.values()) {
      member.cut = null;
      member.isStill = false;
      member.order({ kind: 'again', afterMs });
    }
  }

  #same(key: string, pair: Pair): void {
    const members = [...pair.members.values()];
    const atMs = Math.max(...members.map(({ cut }) => cut?.atMs ?? 0));
    this.#end(key, pair, { kind: 'same', atMs });
  }

  #apart(key: string, pair: Pair, why: string): void {
    this.#end(key, pair, { kind: 'apart', why });
  }

  #end(key: string, pair: Pair, order: CommonOrder): void {
    clearTimeout(pair.timer);
    this.#pairs.delete(key);
    for (const member of pair.members.values()) member.order(order);
  }

  #pairOf(id: string): { readonly key: string; readonly pair: Pair; readonly member: Member } | undefined {
    for (const [key, pair] of this.#pairs) {
      const member = pair.members.get(id);
      if (member !== undefined) return { key, pair, member };
    }
    return undefined;
  }
}

/** The same for both. */
export function keyOf(one: string, other: string): string {
  invariant(one !== other, 'a cut is not common to a connection and itself');
  return [one, other].sort().join(' ');
}
