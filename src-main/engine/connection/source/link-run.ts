/* One loop, kept whole: whose turn it is, and what each turn leaves to the next, is seen only side by side. */
import type { ConnectionId, Cut } from '../../../api/index.ts';
import { durableStep, ReplicationError, showName, type Wake } from '../../../base/index.ts';
import type { Place } from '../../model/index.ts';
import { Link, type LinkOptions } from '../../transmit/index.ts';
import type { TargetMessage } from '../../wire/index.ts';
import type { QueueItem } from '../../queue/index.ts';
import type { SourceStages } from './assemble-source.ts';
import type { AutoDisconnect } from './auto-disconnect.ts';
import { InstantCut } from './copies/instant-cut.ts';
import { queueFolders } from './disturbed-folders.ts';
import { Doubts } from './doubts.ts';
import { queueDueRemovals } from './due-removals.ts';
import { FromTarget, type TargetListener } from './from-target.ts';
import { LinkEnded, LinkFlow, SLICE_MS, type FlowOwner } from './link-flow.ts';
import { RepeatPace } from './repeat-pace.ts';
import type { SourceStatus } from './source-status.ts';
import { Standstill } from './standstill.ts';
import { Sweeps } from './sweeps.ts';
import type { Lane } from './transfer.ts';
import { Turns } from './turns.ts';

/** What large files wait for may come without a word. */
const LOOK_MS = 100;

/** What a run over a link asks of the session that owns it. */
export interface LinkOwner extends FlowOwner, TargetListener {
  readonly status: SourceStatus;
  /** The link stays up, and nothing is sent over it. */
  mustWait(): boolean;
  /** How long writers of large files may be held for a cut; 0: they are not. */
  holdWritersMs(): number;
  /** The schedule lets changes go: a cut may wait for them. */
  isGateOpen(): boolean;
  /** Whether the replica has all, and what follows when it was set back. */
  readonly autoDisconnect: Pick<AutoDisconnect, 'hasAll' | 'reverted'>;
  /** What changed while nobody watched is being looked for. */
  isFindingOut(): boolean;
  /** The target knows ops that the catalog does not. */
  onCatalogBehind(): void;
  /** The catalog agrees with the target; a comparison that waits can start. */
  onWelcome(): void;
  /** Between two steps of work. */
  onTurn(): void;
  /** The target stands still at this cut of a pause. */
  atCut(cut: Cut): void;
  event(severity: 'info' | 'warning' | 'error', text: string): void;
}

/**
 * Sends over one link after another: brings the catalog in line with what the target received, then takes queued changes and mirror
 * steps in turn, and stands still at a pause. One loop; it ends by throwing.
 */
export class LinkRun {
  readonly #stages: SourceStages;
  readonly #owner: LinkOwner;
  readonly #wake: Wake;
  readonly #signal: AbortSignal;
  readonly #flow: LinkFlow;
  readonly #instantCut: InstantCut;
  readonly #standstill: Standstill;
  readonly #fromTarget: FromTarget;
  readonly #sweeps = new Sweeps();
  readonly #doubts: Doubts;
  /** Ops after this one were sent to a target that did not understand us. */
  #mistrustedAfter = Infinity;
  /** The last op of a mirror that is sent and not yet applied. */
  #mirrorEnd: number | null = null;
  readonly #turns = new Turns();
  readonly #repeatPace: RepeatPace;
  /** What the target was told last of the replica; null: nothing over this link. */
  #toldWhole: boolean | null = null;
  #lastPath: Place | null = null;

  constructor(stages: SourceStages, owner: LinkOwner, wake: Wake, signal: AbortSignal) {
    this.#stages = stages;
    this.#owner = owner;
    this.#wake = wake;
    this.#signal = signal;
    this.#doubts = new Doubts(stages);
    this.#repeatPace = new RepeatPace({ catalog: stages.catalog, inFlight: stages.outbox.inFlight });
    this.#flow = new LinkFlow(stages.outbox, owner, wake, signal, () => stages.transfers.isMidFile);
    this.#instantCut = new InstantCut({
      stages,
      doubts: this.#doubts,
      flow: this.#flow,
      wake,
      signal,
      follow: (item) => this.#followNow(item),
      sendFolderTimes: () => this.#sendFolderTimes(),
    });
    this.#standstill = new Standstill({
      stages,
      doubts: this.#doubts,
      instantCut: this.#instantCut,
      status: owner.status,
      flow: this.#flow,
      wake,
      signal,
      holdWritersMs: () => owner.holdWritersMs(),
      isGateOpen: () => owner.isGateOpen(),
      mustFindOut: () => stages.common.isOrdered && owner.isFindingOut(),
      follow: (item) => this.#follow(item),
      sendPiece: () => this.#sendPiece('live'),
      sendFolderTimes: () => this.#sendFolderTimes(),
      queuePostponed: () => this.#queuePostponed(),
      atCut: (cut) => owner.atCut(cut),
      event: (severity, text) => owner.event(severity, text),
    });
    this.#fromTarget = new FromTarget({
      stages,
      listener: owner,
      flow: this.#flow,
      standstill: this.#standstill,
      wake,
      onApplied: () => this.#completeMirror(),
    });
  }

  /** How fast the link takes what is sent, for whoever sends. */
  get flow(): LinkFlow {
    return this.#flow;
  }

  /** What was looked at last, for people. */
  get lastPath(): string | null {
    const place = this.#stages.mirrors.at ?? this.#lastPath;
    return place === null ? null : showName(this.#stages.roots.absolute(place));
  }

  /** Connects and sends until the link is lost or must end. Always throws: `LinkEnded`, or what went wrong. */
  async use(options: LinkOptions, onUp: (clockSkewMs: number) => void): Promise<never> {
    this.#flow.begin();
    let isOver = false;
    // What comes right behind the welcome is about what the catalog has when it agrees with the target, and not before.
    let early: [TargetMessage, Uint8Array][] | null = [];
    const link = await Link.connect(
      options,
      {
        onMessage: (message, payload) => {
          if (early === null) this.#fromTarget.heard(message, payload);
          else early.push([message, payload]);
        },
        onClosed: (error) => {
          // A link that we close ourselves tells of it later, when the next one may be under way already.
          if (isOver) return;
          this.#flow.failed(error);
          this.#stages.requests.fail(error);
          this.#wake.signal();
        },
      },
      this.#signal,
    );
    this.#flow.opened(link);
    try {
      onUp(link.welcome.clockSkewMs);
      this.#welcomed(link);
      const first = early;
      early = null;
      for (const [message, payload] of first) this.#fromTarget.heard(message, payload);
      for (;;) await this.#turn();
    } catch (error) {
      this.#mistrustIf(error);
      throw error;
    } finally {
      isOver = true;
      link.close();
      this.#flow.closed();
      this.#standstill.linkLost();
      this.#mirrorEnd = null;
      this.#stages.outbox.close();
      this.#stages.requests.fail(new ReplicationError('link-lost', {}));
      this.#stages.mirrors.linkLost();
      this.#stages.transfers.linkLost();
    }
  }

  /** A new pause needs a new cut; `common`: see `Standstill`. */
  forgetCut(common: ConnectionId | null = null): void {
    this.#standstill.forgetCut(common);
  }

  /**
   * A target that did not understand what we sent has to be told it anew. All that was under way is in doubt then: what it took for an op may
   * be another than was meant, and it is received all the same.
   */
  #mistrustIf(error: unknown): void {
    if (!(error instanceof ReplicationError) || error.code !== 'protocol-error') return;
    this.#mistrustedAfter = Math.min(this.#mistrustedAfter, this.#stages.outbox.inFlight.received);
  }

  /** Undoes in the catalog what the target never received, and has it looked at again. */
  #welcomed(link: Link): void {
    const { catalog, groups, outbox, queue, requests } = this.#stages;
    const { receivedSequence, appliedSequence } = link.welcome;
    const isBehind = receivedSequence > Math.max(catalog.newestSequence(), Number(catalog.fact('sequence') ?? '0'));
    const places = catalog.rollback(receivedSequence, this.#mistrustedAfter);
    this.#mistrustedAfter = Infinity;
    durableStep('source.catalog.rolled-back');
    outbox.open(this.#stages.ownerNames.over(link), receivedSequence, appliedSequence);
    requests.open();
    if (link.welcome.reverted !== null && link.welcome.reverted !== catalog.fact('reverted')) this.#leaveCut();
    const { transmission } = this.#owner.status;
    groups.linked(transmission.kind === 'paused' ? transmission.cut : null);
    this.#toldWhole = null;
    if (isBehind) this.#owner.onCatalogBehind();
    if (link.welcome.reverted !== null) this.#owner.autoDisconnect.reverted(link.welcome.reverted);
    for (const place of places) queue.examine(place, { content: true, deep: true, isSettled: true }, Date.now());
    if (places.length > 0) this.#doubts.open();
    this.#owner.onWelcome();
  }

  /** The replica was set back: it stands no more at the cut of a pause, and whoever reads it there is to know. */
  #leaveCut(): void {
    const { status } = this.#owner;
    if (status.transmission.kind !== 'paused') return;
    const { cut: _left, ...pause } = status.transmission;
    status.setTransmission({ ...pause, kind: 'pausing' });
  }

  /** One step of work, or one wait for some. */
  async #turn(): Promise<void> {
    this.#flow.check();
    if (this.#owner.isReleasing()) await this.#release();
    if (this.#owner.mustEnd()) throw new LinkEnded();
    this.#flow.endIfHeld();
    // The schedule has its end in the middle of a file, which goes on where it stands: the link stays, and waits.
    if (this.#owner.isHeld()) return this.#flow.drain();
    this.#owner.onTurn();
    this.#tellWhole();
    if (await this.#standstill.step()) return;
    if (this.#owner.mustWait()) return this.#finishPieces();
    if (this.#instantCut.isDue && (await this.#instantCut.attempt())) return;
    this.#queuePostponed();
    await this.#work();
    if (this.#flow.mustBreathe) await this.#flow.breathe();
  }

  /** Before anything of a mirror leaves, and when all of it is applied. */
  #tellWhole(): void {
    const isWhole = this.#owner.autoDisconnect.hasAll;
    if (isWhole === this.#toldWhole) return;
    this.#toldWhole = isWhole;
    this.#stages.outbox.send({ kind: 'whole', isWhole });
  }

  async #work(): Promise<void> {
    const { queue, mirrors, outbox, packer, transfers } = this.#stages;
    const item = queue.peek();
    const has = {
      changes: item !== undefined,
      transfers: transfers.canStep('live'),
      mirror: this.#mayMirror && (transfers.canStep('mirror') || (mirrors.hasWork && !transfers.isMirrorAhead)),
    };
    switch (this.#turns.next(has, packer.totals.wireBytes, outbox.meter.pieceBytes)) {
      case 'changes':
        if (item === undefined || (await this.#awaitLastVersion(item, has.transfers || has.mirror))) return;
        await this.#follow(item);
        return;
      case 'transfers':
        await this.#sendPiece('live');
        return;
      case 'mirror':
        await this.#mirror();
        return;
      case null:
        await this.#rest();
    }
  }

  /** Waits, and returns true, while the target has not applied yet what it was sent of the same file. Nothing else may have to wait for that. */
  async #awaitLastVersion(item: QueueItem, isOtherWork: boolean): Promise<boolean> {
    const { groups, outbox } = this.#stages;
    if (isOtherWork || groups.isOpen || this.#standstill.isTargetHeld) return false;
    const waitMs = this.#repeatPace.waitMs(item);
    if (waitMs === null) return false;
    outbox.flush();
    await this.#wake.wait(this.#signal, waitMs);
    return true;
  }

  /** A target that is held answers no questions, so a mirror waits. */
  get #mayMirror(): boolean {
    const { mirrors } = this.#stages;
    return !mirrors.isPaused && (!this.#standstill.isTargetHeld || mirrors.progress === null);
  }

  /** The target's queue is full: of large files only those that are half there go on, which would else keep their room. */
  async #finishPieces(): Promise<void> {
    const { groups, outbox, transfers } = this.#stages;
    groups.interrupt('transmission waits');
    outbox.flush();
    const lane = (['live', 'mirror'] as const).find((one) => transfers.canStep(one, true));
    if (lane === undefined) await this.#wake.wait(this.#signal);
    else if (await transfers.step(lane, true)) await this.#flow.drain();
  }

  async #sendPiece(lane: Lane): Promise<boolean> {
    const { groups, transfers } = this.#stages;
    // What takes long is held together with nothing.
    groups.walking();
    return transfers.step(lane);
  }

  async #follow(item: QueueItem): Promise<void> {
    this.#stages.groups.following();
    await this.#followNow(item);
  }

  async #followNow(item: QueueItem): Promise<void> {
    const { follower, queue } = this.#stages;
    queue.close(item);
    this.#lastPath = item.kind === 'renamed' ? item.to : item.place;
    await follower.follow(item);
    queue.shift(item);
    this.#sweeps.changed();
  }

  /** Removals, and large files, whose rest is over; also while a mirror runs or changes never cease. */
  #queuePostponed(): void {
    const { disturbedFolders, hotFiles, queue } = this.#stages;
    queueDueRemovals(this.#stages);
    queueFolders(queue, disturbedFolders.takeDue());
    if (hotFiles.size === 0) return;
    for (const place of hotFiles.takeDue()) queue.examine(place, { content: true, deep: false, isSettled: false }, Date.now());
  }

  async #mirror(): Promise<void> {
    const { mirrors, groups, guard, transfers } = this.#stages;
    groups.walking();
    if (mirrors.isComparing || mirrors.status().kind !== 'idle') guard.walked();
    // One file after the other, as they were found; the walk goes on while the target is asked about them.
    const isPiece = transfers.canStep('mirror') && (await transfers.step('mirror'));
    if (!isPiece && (await mirrors.step(SLICE_MS, () => this.#flow.isFull() || transfers.isMirrorAhead))) this.#markMirrorEnd();
    else this.#completeMirror();
    await this.#flow.breathe();
  }

  /** All that the mirror sent ends here; it is complete when the target has applied up to here. */
  #markMirrorEnd(): void {
    const { outbox } = this.#stages;
    this.#sendFolderTimes();
    outbox.flush();
    this.#mirrorEnd = outbox.sequence;
    this.#completeMirror();
  }

  #completeMirror(): void {
    const { mirrors, outbox } = this.#stages;
    mirrors.applied(outbox.inFlight.applied);
    if (!mirrors.isSent || this.#mirrorEnd === null || outbox.inFlight.applied < this.#mirrorEnd) return;
    this.#mirrorEnd = null;
    mirrors.complete();
    this.#owner.event('info', 'The mirror is complete; the target follows the source.');
  }

  /** Nothing to do: everything gathered leaves, then waits for the next change. */
  async #rest(): Promise<void> {
    const { disturbedFolders, hotFiles, groups, outbox, catalog, mirrors, guard, transfers } = this.#stages;
    if (this.#doubts.examine()) return;
    if (transfers.has('live') || (this.#mayMirror && transfers.has('mirror'))) return this.#awaitTransfers();
    this.#sendFolderTimes();
    this.#repeatPace.rested();
    const groupInMs = groups.rest();
    outbox.flush();
    catalog.commit();
    // After a lost link the end is wherever the work comes to rest again.
    if (mirrors.isSent && this.#mirrorEnd === null) this.#markMirrorEnd();
    this.#sweeps.ended();
    if (hotFiles.size === 0 && guard.heldCount === 0) guard.atRest();
    if (hotFiles.size === 0) catalog.settled();
    const sweepInMs = this.#sweeps.dueInMs();
    if (sweepInMs === 0 && groupInMs === null) {
      this.#sweeps.started();
      mirrors.sweep();
      return;
    }
    const due = [hotFiles.nextDueInMs(), disturbedFolders.nextDueInMs(), guard.dueInMs(), sweepInMs, groupInMs];
    const dueInMs = Math.min(...due.map((ms) => ms ?? Infinity));
    await this.#wake.wait(this.#signal, dueInMs === Infinity ? undefined : dueInMs);
  }

  /** Large files are on their way, and wait for the target: nothing is over, and nothing else can be done but what small changes left. */
  async #awaitTransfers(): Promise<void> {
    const { groups, hotFiles, guard, outbox } = this.#stages;
    groups.walking();
    this.#sendFolderTimes();
    outbox.flush();
    const dueInMs = Math.min(hotFiles.nextDueInMs() ?? Infinity, guard.dueInMs() ?? Infinity);
    await this.#wake.wait(this.#signal, Math.min(LOOK_MS, dueInMs));
  }

  async #release(): Promise<never> {
    this.#stages.groups.force('the connection ends');
    this.#stages.outbox.send({ kind: 'release' });
    for (;;) {
      this.#flow.check();
      await this.#wake.wait(this.#signal);
    }
  }

  #sendFolderTimes(): void {
    const { folderTimes, tree } = this.#stages;
    if (folderTimes.size > 0) tree.sendFolderTimes(folderTimes.takeAll());
  }
}
