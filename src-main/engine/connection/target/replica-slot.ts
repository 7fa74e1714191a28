/* One life of a replica, from admission to release, kept whole: each state names all that may follow. */
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ReplicaSettings, ReplicaSnapshot } from '../../../api/index.ts';
import { BackOff, durableStep, rawName, ReplicationError, toReplicationError } from '../../../base/index.ts';
import type { AbsolutePath } from '../../model/index.ts';
import type { Received, SourceMessage } from '../../wire/index.ts';
import type { EngineEvent, ReplicaSpec } from '../replicator-api.ts';
import { Certifier, standingOf } from './certifier.ts';
import { Completeness } from './completeness.ts';
import type { Hold } from './hold.ts';
import { HoldOrder } from './hold-order.ts';
import { DriftWatch } from './drift-watch.ts';
import { ReplicaRun } from './replica-run.ts';
import { NO_FIGURES, ReplicaView, stateForFile } from './replica-view.ts';
import type { LeftoverAnswer, LeftoverQuestion } from './leftovers.ts';
import type { WaitingProblem } from './problem.ts';
import type { SlotOptions } from './slot-options.ts';
import { driftText, forSource, nobody, sentence } from './slot-words.ts';
import { RevertSide } from './snapshots/revert-side.ts';
import { Snapshotter } from './snapshots/snapshotter.ts';
import { StateFile } from './state-file.ts';
import type { CertifyOrder } from './target-messages.ts';
import type { LinkOwner, TargetLink } from './target-link.ts';

const CHECK_MS = 200;

/**
 * An admitted replica for as long as it is admitted: opens it, opens it again after a failure, and joins it to the one link of its
 * source. waiting-for-source ⇄ receiving; either → retrying while something hinders the work; released is the end.
 */
export class ReplicaSlot implements LinkOwner {
  readonly #options: SlotOptions;
  readonly #stopping = new AbortController();
  #run: ReplicaRun | null = null;
  #openProblem: WaitingProblem | null = null;
  #link: TargetLink | null = null;
  #figures = NO_FIGURES;
  /** Replaced whole by `configure`; what is open asks for it each time. */
  #settings: ReplicaSettings;
  #losses: ReplicaSnapshot['losses'] = [];
  readonly #drift: DriftWatch;
  #isReleasing = false;
  #isReleased = false;
  #ended: Promise<void> = Promise.resolve();
  readonly #hold: HoldOrder;
  readonly #view: ReplicaView;
  readonly #stateFile: StateFile;
  readonly #certifier: Certifier;
  readonly #completeness: Completeness;
  readonly snapshots: Snapshotter;
  readonly reverts: RevertSide;
  #working: Promise<unknown> = Promise.resolve();

  constructor(options: SlotOptions) {
    this.#options = options;
    this.#settings = options.spec.settings;
    this.#view = new ReplicaView(options.spec);
    this.#hold = new HoldOrder(this.#folder, () => this.#holdChanged());
    this.#completeness = new Completeness(`${this.#folder}/completeness.json`);
    this.snapshots = new Snapshotter({
      spec: options.spec,
      folder: options.snapshots,
      completeness: this.#completeness,
      run: () => this.#opened,
      onWantsStand: () => this.#holdChanged(),
      onChanged: () => this.#options.onChanged(),
    });
    this.reverts = new RevertSide({
      setName: options.spec.setName,
      folder: this.#folder,
      completeness: this.#completeness,
      figures: () => this.#opened.figures,
      lastFigures: () => this.#figures,
      isLinked: () => this.#link !== null,
      isHoldOrdered: () => this.#hold.current !== null,
      close: () => {
        this.#certifier.moving();
        this.#link?.destroy();
        this.#run?.stop();
        return this.#working;
      },
    });
    this.#stateFile = new StateFile(
      `${this.#folder}/replica.json`,
      () => stateForFile(this.snapshot()),
      (error) => {
        this.#event('warning', `The state file of the replica could not be written. ${sentence(toReplicationError(error))}`);
      },
    );
    this.#certifier = new Certifier({
      ...options.proof,
      spec: options.spec,
      folder: this.#folder,
      settings: () => this.#settings,
      otherRoots: options.leftovers.otherRoots,
      standing: () => (this.#run === null ? null : standingOf(this.#run, this.#hold.current)),
      hold: () => this.#hold.current,
      onChanged: () => this.#options.onChanged(),
      onEvent: (severity, text) => this.#event(severity, text),
    });
    this.#drift = new DriftWatch({
      file: `${this.#folder}/drift`,
      onFirst: (entry) => this.#event('warning', driftText(entry)),
    });
  }

  get spec(): ReplicaSpec {
    return this.#options.spec;
  }

  configure(settings: ReplicaSettings): void {
    this.#settings = settings;
    this.#run?.configured();
    this.#certifier.changed();
    this.#options.onChanged();
  }

  /** A person has seen the drift. */
  acceptDrift(): void {
    this.#drift.accept();
    this.#options.onChanged();
  }

  /** Opens the replica, now and after each failure, until `stop` or a release. */
  start(): void {
    this.#ended = this.#supervise();
  }

  snapshot(): ReplicaSnapshot {
    if (this.#run !== null) {
      this.#figures = this.#run.figures;
      this.#losses = this.#run.losses;
    }
    return this.#view.snapshot({
      isReleased: this.#isReleased,
      isLinked: this.#link !== null,
      problem: this.#openProblem ?? this.#run?.problem ?? null,
      figures: this.reverts.shown(this.#figures),
      hold: this.#hold.current,
      settings: this.#settings,
      losses: this.#losses,
      drift: this.#drift.drift,
      certificates: this.#certifier.certificates,
      snapshots: this.snapshots.figures(this.#figures.appliedSequence),
    });
  }

  /**
   * Holds the replica, or lets it go on with null. Resolves when the order is on disk; it takes effect at the end of the group that is
   * being applied. Rejects with coded errors of the disk, and with `snapshot-running` while it is set back; nothing has changed then.
   */
  hold(hold: Hold | null): Promise<void> {
    return this.#hold.set(hold, () => {
      if (hold !== null && this.reverts.lent !== null) throw new ReplicationError('snapshot-running', {});
      if (this.#isReleased) throw new ReplicationError('unknown-connection', { connection: this.spec.connectionId });
    });
  }

  /** Throws why it is not accepted: `replica-moving`, `certificate-running`, `no-certificate-run`, or what keeps the replica closed. */
  certify(order: CertifyOrder): void {
    if (order.kind === 'stop') this.#certifier.stop();
    else if (this.#run === null) throw this.#closed();
    else this.#certifier.start(order.startedBy, order.isFull);
  }

  certificateDeleted(): void {
    this.#certifier.deleted();
  }

  /** A link whose hello names this replica. A second one takes the place of the first. Throws the refusal. */
  accept(link: TargetLink): void {
    if (link.fingerprint?.toUpperCase() !== this.spec.sourceFingerprint.toUpperCase() || this.#isReleasing) {
      throw new ReplicationError('not-admitted', { connection: this.spec.connectionId });
    }
    const run = this.#run;
    if (run === null) {
      throw forSource(this.#closed());
    }
    if (this.#link !== null) {
      this.#link.handTo(nobody);
      this.#link.destroy();
      run.detach();
    }
    this.#link = link;
    link.handTo(this);
    // Rejects only when the run or the link ends, which is told elsewhere.
    run.attach(link).catch(() => undefined);
    this.#changed();
  }

  received(received: Received<SourceMessage>): void {
    const { message } = received;
    if (message.kind === 'hello') throw new ReplicationError('protocol-error', { text: 'hello came twice' });
    if (message.kind === 'alive') return; // its arrival was its meaning
    if (message.kind === 'release') void this.#releaseForSource();
    else if (!this.#isReleasing) this.#run?.received(message, received);
  }

  closed(error: ReplicationError | null): void {
    this.#link = null;
    this.#run?.detach();
    if (error?.code === 'protocol-error') {
      this.#event('error', `The link from ${this.spec.sourceName} was closed. ${sentence(error)}`);
    }
    this.#changed();
  }

  /** Throws `busy` while the replica is closed for the moment. */
  ask(question: LeftoverQuestion): LeftoverAnswer {
    return this.#opened.ask(question);
  }

  get places(): readonly AbsolutePath[] {
    return this.spec.roots.map(({ to }) => rawName(to));
  }

  /** Ends the replica here: applies what was received if that can be done now, forgets the queue. Deletes no file of the replica. */
  async release(): Promise<void> {
    this.#isReleasing = true;
    this.#link?.refuse(new ReplicationError('not-admitted', { connection: this.spec.connectionId }));
    await this.snapshots.close();
    // Whoever gives the replica up means its hold as well.
    this.#run?.hold(false);
    await this.#whenAllApplied(false);
    await this.#finish();
  }

  /** Closes link and files; the queue is kept. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#link?.destroy();
    this.#run?.stop();
    await this.snapshots.close();
    await this.#certifier.close();
    await this.#ended;
    await this.#stateFile.close();
  }

  /** The source takes leave: what it sent is applied, however long that takes, then it is told. */
  async #releaseForSource(): Promise<void> {
    if (this.#isReleasing) return;
    this.#isReleasing = true;
    const link = this.#link;
    await this.snapshots.close();
    if (!(await this.#whenAllApplied(true))) {
      this.#isReleasing = false;
      return;
    }
    // Told last: a source that was told forgets us, and nobody would come again to have the rest deleted.
    await this.#finish();
    link?.send({ kind: 'released' });
    link?.end();
  }

  /** False when it could not be waited for: the service stops, or (not `isPatient`) the disk has no room. */
  async #whenAllApplied(isPatient: boolean): Promise<boolean> {
    for (;;) {
      if (this.#stopping.signal.aborted) return false;
      if (!isPatient && (this.#run === null || this.#run.problem !== null)) return false;
      const applied = this.#run?.whenAllApplied().then(
        () => true,
        () => false,
      );
      const isApplied = await Promise.race([applied ?? false, delay(CHECK_MS, false)]);
      if (isApplied) return true;
      // The run ended while we waited: its successor goes on.
      if (this.#run === null) await delay(CHECK_MS);
    }
  }

  async #finish(): Promise<void> {
    this.#isReleased = true;
    this.#stopping.abort();
    this.#run?.stop();
    await this.#certifier.close();
    await this.#ended;
    await this.#stateFile.close();
    durableStep('target.release.begin');
    rmSync(this.#folder, { recursive: true, force: true });
    this.#options.onReleased();
  }

  #isOver(): boolean {
    return this.#stopping.signal.aborted;
  }

  get #folder(): string {
    return `${this.#options.folder}/${this.spec.connectionId}`;
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stopping;
    const backOff = new BackOff({ firstMs: 500, mostMs: 10_000 });
    while (!this.#isOver()) {
      let error: ReplicationError;
      try {
        if (this.reverts.lent !== null) await this.reverts.lent;
        // Mostly there is nothing to wait for, and a source may come in the next moment.
        const waiting = this.#options.beforeOpen(this.places);
        if (waiting !== null) await waiting;
        if (this.#isOver()) return;
        if (this.reverts.lent !== null) continue;
        const run = this.#open();
        const openedMs = performance.now();
        const working = this.#work(run);
        this.#working = working.catch(() => undefined);
        error = await working;
        if (performance.now() - openedMs > 60_000) backOff.reset();
      } catch (reason) {
        error = toReplicationError(reason);
      }
      if (this.#isOver()) return;
      if (this.reverts.lent !== null) continue;
      this.#fail(error);
      await delay(backOff.next(), undefined, { signal }).catch(() => undefined);
    }
  }

  #open(): ReplicaRun {
    const run = new ReplicaRun({
      connectionId: this.spec.connectionId,
      ...{ roots: this.places, namesInside: this.spec.namesInside },
      folder: this.#folder,
      hasher: this.#options.hasher,
      flushes: this.#options.flushes,
      turns: this.#options.turns,
      drift: this.#drift,
      leftovers: { ...this.#options.leftovers, setName: this.spec.setName },
      settings: () => this.#settings,
      completeness: this.#completeness,
      isHoldOrdered: this.#isToStand,
      onMoving: () => {
        this.#certifier.moving();
        this.snapshots.moving();
      },
      onChanged: () => this.#changed(),
      onEvent: (severity, text) => this.#event(severity, text),
    });
    this.#run = run;
    this.#openProblem = null;
    this.#changed();
    return run;
  }

  /** Resolves with the reason when the run has ended and its files are closed. */
  async #work(run: ReplicaRun): Promise<ReplicationError> {
    let error = new ReplicationError('internal', { text: 'the replica was stopped' });
    try {
      await run.run();
    } catch (reason) {
      error = toReplicationError(reason);
    }
    this.#figures = run.figures;
    this.#run = null;
    await run.close(this.#isReleased);
    return error;
  }

  #fail(error: ReplicationError): void {
    if (this.#openProblem?.code !== error.code) {
      this.#openProblem = { code: error.code, details: error.details, since: new Date().toISOString() };
      this.#event(
        'error',
        `The replica of ${this.spec.setName} from ${this.spec.sourceName} is closed for the moment. ${sentence(error)}`,
      );
    }
    this.#link?.fail(forSource(error));
    this.#changed();
  }

  #changed(): void {
    this.#options.onChanged();
    if (this.#isReleased || this.#run === null) return;
    this.#stateFile.changed();
    this.#certifier.changed();
  }

  /** By a person's order, or while a snapshot is taken. */
  get #isToStand(): boolean {
    return this.#hold.current !== null || this.snapshots.wantsStand;
  }

  #holdChanged(): void {
    this.#run?.hold(this.#isToStand);
    this.#changed();
  }

  get #opened(): ReplicaRun {
    if (this.#run === null) throw this.#closed();
    return this.#run;
  }

  /** What keeps it from being open. */
  #closed(): ReplicationError {
    return new ReplicationError(this.#openProblem?.code ?? 'busy', this.#openProblem?.details ?? {});
  }

  #event(severity: EngineEvent['severity'], text: string): void {
    this.#options.onEvent({ severity, connectionId: this.spec.connectionId, text });
  }
}
