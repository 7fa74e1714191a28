import type { CommonState, ConnectionId, Cut } from '../../../api/index.ts';
import type { SourceStages } from './assemble-source.ts';
import { PATIENCE_MS, type CommonOrder, type CommonReport } from './common-cuts.ts';

/** A capture that has not answered by then is not waited for. */
const ANSWER_MS = 2_000;
/** The main thread tells sooner what comes of a cut; where it does not, nobody is kept at rest for it. */
const WORD_MS = PATIENCE_MS + 2_000;

const UNHEARD = 'nothing was heard of the other cut in time';
export const CHANGED_BETWEEN = 'the source changed between both cuts';

type Standing =
  /** No cut is sought with another connection, or what came of it is known. */
  | { readonly kind: 'none' }
  | { readonly kind: 'seeking' }
  | { readonly kind: 'waiting'; readonly untilMs: number }
  /** `request`: the sync point that was asked for; null before. */
  | { readonly kind: 'looking'; readonly round: number; readonly request: number | null; readonly untilMs: number }
  | { readonly kind: 'told'; readonly order: Exclude<CommonOrder, { kind: 'look' }> };

/** What is to be done by whoever stands at the cut. `wait`: at most so long, null: until something happens. */
export type CommonStep =
  | { readonly kind: 'wait'; readonly ms: number | null }
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'over'; readonly atMs: number | null; readonly common: CommonState };

export interface CommonCutParts {
  readonly report: (report: CommonReport) => void;
  readonly nowMs?: () => number;
}

/**
 * A connection's part in a cut that it seeks together with another one; `CommonCuts` on the main thread sees both.
 * none → seeking → waiting (at a cut) → looking → waiting → told → seeking (again) or none.
 */
export class CommonCut {
  readonly #report: (report: CommonReport) => void;
  readonly #nowMs: () => number;
  #with: ConnectionId = '';
  #standing: Standing = { kind: 'none' };
  /** It was given up before there was a cut of which that can be said. */
  #whyLeft: string | null = null;

  constructor({ report, nowMs = () => performance.now() }: CommonCutParts) {
    this.#report = report;
    this.#nowMs = nowMs;
  }

  /** A cut is sought that is to be the other one's too, and it is not known yet what comes of that. */
  get isOpen(): boolean {
    return this.#standing.kind !== 'none';
  }

  /** A cut was ordered that is to be the other one's too, whatever came of that. */
  get isOrdered(): boolean {
    return this.isOpen || this.#whyLeft !== null;
  }

  /** With which connection a cut is sought; null when that is over. */
  get other(): ConnectionId | null {
    return this.isOpen ? this.#with : null;
  }

  begin(other: ConnectionId): void {
    this.#with = other;
    this.#whyLeft = null;
    this.#standing = { kind: 'seeking' };
  }

  /** It stands at this cut. */
  made(cut: Cut): void {
    const standing = this.#standing;
    if (standing.kind === 'told' && standing.order.kind !== 'again') {
      // What was told is of the cut before this one.
      this.#standing = { kind: 'told', order: { kind: 'apart', why: CHANGED_BETWEEN } };
      return;
    }
    this.#standing = { kind: 'waiting', untilMs: this.#nowMs() + WORD_MS };
    this.#report({ kind: 'cut', atMs: Date.parse(cut.at), label: cut.label, why: cut.why ?? null });
  }

  /** It is sought no more; a cut that is made all the same says so. */
  leave(why: string): void {
    if (!this.isOpen) return;
    this.#standing = { kind: 'none' };
    this.#whyLeft = why;
    this.#report({ kind: 'left', why });
  }

  /** Nobody wants a cut now; who ordered that has told the other one. */
  end(): void {
    this.#standing = { kind: 'none' };
    this.#whyLeft = null;
  }

  heard(order: CommonOrder): void {
    const { kind } = this.#standing;
    if (kind === 'none') return; // left meanwhile
    if (order.kind === 'look') {
      // Asked about a cut that there is not yet, or no more: the next one is reported, and asked about again.
      if (kind !== 'seeking')
        this.#standing = { kind: 'looking', round: order.round, request: null, untilMs: this.#nowMs() + ANSWER_MS };
      return;
    }
    if (kind !== 'seeking') this.#standing = { kind: 'told', order };
    else if (order.kind === 'apart') {
      this.#standing = { kind: 'none' };
      this.#whyLeft = order.why;
    }
  }

  /** What is to be said of a cut that is made now, when it is not sought together with another one, or no more. */
  get remark(): CommonState | null {
    return this.#whyLeft === null ? null : { with: this.#with, isSame: false, why: this.#whyLeft };
  }

  /** To be called at the cut until it is over, whenever something may have changed. */
  step(stages: SourceStagesToLookAt): CommonStep {
    const standing = this.#standing;
    switch (standing.kind) {
      case 'waiting':
        return this.#wait(standing.untilMs);
      case 'looking':
        return this.#look(standing, stages);
      case 'told':
        return this.#told(standing.order);
      default:
        return { kind: 'wait', ms: null };
    }
  }

  #wait(untilMs: number): CommonStep {
    const leftMs = untilMs - this.#nowMs();
    if (leftMs > 0) return { kind: 'wait', ms: leftMs };
    this.leave(UNHEARD);
    return { kind: 'over', atMs: null, common: { with: this.#with, isSame: false, why: UNHEARD } };
  }

  #told(order: Exclude<CommonOrder, { kind: 'look' }>): CommonStep {
    if (order.kind === 'again') {
      this.#standing = { kind: 'seeking' };
      return { kind: 'again', afterMs: order.afterMs };
    }
    this.#standing = { kind: 'none' };
    const isSame = order.kind === 'same';
    const common = { with: this.#with, isSame, why: isSame ? null : order.why };
    return { kind: 'over', atMs: isSame ? order.atMs : null, common };
  }

  #look(standing: Extract<Standing, { kind: 'looking' }>, stages: SourceStagesToLookAt): CommonStep {
    const { round, untilMs } = standing;
    const request = standing.request ?? stages.sync.request();
    if (request === null) return this.#looked(round, 'this system tells no sync points of its changes');
    this.#standing = { ...standing, request };
    const moved = whyMoved(stages);
    if (moved !== null) return this.#looked(round, moved);
    if (stages.sync.isAnswered(request)) return this.#looked(round, stages.recentLooks.isAnyChanged() ? CHANGED_BETWEEN : null);
    const leftMs = untilMs - this.#nowMs();
    return leftMs > 0 ? { kind: 'wait', ms: leftMs } : this.#looked(round, 'the capture did not answer in time');
  }

  #looked(round: number, moved: string | null): CommonStep {
    this.#standing = { kind: 'waiting', untilMs: this.#nowMs() + WORD_MS };
    this.#report({ kind: 'looked', round, moved });
    return { kind: 'wait', ms: WORD_MS };
  }
}

export type SourceStagesToLookAt = Pick<
  SourceStages,
  'absences' | 'gathered' | 'groups' | 'guard' | 'hotFiles' | 'queue' | 'reads' | 'recentLooks' | 'sync' | 'transfers'
>;

/** Why the target may lack something that was told since the cut; null when it cannot. */
function whyMoved({ absences, gathered, groups, guard, hotFiles, queue, reads, transfers }: SourceStagesToLookAt): string | null {
  if (groups.obstacle !== null) return groups.obstacle;
  const waits = [queue.ops, absences.size, gathered.size, guard.heldCount, hotFiles.size, reads.size, transfers.size];
  return waits.some((count) => count > 0) ? CHANGED_BETWEEN : null;
}
