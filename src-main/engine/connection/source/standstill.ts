import type { CommonState, ConnectionId, Cut } from '../../../api/index.ts';
import { assertNever, type Wake } from '../../../base/index.ts';
import type { QueueItem } from '../../queue/index.ts';
import type { SourceStages } from './assemble-source.ts';
import { queueFolders } from './disturbed-folders.ts';
import type { Doubts } from './doubts.ts';
import { CUT_PATIENCE_MS } from './group-rules.ts';
import type { InstantCut } from './copies/instant-cut.ts';
import type { LinkFlow } from './link-flow.ts';
import type { SourceStatus } from './source-status.ts';

/** An answer wakes; this often it is looked for if it does not come. */
const ANSWER_LOOK_MS = 500;

/** With less than this left of its rest, an application is let go on rather than that another cut is tried. */
const LEAST_FROZEN_MS = 500;

/** Who writes with pauses comes to rest sooner than this; then the rest is copied at one instant, if it can be. */
const COPY_AFTER_MS = 250;

export interface StandstillParts {
  readonly stages: Pick<
    SourceStages,
    | 'absences'
    | 'catalog'
    | 'common'
    | 'freezing'
    | 'gathered'
    | 'groups'
    | 'guard'
    | 'hotFiles'
    | 'disturbedFolders'
    | 'instantPace'
    | 'outbox'
    | 'queue'
    | 'reads'
    | 'recentLooks'
    | 'requests'
    | 'sync'
    | 'transfers'
  >;
  readonly doubts: Pick<Doubts, 'examine'>;
  readonly instantCut: Pick<InstantCut, 'attempt'>;
  readonly status: SourceStatus;
  readonly flow: LinkFlow;
  readonly wake: Wake;
  readonly signal: AbortSignal;
  /** How long writers of large files may be held for a cut; 0: they are not. */
  readonly holdWritersMs: () => number;
  /** The schedule lets changes go: a cut may wait for them. */
  readonly isGateOpen: () => boolean;
  /** A common cut is to hold what changed while nobody watched, and that is still being looked for. */
  readonly mustFindOut: () => boolean;
  readonly follow: (item: QueueItem) => Promise<void>;
  /** Sends a piece of a large file that changed; false when none can go now. */
  readonly sendPiece: () => Promise<boolean>;
  readonly sendFolderTimes: () => void;
  /** What was put off and is due goes into the queue. */
  readonly queuePostponed: () => void;
  /** The target stands still at this cut; told again and again while it does. */
  readonly atCut: (cut: Cut) => void;
  readonly event: (severity: 'info', text: string) => void;
}

/**
 * A cut that is sought: first what waits is sent, then the application is asked to stand still, if it can be, then all that changed until
 * then is sent too. `untilMs`: when the cut is made in any case.
 */
interface Seek {
  readonly phase: 'catching-up' | 'freezing' | 'settling';
  readonly patienceMs: number;
  readonly untilMs: number;
  /** When copies at one instant are tried; before the first time also as soon as a large file is known not to rest. */
  readonly copyAtMs: number;
  readonly isCopyTried: boolean;
  /** Until when writers of large files are held; null before they are. */
  readonly holdUntilMs: number | null;
  /** No cut is made before; changes are followed meanwhile. */
  readonly notBeforeMs: number;
}

/**
 * Brings sending to a cut at which the replica stands still: for a pause here, which then lasts until somebody lets go, and for a hold
 * of the target, which needs to know where it may stop. All of it ends with the link.
 */
export class Standstill {
  readonly #parts: StandstillParts;
  #cut: Cut | null = null;
  #seek: Seek | null = null;
  #hold: 'none' | 'asked' | 'noted' = 'none';

  constructor(parts: StandstillParts) {
    this.#parts = parts;
  }

  /** The target is being held, so it answers no questions; or it asks for a cut to stop at. */
  get isTargetHeld(): boolean {
    return this.#hold !== 'none';
  }

  /** A new pause needs a new cut; `common`: one that is to be that connection's too. */
  forgetCut(common: ConnectionId | null = null): void {
    this.#parts.stages.common.end();
    if (common !== null) this.#parts.stages.common.begin(common);
    this.#dropCut();
  }

  linkLost(): void {
    this.#parts.stages.common.leave('the link to a target was lost meanwhile');
    this.#dropCut();
    this.#hold = 'none';
    this.#parts.stages.requests.isTargetHeld = false;
  }

  /** The target told whether somebody holds it. */
  heard(isHeld: boolean): void {
    if (!isHeld) {
      if (this.#hold === 'asked' && this.#parts.status.transmission.kind !== 'pausing') this.#endSeek(null);
      this.#hold = 'none';
    } else if (this.#hold === 'none') this.#hold = 'asked';
    this.#parts.stages.requests.isTargetHeld = isHeld;
  }

  /** One step towards a cut, or one wait at it; false when nobody wants to stand still. */
  async step(): Promise<boolean> {
    const { kind } = this.#parts.status.transmission;
    const isPause = kind === 'pausing' || kind === 'paused';
    // It would stand at a cut that lacks what is being looked for, and whoever wants to leave there would wait for that without end.
    if (kind === 'pausing' && this.#seek === null && this.#cut === null && this.#parts.mustFindOut()) return false;
    // A hold that is asked for at a pause's cut takes effect there, once it is known what becomes of it: what came after could not be applied.
    if ((kind === 'pausing' && this.#cut === null) || (this.#hold === 'asked' && !isPause)) await this.#seekCut();
    else if (isPause && this.#parts.stages.common.isOpen && this.#cut !== null) await this.#compare();
    else if (isPause) {
      this.#atPause();
      if (this.#hold === 'asked') this.#noteHold();
      const { transmission } = this.#parts.status;
      if (transmission.kind === 'paused') this.#parts.atCut(transmission.cut);
      await this.#parts.wake.wait(this.#parts.signal);
    } else return false;
    return true;
  }

  /** Follows what waits until all of it is sent and settled, for a while; then cuts in any case. Mirrors wait meanwhile. */
  async #seekCut(): Promise<void> {
    const { doubts, flow, wake, signal } = this.#parts;
    const { freezing, groups, guard, outbox, queue, transfers } = this.#parts.stages;
    const seek = this.#seekNow();
    // What the schedule holds back stays here: the cut is where sending stopped.
    const isGateOpen = this.#parts.isGateOpen();
    const leftMs = isGateOpen ? seek.untilMs - performance.now() : 0;
    if (freezing.frozenForMs > 0 || (seek.holdUntilMs ?? 0) > performance.now()) this.#queueHotFiles();
    this.#parts.queuePostponed();
    const isTooSoon = seek.notBeforeMs > performance.now();
    if (isGateOpen && !isTooSoon && (await this.#copy(seek))) {
      this.#made();
      return;
    }
    const item = queue.peek();
    if ((leftMs > 0 || freezing.isPending) && item !== undefined) {
      await this.#parts.follow(item);
      if (flow.mustBreathe) await flow.breathe();
      return;
    }
    if (doubts.examine()) return;
    // A file that takes longer than anybody waits is not in the cut, as if it had not been begun.
    if (leftMs > 0 && transfers.has('live')) {
      if (await this.#parts.sendPiece()) await flow.breathe();
      else await flow.pause();
      return;
    }
    if (isTooSoon) {
      // What the schedule holds back still waits: nothing is at rest then.
      const restMs = (item === undefined ? groups.rest() : null) ?? Infinity;
      outbox.flush();
      await wake.wait(signal, Math.max(1, Math.min(restMs, seek.notBeforeMs - performance.now())));
      return;
    }
    if (seek.phase === 'catching-up' && freezing.isWanted && isGateOpen) {
      freezing.ask(this.#hold === 'asked' ? 'hold' : 'pause', this.#common);
      this.#seek = { ...seek, phase: 'freezing' };
      return;
    }
    this.#parts.sendFolderTimes();
    if (freezing.isPending) {
      outbox.flush();
      await wake.wait(signal, ANSWER_LOOK_MS);
      return;
    }
    if (leftMs > 0 && this.#holdWriters(seek)) return;
    if (leftMs <= 0)
      groups.force(isGateOpen ? `changes did not rest for ${seek.patienceMs} ms` : 'the schedule holds changes back');
    else {
      // Removals that are held back are over in a moment, or halt.
      const heldMs = guard.heldCount > 0 && guard.briefMs === null ? (guard.dueInMs() ?? ANSWER_LOOK_MS) : null;
      const waitMs = heldMs === null ? groups.rest(true) : Math.max(1, heldMs);
      outbox.flush();
      if (waitMs !== null) {
        await wake.wait(signal, Math.min(waitMs, leftMs));
        return;
      }
    }
    this.#made();
  }

  /** The cut that was sought is sent. An application stays at rest until it is known what becomes of a common one. */
  #made(): void {
    const { stages, status } = this.#parts;
    const { catalog, common, groups } = stages;
    // One that was to be common until a moment ago has not been told as a pause's.
    if (status.transmission.kind === 'pausing' && this.#common === null && !groups.isPauseSought) groups.seal(null);
    catalog.commit();
    this.#cut = groups.cut;
    if (this.#cut !== null && this.#common !== null) common.made(this.#cut);
    else this.#stand(common.remark);
  }

  /** The connection with which the cut that is sought is to be common; null for one of its own. */
  get #common(): ConnectionId | null {
    const { stages, status } = this.#parts;
    return status.transmission.kind === 'pausing' ? stages.common.other : null;
  }

  /** Stands at a cut that may be another connection's too, and finds out. */
  async #compare(): Promise<void> {
    const { signal, stages, wake } = this.#parts;
    const step = stages.common.step(stages);
    switch (step.kind) {
      case 'wait':
        await wake.wait(signal, step.ms ?? undefined);
        return;
      case 'again':
        this.#seekAgain(step.afterMs);
        return;
      case 'over':
        this.#cut = stages.groups.seal(step.atMs);
        stages.catalog.commit();
        this.#stand(step.common);
        return;
      default:
        assertNever(step);
    }
  }

  /** The replica stands at its cut; nobody need be at rest for it any more. */
  #stand(common: CommonState | null): void {
    if (this.#cut !== null && common !== null) this.#cut = { ...this.#cut, common };
    if (this.#hold === 'asked') this.#noteHold();
    this.#endSeek(this.#cut);
  }

  /** Something happened between both cuts: changes go on, and another cut is sought. */
  #seekAgain(afterMs: number): void {
    const { catalog, common, freezing, groups, sync } = this.#parts.stages;
    const { frozenForMs } = freezing;
    if (frozenForMs > 0 && frozenForMs < afterMs + LEAST_FROZEN_MS) {
      common.leave('the application had to go on');
      this.#cut = groups.seal(null);
      catalog.commit();
      this.#stand(common.remark);
      return;
    }
    if (this.#seek?.holdUntilMs != null) sync.releaseWriters();
    this.#cut = null;
    const seek = this.#begin(frozenForMs > 0 ? 'settling' : 'catching-up', frozenForMs > 0 ? frozenForMs : CUT_PATIENCE_MS);
    this.#seek = { ...seek, notBeforeMs: performance.now() + afterMs };
  }

  /** Makes the cut with copies at one instant if changes do not come to rest, now and then until they do; true when it is made. */
  async #copy(seek: Seek): Promise<boolean> {
    const { freezing, hotFiles } = this.#parts.stages;
    if (freezing.isPending || (seek.phase === 'catching-up' && freezing.isWanted)) return false;
    const isKnownRestless = !seek.isCopyTried && hotFiles.size > 0;
    if (performance.now() < seek.copyAtMs && !isKnownRestless) return false;
    const isMade = await this.#parts.instantCut.attempt();
    // Where none were tried, what rests is sent: nobody may be writing any more, and the cut holds all that has happened by now.
    if (!isMade && !seek.isCopyTried) this.#queueHotFiles();
    if (this.#seek === seek) this.#seek = { ...seek, copyAtMs: performance.now() + COPY_AFTER_MS, isCopyTried: true };
    return isMade;
  }

  /** Where the seeking of a cut stands. */
  #seekNow(): Seek {
    const { freezing } = this.#parts.stages;
    if (this.#seek === null) return this.#begin('catching-up', CUT_PATIENCE_MS);
    if (this.#seek.phase !== 'freezing' || freezing.isPending) return this.#seek;
    // The cut holds what had happened when the application came to rest; so a new sync point is asked for now.
    return this.#begin('settling', freezing.frozenForMs > 0 ? freezing.frozenForMs : CUT_PATIENCE_MS);
  }

  #begin(phase: Seek['phase'], patienceMs: number): Seek {
    const { disturbedFolders, freezing, groups, instantPace, queue } = this.#parts.stages;
    groups.seek();
    queueFolders(queue, disturbedFolders.takeAll());
    // A common cut is told when it is known to stand.
    groups.isPauseSought = this.#parts.status.transmission.kind === 'pausing' && this.#common === null;
    // Those that are about to be copied need not be sent before.
    if (freezing.isWanted || !instantPace.isEnabled) this.#queueHotFiles();
    const now = performance.now();
    const copy = { copyAtMs: now + COPY_AFTER_MS, isCopyTried: false };
    return (this.#seek = { phase, patienceMs, untilMs: now + patienceMs, ...copy, holdUntilMs: null, notBeforeMs: now });
  }

  /**
   * Everything is sent but what changed just now: no write to a large file begins until that is sent too. Once for each cut; who writes
   * without rest would never let it be one moment else. True when it was done now.
   */
  #holdWriters(seek: Seek): boolean {
    const { groups, sync } = this.#parts.stages;
    const ms = this.#parts.holdWritersMs();
    if (ms === 0 || seek.holdUntilMs !== null) return false;
    sync.holdWriters(ms);
    groups.seek();
    this.#queueHotFiles();
    this.#seek = { ...seek, holdUntilMs: performance.now() + ms };
    return true;
  }

  #dropCut(): void {
    this.#cut = null;
    this.#endSeek(null);
  }

  #endSeek(cut: Cut | null): void {
    const { freezing, groups, sync } = this.#parts.stages;
    if (this.#seek?.holdUntilMs != null) sync.releaseWriters();
    this.#seek = null;
    groups.isPauseSought = false;
    freezing.end(cut);
  }

  #queueHotFiles(): void {
    const { hotFiles, queue } = this.#parts.stages;
    for (const place of hotFiles.takeAll()) queue.examine(place, { content: true, deep: false, isSettled: false }, Date.now());
  }

  #noteHold(): void {
    this.#hold = 'noted';
    this.#parts.stages.outbox.send({ kind: 'hold-noted' });
  }

  /** When the target has applied the cut, it stands still. */
  #atPause(): void {
    const { status, stages, event } = this.#parts;
    const { transmission } = status;
    const cut = this.#cut;
    if (transmission.kind !== 'pausing' || cut === null || stages.outbox.inFlight.applied < cut.sequence) return;
    status.setTransmission({ ...transmission, kind: 'paused', since: new Date().toISOString(), cut });
    event(
      'info',
      `Transmission is paused at operation ${cut.sequence} (${cut.label}); the target has applied everything before it.`,
    );
  }
}
