/* One class, kept whole: it joins the stages of a connection to what decides about them, and most of its lines are that wiring. */
import type { ConnectionSettings, MirrorOptions } from '../../../api/index.ts';
import { ReplicationError, Wake } from '../../../base/index.ts';
import type { BlockHasher } from '../../fs/index.ts';
import type { LineMeter } from '../../transmit/index.ts';
import type { ConnectionCommand, ConnectionSpec, EngineEvent, EngineIdentity, Volume } from '../replicator-api.ts';
import { AutoDisconnect } from './auto-disconnect.ts';
import { assembleSource, type SourceStages } from './assemble-source.ts';
import { heard } from './from-capture.ts';
import { isHeldBack } from './group-rules.ts';
import { Halting } from './halting.ts';
import { cutHelpers } from './cut-helpers.ts';
import { LinkAttempts } from './link-attempts.ts';
import { linkOptions } from './link-facts.ts';
import { LinkEnded } from './link-flow.ts';
import { LinkRun } from './link-run.ts';
import { PlanControl } from './plan-control.ts';
import { PreservedView } from './preserved-view.ts';
import type { FromCapture, FromSource, ToSource } from './source-protocol.ts';
import type { Scouts } from './scout.ts';
import { RootMemory } from './root-memory.ts';
import { SourceStatus, type SourceState } from './source-status.ts';
import { Parking } from './parking.ts';
import { obey } from './source-orders.ts';
import { SourceView } from './source-view.ts';
import { VerifyControl } from './verify-control.ts';
import { TransmissionControl } from './transmission-control.ts';
import { Watching } from './watching.ts';

/** A root that is not there is looked for this often. */
const ROOT_LOOK_MS = 2_000;

export interface SourceSessionOptions {
  readonly spec: ConnectionSpec;
  readonly identity: EngineIdentity;
  readonly volumes: readonly Volume[];
  readonly catalogFile: string;
  readonly verifyFolder: string;
  readonly planFolder: string;
  readonly queueFolder: string;
  readonly mirror: MirrorOptions | null;
  readonly isNew: boolean;
  readonly hasRun: boolean;
  readonly hasher: BlockHasher;
  readonly scouts: Scouts;
  readonly meter: LineMeter;
  readonly isGateOpen: boolean;
  readonly post: (message: FromSource) => void;
}

/**
 * The source's side of one connection: takes notices and orders, keeps the statuses, halts with a question when the source's roots are
 * not what they were, and comes back when a link was lost. Everything that is kept for a restart is in the catalog.
 */
export class SourceSession {
  readonly #options: SourceSessionOptions;
  readonly #stages: SourceStages;
  readonly #run: LinkRun;
  readonly #preserved: PreservedView;
  readonly #verify: VerifyControl;
  readonly #plans: PlanControl;
  readonly #view: SourceView;
  readonly #status = new SourceStatus(new Date().toISOString());
  readonly #rootMemory: RootMemory;
  readonly #transmission: TransmissionControl;
  readonly #autoDisconnect: AutoDisconnect;
  readonly #parking: Parking;
  readonly #watching: Watching;
  readonly #halting: Halting;
  readonly #attempts: LinkAttempts;
  readonly #wake = new Wake();
  readonly #stop = new AbortController();
  /** Replaced whole by `configure`; stages ask for it each time. */
  #settings: ConnectionSettings;
  #isGateOpen: boolean;
  #isReleasing = false;
  /** As it was at the end: the files are closed then. */
  #lastState: SourceState | null = null;
  #isReleased = false;
  /** Where the schedule lets nothing go, nothing is found before it does. */
  readonly #isFindingOut = () => this.#isGateOpen && (!this.#watching.isComplete || this.#stages.mirrors.isComparing);

  constructor(options: SourceSessionOptions) {
    this.#options = options;
    const { spec, post } = options;
    this.#settings = spec.settings;
    this.#isGateOpen = options.isGateOpen;
    this.#stages = assembleSource({
      ...options,
      settings: () => this.#settings,
      breathe: () => this.#run.flow.breathe(),
      drain: () => this.#run.flow.drain(),
      rest: () => this.#run.flow.rest(),
      isFull: () => this.#run.flow.isFull(),
      isOfLink: (error) => this.#run.flow.isEnd(error),
      pause: () => this.#run.flow.pause(),
      wantSize: () => post({ kind: 'calculate' }),
      planning: {
        plan: (mirror) => this.#plans.startForMirror(mirror),
        dropPlan: () => this.#plans.drop(),
        onLimited: ({ cause, effect, nextStep }) => this.#event('warning', `${cause} ${effect} ${nextStep}`),
      },
      ...cutHelpers(() => this.#settings.hooks, post),
      onProblem: (text) => this.#event('warning', text),
      isUnwatched: () => !this.#watching.isComplete,
      onQueueLost: (loss) => {
        if (loss.kind === 'damaged') this.#watching.compareBecause('Waiting changes could not be read back from disk.');
        else {
          this.#autoDisconnect.queueLost(loss);
          this.#parking.leftByItself();
        }
      },
    });
    this.#rootMemory = new RootMemory(this.#stages.catalog, this.#stages.roots);
    this.#transmission = new TransmissionControl(this.#status, spec.hold, (text) => this.#event('warning', text));
    this.#watching = new Watching(
      {
        stages: this.#stages,
        isFollowing: () => this.#autoDisconnect.isFollowing,
        recapture: () => post({ kind: 'recapture' }),
        endCapture: () => post({ kind: 'end-capture' }),
        event: (severity, text) => this.#event(severity, text),
      },
      !options.isNew,
    );
    this.#halting = new Halting({
      stages: this.#stages,
      rootMemory: this.#rootMemory,
      watching: this.#watching,
      wake: () => this.#wake.signal(),
      event: (severity, text) => this.#event(severity, text),
    });
    this.#autoDisconnect = new AutoDisconnect({
      stages: this.#stages,
      settings: () => this.#settings.queue,
      capture: {
        isReady: () => this.#watching.isReady,
        isComplete: () => this.#watching.isComplete,
        restart: () => this.#watching.restart(),
        end: () => this.#watching.end(),
      },
      event: (severity, text) => this.#event(severity, text),
    });
    this.#parking = new Parking({
      transmission: this.#transmission,
      autoDisconnect: this.#autoDisconnect,
      isFindingOut: this.#isFindingOut,
      dropQuestions: () => {
        this.#verify.stopBecause('The connection was parked.');
        this.#plans.drop();
      },
      wake: () => this.#wake.signal(),
    });
    this.#run = new LinkRun(
      this.#stages,
      {
        status: this.#status,
        targetName: spec.targetName,
        mustEnd: () => this.#mustBeClosed,
        onTargetFull: (isFull) => this.#transmission.targetFull(isFull, spec.targetName),
        mustWait: () => this.#autoDisconnect.mustWait || this.#status.transmission.kind === 'waiting',
        isHeld: () => this.#isHeld(),
        holdWritersMs: () => (this.#settings.capture.ranges ? this.#settings.capture.holdWritersMs : 0),
        isGateOpen: () => this.#isGateOpen,
        isFindingOut: this.#isFindingOut,
        isReleasing: () => this.#isReleasing,
        onCatalogBehind: () => this.#catalogBehind(),
        onWelcome: () => {
          this.#autoDisconnect.linkUp();
          this.#watching.compareIfDue();
          this.#stages.requests.volumes().then(
            (volumes) => this.#preserved.answered(volumes),
            () => undefined, // the link went; the next one asks again
          );
        },
        onTurn: () => this.#parking.look(),
        atCut: (cut) => this.#parking.atCut(cut),
        autoDisconnect: this.#autoDisconnect,
        onLoss: () => this.#preserved.tell(),
        onReleased: () => {
          this.#isReleased = true;
        },
        event: (severity, text) => this.#event(severity, text),
      },
      this.#wake,
      this.#stop.signal,
    );
    this.#attempts = new LinkAttempts({
      status: this.#status,
      problems: this.#stages.problems,
      targetName: spec.targetName,
      event: (severity, text) => this.#event(severity, text),
    });
    this.#preserved = new PreservedView({
      connectionId: spec.id,
      mapped: spec.roots,
      roots: this.#stages.roots,
      losses: this.#stages.targetLosses,
      post: (report) => post({ kind: 'preserved', report }),
    });
    this.#preserved.tell();
    this.#verify = new VerifyControl({
      folder: options.verifyFolder,
      about: { ...spec, connectionId: spec.id },
      stages: this.#stages,
      hasher: options.hasher,
      isSending: () => !this.#halting.isHalted && this.#status.transmission.kind === 'active' && this.#stages.outbox.isOpen,
      isHeld: (place) => isHeldBack(this.#stages, place),
      wake: () => this.#wake.signal(),
      event: (severity, text) => this.#event(severity, text),
    });
    this.#plans = new PlanControl({
      folder: options.planFolder,
      about: { ...spec, connectionId: spec.id },
      stages: this.#stages,
      settings: () => this.#settings,
      event: (severity, text) => this.#event(severity, text),
    });
    this.#view = new SourceView({
      stages: this.#stages,
      status: this.#status,
      run: this.#run,
      transmission: this.#transmission,
      autoDisconnect: this.#autoDisconnect,
      parking: this.#parking,
      watching: this.#watching,
      halting: this.#halting,
      verify: this.#verify,
      plans: this.#plans,
    });
  }

  /** Runs until `stop` or until a disconnect has ended. Throws only for a bug. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    const failures: unknown[] = [];
    try {
      this.#begin();
      this.#halting.haltIf(() => this.#rootMemory.adopt());
      while (!this.#isReleased) {
        signal.throwIfAborted();
        if (this.#mustRest()) {
          // A stop, a halt and the schedule have closed the link; a capture that only starts has not.
          if (this.#mustBeClosed || this.#isHeld()) this.#attempts.stopped();
          await this.#wake.wait(signal, this.#halting.isHalted ? ROOT_LOOK_MS : undefined);
          this.#halting.lookForRoots();
          continue;
        }
        this.#attempts.begin();
        try {
          const options = linkOptions(this.#options.spec, this.#options.identity, this.#stages.packer);
          await this.#run.use(options, (clockSkewMs) => this.#attempts.succeeded(clockSkewMs));
        } catch (error) {
          // What the target said of its queue is told anew with the next link.
          this.#transmission.lift('target-full');
          this.#autoDisconnect.linkLost();
          if (!(error instanceof LinkEnded)) await this.#linkFailed(error);
        }
      }
    } catch (error) {
      if (!signal.aborted) failures.push(error);
    }
    failures.push(...(await this.#close()));
    if (failures.length > 0) throw failures[0];
  }

  #begin(): void {
    const { spec, isNew, hasRun, mirror } = this.#options;
    const { mirrors } = this.#stages;
    if (!isNew) {
      mirrors.planAgain();
      if (!hasRun) this.#autoDisconnect.started();
    } else if (mirror === null) mirrors.owe();
    else mirrors.start(mirror);
    if (spec.park !== null) this.#parking.order(spec.park);
    this.#stages.catalog.commit();
    this.#options.post({ kind: 'begun' });
  }

  /** The thread goes on with other connections: whatever fails, nothing stays open. Returns what failed. */
  async #close(): Promise<unknown[]> {
    const { catalog, clones, spill, sync } = this.#stages;
    const failures: unknown[] = [];
    const attempt = async (step: () => unknown): Promise<void> => {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    };
    await attempt(() => Promise.all([this.#verify.close(), this.#plans.close()]));
    await attempt(() => (this.#lastState = this.#view.read()));
    for (const stage of [sync, clones, catalog, spill]) await attempt(() => stage.close());
    return failures;
  }

  stop(): void {
    this.#stop.abort(new LinkEnded());
  }

  /** Tells the target to finish what it has and forget the replica; then `run` ends. What was not sent is dropped. */
  disconnect(): void {
    this.#isReleasing = true;
    this.#stages.queue.clear();
    this.#stages.transfers.clear();
    this.#wake.signal();
  }

  setGate(isOpen: boolean): void {
    this.#isGateOpen = isOpen;
    this.#parking.look();
    this.#wake.signal();
  }

  get isReleased(): boolean {
    return this.#isReleased;
  }

  command(command: ConnectionCommand): void {
    obey(command, {
      stages: this.#stages,
      run: this.#run,
      transmission: this.#transmission,
      autoDisconnect: this.#autoDisconnect,
      parking: this.#parking,
      halting: this.#halting,
      verify: this.#verify,
      plans: this.#plans,
      settings: () => this.#settings,
      configure: (settings) => this.#configure(settings),
    });
    this.#wake.signal();
  }

  /** Whether the application stands still for a cut that is sought, or what becomes of it as another connection's too. */
  aboutCut(message: ToSource & { readonly kind: 'freeze-answer' | 'common-cut' }): void {
    if (message.kind === 'common-cut') this.#stages.common.heard(message.order);
    else this.#stages.freezing.answered(message.barrier, message.answer);
    this.#wake.signal();
  }

  calculated(size: { files: number; bytes: number }): void {
    this.#stages.mirrors.calculated(size);
  }

  fromCapture(message: FromCapture): void {
    heard(message, {
      stages: this.#stages,
      rootMemory: this.#rootMemory,
      watching: this.#watching,
      autoDisconnect: this.#autoDisconnect,
      halting: this.#halting,
    });
    this.#wake.signal();
  }

  /** Another number when it did anything, or heard of anything, that its state may show. */
  get turns(): number {
    return this.#wake.turns;
  }

  state(): SourceState {
    return this.#lastState ?? this.#view.read();
  }

  #mustRest(): boolean {
    if (this.#isReleasing) return false;
    if (this.#halting.isHalted || this.#transmission.isStopped || this.#isHeld()) return true;
    // Nobody is to find a replica changed that he holds: it comes back when he lets go.
    if (this.#autoDisconnect.isApart) return !this.#autoDisconnect.mayReturn || this.#transmission.list().length > 0;
    return !this.#watching.isReady;
  }

  /** By the schedule. A pause needs the link for its cut, which is no data; a release too. */
  #isHeld(): boolean {
    return !this.#isGateOpen && this.#status.transmission.kind === 'active' && !this.#isReleasing;
  }

  /** The link may not be up. */
  get #mustBeClosed(): boolean {
    return this.#transmission.isStopped || this.#halting.isHalted || this.#autoDisconnect.isApart;
  }

  /** Waits before the next attempt; throws what only a person or a mended program can end. */
  async #linkFailed(error: unknown): Promise<void> {
    if (this.#stop.signal.aborted || this.isReleased) return;
    if (this.#isReleasing && error instanceof ReplicationError && error.code === 'not-admitted') {
      // The answer to the release was lost with the link: the target has forgotten us, as it was asked to.
      this.#isReleased = true;
      return;
    }
    if (!(error instanceof ReplicationError) || error.code === 'internal') throw error;
    if (error.code === 'source-vanished' || error.code === 'mass-change') {
      this.#halting.haltWith(error);
      return;
    }
    await this.#untilNextAttempt(this.#attempts.failed(error));
  }

  /** Changes ring all the time and hasten nothing; only an order to rest or to take leave does. */
  async #untilNextAttempt(delayMs: number): Promise<void> {
    const endMs = performance.now() + delayMs;
    const wasReleasing = this.#isReleasing;
    while (!this.#mustRest() && this.#isReleasing === wasReleasing) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return;
      await this.#wake.wait(this.#stop.signal, leftMs);
    }
  }

  /** The catalog was lost, restored or damaged: only the target can tell what it has. */
  #catalogBehind(): void {
    const { mirrors } = this.#stages;
    if (mirrors.status().kind !== 'idle') return;
    this.#event('warning', 'What is known of the target is older than what it received; every file of both sides is compared.');
    mirrors.start({ kind: 'checksum' });
    this.#watching.isCompared();
  }

  #configure(settings: ConnectionSettings): void {
    const before = JSON.stringify(this.#settings.capture);
    this.#settings = settings;
    // While it halts nothing is captured; it begins with the new settings when it goes on.
    if (!this.#halting.isHalted && JSON.stringify(settings.capture) !== before) this.#watching.anew();
  }

  #event(severity: EngineEvent['severity'], text: string): void {
    this.#options.post({ kind: 'event', severity, text });
  }
}
