import type {
  MirrorOptions,
  MirrorResult,
  MirrorStatus,
  OrphanProgress,
  PlanExcess,
  Problem,
  TargetDataState,
} from '../../../api/index.ts';
import { describeError, ReplicationError } from '../../../base/index.ts';
import type { Catalog } from '../../catalog/index.ts';
import { excessText, Progress } from '../../mirror/index.ts';
import type { Place } from '../../model/index.ts';
import type { NewOp } from '../../transmit/index.ts';
import type { OrphanSearch } from './orphan-search.ts';
import { OrphanSearches } from './orphan-searches.ts';
import { SetWalk, type SetWalkParts, type WalkMode } from './set-walk.ts';

interface StoredMirror {
  readonly options: MirrorOptions;
  readonly startedAt: string;
  readonly isPaused: boolean;
  /** Set while it has not begun: `planning`, because it has limits; `limited`, because its plan goes beyond them. */
  readonly phase?: 'planning' | 'limited' | undefined;
  readonly excess?: { readonly since: string; readonly text: string } | undefined;
}

export interface MirrorControlOptions {
  /** The size of the set is wanted; `calculated` brings it. */
  readonly wantSize: () => void;
  readonly newSearch: () => OrphanSearch;
  /** With `checksum` every file's blocks are compared; else those of files whose date or size differ. */
  readonly checksumAll: () => boolean;
  /** Mirrors are to be planned before they begin. */
  readonly hasLimits: () => boolean;
  /** Makes a plan; `planned` brings it. */
  readonly plan: (options: MirrorOptions) => void;
  /** The plan that was asked for is not wanted any more. */
  readonly dropPlan: () => void;
  readonly onLimited: (question: Problem) => void;
  /** What was sent of the mirror's files that have not left whole. */
  readonly underWayBytes: () => number;
  /** The mirror is given up: so are the files that are on their way for it. */
  readonly dropTransfers: () => void;
}

/**
 * The mirror of a connection, and the comparison after a restart: at most one walk at a time. What must survive a restart is in the
 * catalog's facts: the epoch, the mirror under way, and whether a mirror is still owed.
 */
export class MirrorControl {
  readonly #catalog: Catalog;
  readonly #starts: readonly Place[];
  readonly #parts: Omit<SetWalkParts, 'catalog'>;
  readonly #options: MirrorControlOptions;
  readonly #searches: OrphanSearches;
  #walk: SetWalk | null = null;
  #isSweep = false;
  /** The walk is over; what it found is still on its way. */
  #isEnding = false;
  #progress: Progress | null = null;
  #stored: StoredMirror | null;
  #epoch: number;
  #isOwed: boolean;
  #lastCompletedAt: string | null;
  #lastResult: MirrorResult | null;

  constructor(catalog: Catalog, rootCount: number, parts: Omit<SetWalkParts, 'catalog'>, options: MirrorControlOptions) {
    this.#catalog = catalog;
    this.#starts = Array.from({ length: rootCount }, (_, root) => ({ root, path: '' }));
    this.#parts = parts;
    this.#options = options;
    this.#searches = new OrphanSearches(catalog, options.newSearch);
    this.#epoch = Number(catalog.fact('epoch') ?? '0');
    const stored = catalog.fact('mirror');
    this.#stored = stored === null || stored === '' ? null : (JSON.parse(stored) as StoredMirror);
    this.#isOwed = catalog.fact('mirrorOwed') === 'yes';
    this.#lastCompletedAt = catalog.fact('lastMirrorAt');
    const result = catalog.fact('lastMirrorResult');
    this.#lastResult = result === null ? null : (JSON.parse(result) as MirrorResult);
  }

  get epoch(): number {
    return this.#epoch;
  }

  get progress(): Progress | null {
    return this.#progress;
  }

  /** The folder that a mirror is in, for people. */
  get at(): Place | null {
    return this.#begun === null ? null : (this.#walk?.at ?? null);
  }

  /** A mirror or comparison that may go on now. */
  get hasWork(): boolean {
    if (this.isPaused) return false;
    if (this.#walk !== null) return !this.#walk.isWaiting;
    if (this.#isEnding) return !this.#isSending;
    return this.#searches.hasWork;
  }

  /** A walk is under way, and has entries to visit or waits for what it found. */
  get isWalking(): boolean {
    return this.#walk !== null;
  }

  get isPaused(): boolean {
    return this.#begun?.isPaused === true;
  }

  /** Large files of the mirror are on their way: nothing is complete, and no orphan goes, before they have left. */
  get #isSending(): boolean {
    return this.#progress !== null && this.#parts.transfers.hasOfMirror;
  }

  /** The comparison after a restart is not finished: what changed meanwhile is not all known yet. A sweep is no such thing. */
  get isComparing(): boolean {
    return this.#walk !== null && this.#begun === null && !this.#isSweep;
  }

  /** The source starts without a mirror: what the target has is unknown. */
  owe(): void {
    this.#setOwed(true);
  }

  /** Everything is to be compared with the catalog again: after a restart, lost notices, or a root that came back. */
  compare(): void {
    this.#isSweep = false;
    if (this.#begun !== null) this.#begin(this.#begun);
    else this.#walk = this.#newWalk(this.#isOwed ? 'known-only' : 'compare');
    this.#searches.beginIfWanted();
  }

  /** As `compare`, for what no notice may have told; does nothing while a mirror or comparison goes on. */
  sweep(): void {
    if (this.#walk !== null || this.#begun !== null) return;
    this.compare();
    this.#isSweep = true;
  }

  start(options: MirrorOptions): void {
    if (this.#stored !== null) throw new ReplicationError('mirror-running', { kind: this.#stored.options.kind });
    if (options.kind === 'checksum' && options.flaggedOnly === undefined && !this.#options.checksumAll())
      options = { ...options, flaggedOnly: true };
    const mirror = { options, startedAt: new Date().toISOString(), isPaused: false };
    if (!this.#options.hasLimits()) {
      this.#go(mirror);
      return;
    }
    this.#store({ ...mirror, phase: 'planning' });
    this.#options.plan(options);
  }

  /** After a restart: a mirror that was being planned is planned anew. */
  planAgain(): void {
    if (this.#stored?.phase === 'planning') this.#options.plan(this.#stored.options);
  }

  /** The plan that was asked for: where it goes beyond the limits, or null when none could be made. */
  planned(excess: readonly PlanExcess[] | null): void {
    const stored = this.#stored;
    if (stored?.phase !== 'planning') return;
    if (excess === null) {
      this.#store(null);
      this.#setOwed(true);
    } else if (excess.length === 0) this.#go(stored);
    else {
      this.#store({
        ...stored,
        phase: 'limited',
        excess: { since: new Date().toISOString(), text: excessText(excess) },
      });
      const { question } = this;
      if (question !== null) this.#options.onLimited(question);
    }
  }

  /** What a mirror that has reached its limits asks; null when none has. */
  get question(): Problem | null {
    const { phase, excess } = this.#stored ?? {};
    if (phase !== 'limited' || excess === undefined) return null;
    const { since, text } = excess;
    return { code: 'mirror-limited', path: null, since, ...describeError('mirror-limited', { why: text }) };
  }

  pause(): void {
    if (this.#stored === null) throw new ReplicationError('no-mirror', {});
    this.#store({ ...this.#stored, isPaused: true });
  }

  /** Also of one that has reached its limits: it then runs all the same, once. */
  resume(): void {
    if (this.#stored === null) throw new ReplicationError('no-mirror', {});
    if (this.#stored.phase === 'limited') this.#go({ ...this.#stored, isPaused: false });
    else this.#store({ ...this.#stored, isPaused: false });
  }

  /** Forgets its place: the next start does everything anew. */
  stop(): void {
    if (this.#stored === null) throw new ReplicationError('no-mirror', {});
    if (this.#begun === null) {
      // Nothing was done: the replica is worth what it was.
      if (this.#stored.phase === 'planning') this.#options.dropPlan();
      this.#store(null);
      return;
    }
    this.#store(null);
    this.#walk = null;
    this.#isEnding = false;
    this.#progress = null;
    this.#searches.end('stopped');
    this.#parts.checksums.clear();
    this.#options.dropTransfers();
  }

  /** A mirror or comparison under way is given up; nothing when there is none. */
  abandon(): void {
    if (this.#stored !== null) this.stop();
    this.#walk = null;
    this.#isEnding = false;
    this.#isSweep = false;
    this.#searches.end('stopped');
  }

  /** Looks for orphans without a mirror. Throws `mirror-running`, `search-running`. */
  startSearch(): void {
    if (this.#stored !== null) throw new ReplicationError('mirror-running', { kind: this.#stored.options.kind });
    this.#searches.start();
  }

  /** Throws `no-search`. What was found already stays with the target. */
  stopSearch(): void {
    this.#searches.stop();
  }

  /** Null when none was ever begun in this run. */
  searchStatus(): OrphanProgress | null {
    return this.#searches.status();
  }

  /** The target has applied everything up to here. */
  applied(sequence: number): void {
    this.#searches.applied(sequence);
  }

  calculated(size: { files: number; bytes: number }): void {
    this.#progress?.calculated(size);
  }

  folderMoved(to: Place): void {
    this.#walk?.add(to);
  }

  /** An op was pushed, by whomever. */
  pushed(op: NewOp): void {
    this.#walk?.pushed(op);
  }

  /** What was asked on a lost link is asked again. */
  linkLost(): void {
    this.#walk?.linkLost();
    this.#parts.checksums.reset();
    this.#searches.linkLost();
  }

  /** Goes on for a while. Returns whether a mirror has been sent whole just now: it is complete once the target has applied that. */
  async step(budgetMs: number, isFull: () => boolean): Promise<boolean> {
    if (this.#walk !== null) {
      if (await this.#walk.step(budgetMs, isFull)) return false;
      this.#walk = null;
      this.#isEnding = true;
    }
    if (this.#isSending) return false;
    if (this.#isEnding) {
      this.#isEnding = false;
      this.#progress?.allLookedAt();
      if (this.#begun?.options.orphans === true) this.#searches.begin();
    }
    if (await this.#searches.step(budgetMs, isFull)) return false;
    return this.#begun !== null;
  }

  /** How fast the last mirror was that sent enough to tell; null when none did. */
  get lastBytesPerSec(): number | null {
    const rate = Number(this.#catalog.fact('mirrorBytesPerSec') ?? '');
    return rate > 0 ? rate : null;
  }

  /** A mirror is sent and not yet known to be applied. */
  get isSent(): boolean {
    const isOver = this.#walk === null && !this.#isEnding && !this.#searches.hasWork;
    return this.#begun !== null && this.#progress !== null && isOver;
  }

  /** The target has applied all of the mirror. */
  complete(): void {
    const completedAt = new Date().toISOString();
    this.#lastCompletedAt = completedAt;
    this.#catalog.setFact('lastMirrorAt', completedAt);
    if (this.#progress !== null) {
      const rate = this.#progress.averageBytesPerSec;
      if (rate !== null) this.#catalog.setFact('mirrorBytesPerSec', String(rate));
      this.#lastResult = { ...this.#progress.result, completedAt };
      this.#catalog.setFact('lastMirrorResult', JSON.stringify(this.#lastResult));
    }
    this.#progress = null;
    this.#store(null);
    this.#setOwed(false);
  }

  status(): MirrorStatus {
    const { options, startedAt, phase } = this.#stored ?? {};
    if (options !== undefined && startedAt !== undefined && phase !== undefined) return notBegun(phase, options, startedAt);
    if (this.#stored === null || this.#progress === null)
      return { kind: 'idle', lastCompletedAt: this.#lastCompletedAt, lastResult: this.#lastResult ?? undefined };
    return this.#progress.status(this.#stored.isPaused, this.#options.underWayBytes());
  }

  targetData(): TargetDataState {
    if (this.#begun !== null) return 'mirroring';
    return this.#isOwed || (this.#lastResult?.leftFiles ?? 0) > 0 ? 'mirror-required' : 'good';
  }

  /** Of trees of which something was told. `onEntering`: see `SetWalk`. */
  liveWalk(starts: readonly Place[], noticedAtMs: number | null, onEntering: (folder: Place) => void): SetWalk {
    const cause = { class: 'replication' as const, noticedAtMs };
    return new SetWalk('compare', starts, this.#epoch, null, cause, { ...this.#parts, catalog: this.#catalog }, onEntering);
  }

  #newWalk(mode: WalkMode): SetWalk {
    const isMirror = this.#progress !== null;
    const cause = { class: isMirror ? ('mirror' as const) : ('replication' as const), noticedAtMs: null };
    return new SetWalk(mode, this.#starts, this.#epoch, this.#progress, cause, { ...this.#parts, catalog: this.#catalog });
  }

  /** The mirror under way, once it has begun. */
  get #begun(): StoredMirror | null {
    return this.#stored?.phase === undefined ? this.#stored : null;
  }

  #go({ options, startedAt, isPaused }: StoredMirror): void {
    this.#epoch++;
    this.#catalog.setFact('epoch', String(this.#epoch));
    // After a whole mirror the catalog tells the size at once, as well as a third walk beside those of both sides could.
    const size = this.#isOwed || this.#lastCompletedAt === null ? null : this.#catalog.size();
    this.#setOwed(true);
    const mirror = { options, startedAt, isPaused };
    this.#store(mirror);
    this.#begin(mirror, size);
  }

  #begin(stored: StoredMirror, size: { readonly files: number; readonly bytes: number } | null = null): void {
    this.#parts.checksums.clear();
    this.#searches.drop();
    this.#isEnding = false;
    this.#progress = new Progress(stored.options, stored.startedAt);
    this.#walk = this.#newWalk(stored.options);
    if (size === null) this.#options.wantSize();
    else this.#progress.calculated(size);
  }

  #store(mirror: StoredMirror | null): void {
    this.#stored = mirror;
    this.#catalog.setFact('mirror', mirror === null ? '' : JSON.stringify(mirror));
    this.#catalog.commit();
  }

  #setOwed(isOwed: boolean): void {
    this.#isOwed = isOwed;
    this.#catalog.setFact('mirrorOwed', isOwed ? 'yes' : 'no');
    this.#catalog.commit();
  }
}

function notBegun(kind: 'planning' | 'limited', options: MirrorOptions, startedAt: string): MirrorStatus {
  return {
    kind, options, startedAt, calculatedBytes: null, calculatedFiles: null, sentBytes: 0, skippedBytes: 0, remainingBytes: null,
    sentFiles: 0, skippedFiles: 0, percent: null, bytesPerSec: 0, timeLeftMs: null,
  }; // prettier-ignore
}
