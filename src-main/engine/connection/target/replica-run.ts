import type { Problem, ReplicaQueue, Standstill } from '../../../api/index.ts';
import type { PurgeOrder, PurgeResult } from '../../apply/index.ts';
import type { CutLabel, SourceMessage } from '../../wire/index.ts';
import { ReplicationError } from '../../../base/index.ts';
import { assembleReplica, type ReplicaRunOptions, type ReplicaStages } from './assemble-replica.ts';
import type { ReachedCut } from './group-gate.ts';
import type { FrameData } from './intake.ts';
import type { LeftoverAnswer, LeftoverFigures, LeftoverQuestion } from './leftovers.ts';
import type { WaitingProblem } from './problem.ts';
import { KeptPurge } from './kept-purge.ts';
import { QueueRoom } from './queue-room.ts';
import { RoomWait } from './room-wait.ts';
import { SourceReports } from './source-reports.ts';
import { STREAM_FLUSH_BYTES } from './stream-flush.ts';
import type { TargetLink } from './target-link.ts';

/** Above this nothing more is read from the link until a flush is over: half of it is being flushed while the other half arrives. */
const MAX_UNFLUSHED_BYTES = 32 * 1024 * 1024;
/** With more of large files unflushed their source is not asked for more: what comes beside them is not to wait for the disk. */
const MOST_UNFLUSHED_STREAM_BYTES = 2 * STREAM_FLUSH_BYTES;

export interface RunFigures extends LeftoverFigures {
  readonly receivedSequence: number;
  readonly appliedSequence: number;
  readonly queuedOps: number;
  readonly queuedBytes: number;
  /** The last cut that is applied for good. */
  readonly cut: ReachedCut | null;
  /** What the replica holds with all up to `appliedSequence`. */
  readonly label: CutLabel;
  /** A hold has taken effect, and all that was applied is on disk. */
  readonly isHeld: boolean;
  /** Places where an op failed and nothing has put that right since. */
  readonly failedPlaces: number;
  readonly queue: ReplicaQueue;
}

/**
 * One opening of a replica: takes what a link brings, makes it durable by group, applies it in order and acknowledges both. What cannot
 * pass for want of room waits and is tried again; any other failure of the disk ends the run, and the owner opens a new one, which goes
 * on from what is on disk.
 */
export class ReplicaRun {
  readonly #options: ReplicaRunOptions;
  readonly #stages: ReplicaStages;
  readonly #reports: SourceReports;
  readonly #roomWait: RoomWait;
  readonly #room: QueueRoom;
  readonly #keptPurge: KeptPurge;
  readonly #abort = new AbortController();
  readonly #applyAbort = new AbortController();
  #isHoldOrdered: boolean;
  #isFrozen = false;
  /** As the gate's cut, but only once it is on disk. */
  #flushedCut: ReachedCut | null = null;

  /** Opens everything. Throws coded errors of the disk. */
  constructor(options: ReplicaRunOptions) {
    this.#options = options;
    this.#isHoldOrdered = options.isHoldOrdered;
    this.#reports = new SourceReports({
      figures: () => this.figures,
      appliedBytes: () => this.#stages.flushLoop.flushedBytes,
      problem: () => this.problem,
      failures: () => this.#stages.failures.list,
      losses: () => this.#stages.losses.list,
      isHoldOrdered: () => this.#isHoldOrdered,
      revertId: () => options.completeness.revertId,
      isFull: () => this.#room.isFull,
    });
    this.#stages = assembleReplica(options, {
      onLoss: (loss, text) => {
        this.#reports.loss(loss);
        options.onEvent('warning', text);
        options.onChanged();
      },
      onFailed: (failure) => this.#reports.failure(failure),
      onApplied: () => this.#cutFlushed(),
      onFlushed: () => this.#afterFlush(),
      onStreamsFlushed: () => {
        this.#tellTaken();
        this.#paceLink();
        this.#room.check();
      },
      onProblem: () => {
        this.#reports.problem();
        options.onChanged();
      },
    });
    const { gate, intake, problems, flushLoop, streamFlush } = this.#stages;
    this.#flushedCut = gate.cut;
    this.#room = new QueueRoom({
      settings: () => options.settings().targetQueue,
      queuedBytes: () => this.#queuedBytes,
      folders: [options.folder, ...this.#stages.stageFolders],
      onChanged: (full) => this.#roomChanged(full),
    });
    this.#room.check();
    this.#keptPurge = new KeptPurge({
      settings: () => options.settings().kept,
      totals: () => options.leftovers.kept.totals(options.roots),
      hasOlder: (beforeMs) => options.leftovers.kept.hasOlder(options.roots, beforeMs),
      purge: (order) => this.#purge(order),
      isHeld: () => this.#isHoldOrdered || this.#isFrozen,
      isAway: () => this.#reports.link === null,
      onEvent: options.onEvent,
    });
    this.#roomWait = new RoomWait({
      intake,
      problem: problems.staging,
      link: () => this.#reports.link,
      signal: this.#abort.signal,
      onProgress: () => {
        flushLoop.notify();
        streamFlush.notify();
        this.#tellTaken();
      },
      onOver: () => this.#paceLink(),
    });
  }

  get figures(): RunFigures {
    const received = this.#stages.received.sequence;
    const applied = this.#stages.flushed.sequence;
    const cut = this.#flushedCut;
    return {
      receivedSequence: received,
      appliedSequence: applied,
      queuedOps: received - applied,
      queuedBytes: this.#queuedBytes,
      cut,
      label: cut?.sequence === applied ? cut.label : 'file-level',
      isHeld: this.#stages.gate.isHeld && this.#stages.committed.sequence === applied,
      failedPlaces: this.#stages.failures.count,
      queue: this.#room.figures,
      ...this.#stages.leftovers.figures,
    };
  }

  /** Nothing is applied, here and at once, until it is undone. Only for a replica that stands still. */
  freeze(isFrozen: boolean): void {
    this.#isFrozen = isFrozen;
    this.#stages.gate.freeze(isFrozen);
    this.#stages.applyLoop.notify();
  }

  /** Why the files stand still, with all that was applied on disk; null while they may change at any moment. */
  get standstill(): Standstill['by'] | null {
    const { committed, flushed, gate, intake } = this.#stages;
    if (committed.sequence !== flushed.sequence) return null;
    if (gate.isHeld) return 'hold';
    const isAtCut = gate.cut?.sequence === flushed.sequence && intake.lastSequence === flushed.sequence;
    if (!isAtCut) return null;
    return gate.isPauseCut ? 'pause' : 'rest';
  }

  /** Received for good and not yet applied for good. */
  get #queuedBytes(): number {
    const { bytesAtStart, flushLoop } = this.#stages;
    return bytesAtStart + flushLoop.receivedBytes - flushLoop.flushedBytes;
  }

  /** What it waits for, if anything. */
  get problem(): WaitingProblem | null {
    const { apply, flush, staging } = this.#stages.problems;
    return apply.problem ?? flush.problem ?? staging.problem;
  }

  /** What this replica cannot keep of what the source has. */
  get losses(): readonly Problem[] {
    return this.#stages.losses.problems();
  }

  /** Works until `stop` (resolves), or until the disk fails in a way that a new opening may cure (rejects). To be called once, then `close`. */
  async run(): Promise<void> {
    const { signal } = this.#abort;
    const loops = [
      this.#stages.applyLoop.run(this.#applyAbort.signal),
      this.#stages.flushLoop.run(signal),
      this.#stages.streamFlush.run(this.#applyAbort.signal),
      this.#stages.answers.runSoon(this.#applyAbort.signal),
      this.#stages.answers.runLong(this.#applyAbort.signal),
    ];
    const failures: unknown[] = [];
    const ends = loops.map((loop) =>
      loop.catch((error: unknown) => {
        if (this.#applyAbort.signal.aborted || signal.aborted) return;
        failures.push(error);
        this.#applyAbort.abort();
        this.#abort.abort();
      }),
    );
    // Files are closed only when no loop uses them any more.
    await Promise.all(ends);
    if (failures.length > 0) throw failures[0];
  }

  /** Serves this link from now on; it has said hello. */
  async attach(link: TargetLink): Promise<void> {
    this.#reports.link = link;
    if (this.#isHoldOrdered && !this.#stages.gate.isHeld) this.#stages.gate.order(true, false);
    // What came complete on the link before is still being made durable; the source must not send it again.
    await this.#stages.received.whenReached(
      this.#stages.intake.lastSequence,
      AbortSignal.any([this.#abort.signal, link.whenClosed]),
    );
    if (this.#reports.link !== link) return;
    this.#reports.welcome();
  }

  /** The link is gone or replaced: what it brought incomplete is dropped and comes again. */
  detach(): void {
    this.#reports.link = null;
    this.#stages.gate.noted(null);
    this.#stages.applyLoop.notify();
    this.#stages.intake.dropIncomplete();
    this.#stages.problems.staging.clear();
    this.#stages.flushLoop.notify();
  }

  /** Throws `protocol-error`. */
  received(message: Exclude<SourceMessage, { kind: 'hello' | 'release' | 'alive' }>, data: FrameData): void {
    if (message.kind === 'get-listing' || message.kind === 'get-signatures' || message.kind === 'get-volumes') {
      const { link } = this.#reports;
      if (link !== null) this.#stages.answers.ask(message, this.#stages.intake.lastSequence, link);
      return;
    }
    if (message.kind === 'hold-noted') {
      this.#stages.gate.noted(this.#stages.intake.lastSequence);
      this.#stages.applyLoop.notify();
      return;
    }
    if (message.kind === 'whole') {
      this.#options.completeness.told(message.isWhole, this.#stages.intake.lastSequence);
      this.#options.onChanged();
      return;
    }
    if (message.kind === 'owner-names') {
      this.#stages.owners.take(message);
      return;
    }
    if (message.kind === 'orphan-search') {
      this.#stages.leftovers.searching(message);
      this.#options.onChanged();
      return;
    }
    const blocked = this.#stages.intake.take(message, data);
    if (blocked !== null) this.#roomWait.begin(blocked);
    this.#paceLink();
    if (message.kind === 'data') this.#tellTaken();
    this.#stages.streamFlush.notify();
    if (this.#stages.intake.hasReady) this.#stages.flushLoop.notify();
  }

  /** Answers between two ops. */
  ask(question: LeftoverQuestion): LeftoverAnswer {
    if (question.kind === 'purge-kept') {
      if (this.#isFrozen) throw new ReplicationError('snapshot-running', {});
      this.#options.onMoving();
    }
    const answer = this.#stages.leftovers.answer(question);
    // What a purge removed is flushed with the rest.
    this.#stages.flushLoop.notify();
    this.#options.onChanged();
    return answer;
  }

  /** Begins or ends a hold. It takes effect at the end of the group that is being applied; `isHeld` tells when. */
  hold(isOrdered: boolean): void {
    if (isOrdered === this.#isHoldOrdered) return;
    this.#isHoldOrdered = isOrdered;
    this.#stages.gate.order(isOrdered, this.#reports.link === null);
    this.#reports.standing();
    this.#options.onChanged();
    this.#stages.applyLoop.notify();
  }

  /** Resolves when all that came is applied for good; rejects when the run ends before. The end of an open group is not waited for. */
  async whenAllApplied(): Promise<void> {
    this.#stages.pending.abandonGroup();
    this.#stages.applyLoop.notify();
    await this.#stages.flushed.whenReached(this.#stages.intake.lastSequence, this.#abort.signal);
  }

  /** Lets `run` end: what was received is made durable, what is not applied stays queued. */
  stop(): void {
    this.detach();
    this.#applyAbort.abort();
    this.#stages.flushLoop.end();
    // A disk that does not answer must not hold up the stop of the service; nothing that was acknowledged depends on this.
    setTimeout(() => this.#abort.abort(), 5_000).unref();
  }

  /** After `run` has ended. `isReleased`: nothing of the queue is kept. */
  async close(isReleased: boolean): Promise<void> {
    this.#abort.abort();
    this.#reports.stop();
    this.#room.stop();
    this.#keptPurge.stop();
    this.#stages.stage.close();
    this.#stages.failures.close();
    this.#stages.cuts.close();
    if (!isReleased) {
      await this.#stages.queue.close();
      return;
    }
    this.#stages.queue.delete();
    this.#stages.stage.clean(0, 0);
    this.#stages.stage.remove();
  }

  #cutFlushed(): void {
    const { cut } = this.#stages.gate;
    if (cut !== null && cut.sequence <= this.#stages.flushed.sequence) this.#flushedCut = cut;
  }

  #afterFlush(): void {
    this.#paceLink();
    this.#room.check();
    this.#reports.progress(this.#stages.received.sequence === this.#stages.flushed.sequence);
    this.#options.onChanged();
  }

  /** New settings are in force. */
  configured(): void {
    this.#room.check();
    this.#stages.leftovers.configured();
    this.#keptPurge.look();
  }

  #purge(order: PurgeOrder): PurgeResult {
    const { removed, removedBytes, stayed } = this.ask({ kind: 'purge-kept', ...order }) as LeftoverAnswer & PurgeResult;
    return { removed, removedBytes, stayed };
  }

  #roomChanged(full: ReplicaQueue['full']): void {
    const { setName } = this.#options.leftovers;
    if (full !== null) this.#options.onEvent('warning', `The queue of ${setName} is full: ${full.why}. Its source pauses.`);
    else this.#options.onEvent('info', `The queue of ${setName} has room again, and its source goes on.`);
    this.#reports.standing();
    this.#options.onChanged();
  }

  #tellTaken(): void {
    const { intake } = this.#stages;
    if (intake.unflushedStreamBytes <= MOST_UNFLUSHED_STREAM_BYTES) this.#reports.taken(intake.streamBytes);
  }

  #paceLink(): void {
    const { link } = this.#reports;
    if (link === null) return;
    const { isBlocked, unflushedBytes, unflushedStreamBytes } = this.#stages.intake;
    if (isBlocked || unflushedBytes + unflushedStreamBytes > MAX_UNFLUSHED_BYTES) link.pause();
    else link.resume();
  }
}
