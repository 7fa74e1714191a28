/* One class, kept whole: what each message, order and end of a thread leaves of the last known state is seen only side by side. */
import type { MessagePort } from 'node:worker_threads';
import type { ConnectionId, ConnectionSettings, ConnectionSnapshot, MirrorOptions, PreservedReport } from '../../../api/index.ts';
import { assertNever, endWorker, rawName, ReplicationError, type Log } from '../../../base/index.ts';
import { Calculator } from '../calculator.ts';
import type { ConnectionCommand, ConnectionSpec, EngineEvent, EngineIdentity, ProgramReport, Volume } from '../replicator-api.ts';
import { isOnOwnDisks } from '../../fs/index.ts';
import { plansIn } from '../../mirror/index.ts';
import { nextVerifyAt, reportsIn } from '../../verify/index.ts';
import { haltFor } from './halts.ts';
import { ApplicationHooks } from './hooks/application-hooks.ts';
import type { FreezeTurns } from './hooks/freeze-turns.ts';
import { keyOf, type CommonCuts } from './common-cuts.ts';
import { expectCommand, holdOf, initialState, parkOf } from './expected-state.ts';
import type { Line, LineMember } from './line.ts';
import type { RunningCapture, SharedCapture } from './shared-capture.ts';
import { bellPath, type FromSource, type ToSource } from './source-protocol.ts';
import type { SourceState } from './source-status.ts';
import type { SourceSeat, SourceThreads } from './source-threads.ts';
import { unwatched } from './unwatched.ts';

/** How long a target is waited for at a disconnect before it is left to find out by itself. */
const RELEASE_MS = 10_000;
const STOP_MS = 5_000;

export interface SourceHostOptions {
  readonly spec: ConnectionSpec;
  readonly number: number;
  readonly mirror: MirrorOptions | null;
  readonly isNew: boolean;
  readonly identity: EngineIdentity;
  readonly volumes: readonly Volume[];
  readonly catalogFile: string;
  readonly verifyFolder: string;
  readonly planFolder: string;
  readonly queueFolder: string;
  readonly log: Log;
  /** What it shares with the other connections to its target; it joins by itself. */
  readonly line: Line;
  readonly onChange: () => void;
  readonly onEvent: (event: EngineEvent) => void;
  /** Shared by all connections of this service. */
  readonly threads: Pick<SourceThreads, 'open'>;
  readonly calculator: Calculator;
  /** Shared by all connections of this service. */
  readonly captures: SharedCapture;
  readonly freezeTurns: FreezeTurns;
  readonly commonCuts: CommonCuts;
  /** Of another connection of this service; null when there is none. */
  readonly hooksOf: (connectionId: ConnectionId) => ConnectionSettings['hooks'] | null;
  readonly onProgram: (report: ProgramReport) => void;
}

/** The main thread's end of one connection on the source: its workers, its orders, its last known state. Never blocks. */
export class SourceHost implements LineMember {
  readonly #options: SourceHostOptions;
  #worker: SourceSeat | undefined;
  #capture: RunningCapture | undefined;
  #calculation: AbortController | undefined;
  #state: SourceState;
  #settings: ConnectionSettings;
  #preserved: PreservedReport | null = null;
  #commandsSent = 0;
  /** The worker has told its state since it was started. */
  #hasState = false;
  #ended: Promise<'released' | 'stopped'> = Promise.resolve('stopped');
  /** What the worker still asks for is not begun any more: nobody would end it. */
  #isEnding = false;
  /** Of a worker that was given up: when it has ended, or is not waited for any longer. */
  #brokenEnded: Promise<void> = Promise.resolve();
  /** When the thread that was started last is gone, however long that takes. */
  #gone: Promise<void> = Promise.resolve();
  #isStartingAgain = false;
  /** Orders that were given while one thread was gone and the next not yet there. */
  readonly #kept: ConnectionCommand[] = [];
  /** An error that may have been its own has escaped in a thread that it shared. */
  #mustBeAlone = false;
  /** How it began is kept in its catalog. */
  #isBegun = false;
  readonly #hooks: ApplicationHooks;

  constructor(options: SourceHostOptions) {
    this.#options = options;
    this.#settings = options.spec.settings;
    const initial = initialState(options.spec, options.mirror, options.isNew, new Date().toISOString());
    this.#state = {
      ...initial,
      verify: { run: null, last: reportsIn(options.verifyFolder).newest() },
      plan: { run: null, last: plansIn(options.planFolder).newest(), question: null },
    };
    this.#hooks = this.#createHooks();
    options.line.join(this);
    this.#start();
  }

  get spec(): ConnectionSpec {
    return this.#options.spec;
  }

  get hookSettings(): ConnectionSettings['hooks'] {
    return this.#settings.hooks;
  }

  get targetFingerprint(): string {
    return this.#options.spec.targetFingerprint;
  }

  get state(): SourceState {
    return this.#state;
  }

  get staysApart(): boolean {
    const { replication } = this.#state;
    return replication === 'parked' || (replication === 'disconnected' && !this.#settings.queue.autoReconnect);
  }

  setGate(isOpen: boolean): void {
    this.#post({ kind: 'gate', isOpen });
  }

  snapshot(): ConnectionSnapshot {
    const { spec, number } = this.#options;
    const { verify } = this.#state;
    return {
      id: spec.id,
      number,
      setName: spec.setName,
      sourceName: spec.sourceName,
      targetName: spec.targetName,
      targetAddress: `${spec.targetHost}:${spec.targetDataPort}`,
      targetFingerprint: spec.targetFingerprint,
      map: spec.map,
      roots: spec.roots,
      warnings: spec.warnings,
      connectedSince: spec.createdAt,
      settings: this.#settings,
      line: this.#options.line.snapshot(),
      ...this.#state,
      verify: {
        ...verify,
        nextAt: nextVerifyAt(this.#settings.verify.everyMinutes, verify.last?.startedAt ?? null, spec.createdAt),
      },
      transmission: this.#transmission(),
      hooks: this.#hooks.snapshot(),
    };
  }

  /** What is preserved between the volumes of both sides, as far as it is known. */
  get preserved(): PreservedReport {
    return this.#preserved ?? { connectionId: this.#options.spec.id, askedAt: null, roots: [] };
  }

  /** The schedule shows only where nobody holds the transmission. */
  #transmission(): ConnectionSnapshot['transmission'] {
    const { transmission } = this.#state;
    const { schedule } = this.#options.line.snapshot();
    if (transmission.kind !== 'active' || schedule.kind !== 'waiting') return transmission;
    return { ...schedule, kind: 'scheduled' };
  }

  /** Throws at once what the last known state forbids; the state shows the order from now on. */
  command(command: ConnectionCommand): void {
    // Right after a restart only the worker knows whether a mirror goes on: it judges then.
    const isUnknown = !this.#hasState && command.kind.endsWith('-mirror');
    if (!isUnknown) this.#state = expectCommand(this.#state, command, new Date().toISOString());
    if (command.kind === 'configure') this.#settings = command.settings;
    if (this.#worker === undefined) {
      // The worker broke; an answer starts it anew.
      if (command.kind === 'answer') void this.#startAgain();
      else if (this.#isStartingAgain) this.#kept.push(command);
    } else this.#handOn(command);
    this.#options.onChange();
  }

  #handOn(command: ConnectionCommand): void {
    this.#commandsSent++;
    this.#joinCommonCut(command);
    this.#post({ kind: 'command', command });
  }

  /** Clean stop; everything is kept for the next start. */
  async close(): Promise<void> {
    this.#post({ kind: 'stop' });
    await this.#within(STOP_MS);
  }

  /** Resolves to whether the target confirmed that it finished and forgot the replica. */
  async disconnect(): Promise<boolean> {
    this.#post({ kind: 'disconnect' });
    return (await this.#within(RELEASE_MS)) === 'released';
  }

  /** Two threads are never at one catalog: one that hangs may go on with it at any time. */
  async #startAgain(): Promise<void> {
    if (this.#isStartingAgain) return;
    this.#isStartingAgain = true;
    await this.#gone;
    this.#isStartingAgain = false;
    if (this.#isEnding) return;
    this.#start();
    for (const command of this.#kept.splice(0)) this.#handOn(command);
  }

  #start(): void {
    const hasRun = this.#isBegun;
    const mirror = hasRun ? null : this.#options.mirror;
    const isNew = !hasRun && this.#options.isNew;
    const { identity, volumes, catalogFile, verifyFolder, planFolder, queueFolder, line } = this.#options;
    // A worker that is started anew keeps a pause and settings that were ordered meanwhile.
    const spec = { ...this.#options.spec, hold: holdOf(this.#state), park: parkOf(this.#state), settings: this.#settings };
    const port = this.#startCapture();
    const folders = { catalogFile, verifyFolder, planFolder, queueFolder };
    const ofLine = { lineMemory: line.meter.memory, isGateOpen: line.isGateOpen };
    const worker = this.#options.threads.open(
      { spec, identity, volumes, ...folders, ...ofLine, mirror, isNew, hasRun, capturePort: port },
      this.#mustBeAlone || this.#mayHang(),
    );
    this.#worker = worker;
    this.#commandsSent = 0;
    this.#hasState = isNew; // a new connection is what it was told to be
    this.#gone = new Promise((resolve) => worker.once('exit', () => resolve()));
    this.#ended = new Promise((resolve) => {
      worker.on('message', (message) => {
        if (message.kind === 'begun') this.#isBegun = true;
        // One that was given up has nothing else to say any more.
        if (this.#worker === worker) this.#received(message);
        if (message.kind === 'disconnected') resolve('released');
        if (message.kind === 'stopped') resolve('stopped');
      });
      worker.on('error', (error) => {
        if (worker.isShared) this.#moveOut(error, worker);
        else this.#broke(error, worker);
      });
      worker.on('exit', () => {
        resolve('stopped');
        if (this.#worker !== worker) return;
        this.#worker = undefined;
        this.#leaveCuts();
      });
    });
  }

  /** A volume that is away, and a directory of users, may not answer for long, and whoever asks can do nothing else meanwhile. */
  #mayHang(): boolean {
    return this.#settings.owners.by === 'name' || this.#isFarAway();
  }

  #isFarAway(): boolean {
    return !this.#options.spec.roots.every(({ from }) => isOnOwnDisks(rawName(from)));
  }

  #startCapture(): MessagePort {
    const { spec, volumes, captures, catalogFile } = this.#options;
    if (spec.isMirrorOnly === true) return unwatched();
    const before = this.#capture;
    const task = {
      setName: spec.setName,
      roots: spec.roots.map((root) => rawName(root.from)),
      rules: spec.rules,
      volumes,
      settings: this.#settings.capture,
      bell: rawName(bellPath(catalogFile)),
    };
    const capture = captures.start(task, (error) => {
      if (this.#capture === capture) this.#broke(error);
    });
    this.#capture = capture;
    // Only now, so that a thread that both can share goes on.
    void before?.end();
    return capture.port;
  }

  async #endCapture(): Promise<void> {
    const capture = this.#capture;
    this.#capture = undefined;
    await capture?.end();
  }

  #received(message: FromSource): void {
    switch (message.kind) {
      case 'state':
        // An older picture must not hide an order that was just given.
        if (message.commandsDone < this.#commandsSent) return;
        this.#state = message.state;
        this.#hasState = true;
        this.#options.onChange();
        return;
      case 'event':
        this.#event(message.severity, message.text);
        return;
      case 'freeze':
        this.#hooks.freeze(message.barrier, message.why, this.#sharedWith(message.common));
        return;
      case 'thaw':
        this.#hooks.thaw(message.barrier, message.cut);
        return;
      case 'common-cut':
        this.#options.commonCuts.heard(this.spec.id, message.report, (order) => this.#post({ kind: 'common-cut', order }));
        return;
      case 'preserved':
        this.#preserved = message.report;
        return;
      case 'calculate':
        if (!this.#isEnding) this.#calculate();
        return;
      case 'broke':
        this.#broke(message.error);
        return;
      case 'recapture': {
        if (this.#isEnding) return;
        const port = this.#startCapture();
        this.#worker?.postMessage({ kind: 'capture', port } satisfies ToSource, [port]);
        return;
      }
      case 'end-capture':
        void this.#endCapture();
        return;
      case 'begun':
      case 'disconnected':
      case 'stopped':
        return;
      default:
        assertNever(message);
    }
  }

  #calculate(): void {
    this.#calculation?.abort();
    const calculation = (this.#calculation = new AbortController());
    const calculator = this.#isFarAway() ? new Calculator() : this.#options.calculator;
    calculator.sum(this.#options.spec.rules, this.#options.volumes, calculation.signal).then(
      ({ files, bytes }) => this.#post({ kind: 'calculated', files, bytes }),
      (error: unknown) => {
        if (calculation.signal.aborted) return;
        // Only the percentage is missing then; the mirror itself reports what it cannot read.
        this.#options.log.warn('the size of a set could not be calculated', {
          set: this.#options.spec.setName,
          error: String(error),
        });
      },
    );
  }

  /** An error ended the thread that it shared. Whose it was shows when each goes on in a thread of its own. */
  #moveOut(error: Error, worker: SourceSeat): void {
    this.#options.log.error('a thread of several connections ended', {
      connection: this.#options.spec.id,
      error: error.stack ?? error.message,
    });
    if (worker !== this.#worker) return;
    this.#mustBeAlone = true;
    this.#worker = undefined;
    this.#event('warning', 'A fault ended the thread that it shared with other connections; it goes on in one of its own.');
    void this.#endCapture();
    this.#leaveCuts();
    void this.#startAgain();
  }

  /** A bug ended a worker: the connection stands still and says so; nothing that was sent is lost, the catalog is on disk. */
  #broke(error: Error, worker = this.#worker): void {
    this.#options.log.error('a worker ended', { connection: this.#options.spec.id, error: error.stack ?? error.message });
    if (worker !== this.#worker) return; // it was given up before, and another may be at its place
    this.#brokenEnded = this.#endWorker();
    void this.#endCapture();
    this.#worker = undefined;
    const halt = haltFor('internal', { text: error.message }, new Date().toISOString());
    this.#state = { ...this.#state, replication: 'halted', halt };
    this.#leaveCuts();
    this.#event('error', `${halt.cause} ${halt.nextStep}`);
    this.#options.onChange();
  }

  async #within(limitMs: number): Promise<'released' | 'stopped'> {
    this.#isEnding = true;
    this.#calculation?.abort();
    // At once: nobody wants a cut any more, and the application is not to wait for the worker.
    const hooksClosed = this.#hooks.close();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'stopped'>((resolve) => {
      timer = setTimeout(resolve, limitMs, 'stopped');
    });
    const result = await Promise.race([this.#ended, late]);
    clearTimeout(timer);
    await Promise.all([this.#endWorker(), this.#brokenEnded, this.#endCapture(), hooksClosed]);
    return result;
  }

  async #endWorker(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined || (await endWorker(worker, { kind: 'stop' } satisfies ToSource, STOP_MS))) return;
    this.#options.log.warn('a source worker did not stop in time', { connection: this.#options.spec.id });
  }

  #post(message: ToSource): void {
    this.#worker?.postMessage(message);
  }

  /** An order to pause begins to seek a cut, alone or with another connection; one that lifts it ends that. */
  #joinCommonCut(command: ConnectionCommand): void {
    const { commonCuts, spec } = this.#options;
    if (!command.kind.endsWith('-transmission')) return;
    commonCuts.leave(spec.id, `the pause of ${spec.targetName} was lifted or ordered anew`);
    if (command.kind !== 'pause-transmission' || command.common === undefined) return;
    commonCuts.join(spec.id, command.common, spec.targetName, (order) => this.#post({ kind: 'common-cut', order }));
  }

  /** Whoever waits for the worker that is gone, or stands still for it, goes on. */
  #leaveCuts(): void {
    this.#hooks.abandon();
    this.#options.commonCuts.leave(this.spec.id, `the connection to ${this.spec.targetName} ended meanwhile`);
  }

  /** One rest of the application serves both cuts, if both connections would run the same programs for it. */
  #sharedWith(common: ConnectionId | null): string | null {
    if (common === null) return null;
    const { freeze, thaw } = this.#settings.hooks;
    const other = this.#options.hooksOf(common);
    return other !== null && other.freeze === freeze && other.thaw === thaw ? keyOf(this.spec.id, common) : null;
  }

  #createHooks(): ApplicationHooks {
    const { spec, number, catalogFile, freezeTurns, onChange, onProgram, log } = this.#options;
    return new ApplicationHooks({
      settings: () => this.#settings.hooks,
      facts: { ...spec, connectionId: spec.id, number },
      file: `${catalogFile}.thaw`,
      turns: freezeTurns,
      answer: (barrier, answer) => this.#post({ kind: 'freeze-answer', barrier, answer }),
      event: (severity, text) => this.#event(severity, text),
      onProgram: (report) => onProgram({ connectionId: spec.id, ...report }),
      onChange,
      log,
    });
  }

  #event(severity: EngineEvent['severity'], text: string): void {
    const { id, setName, targetName } = this.#options.spec;
    this.#options.onEvent({ severity, connectionId: id, text: `${setName} → ${targetName}: ${text}` });
  }
}

export function unknownConnection(connectionId: string): ReplicationError {
  return new ReplicationError('unknown-connection', { connection: connectionId });
}
