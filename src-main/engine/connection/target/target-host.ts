import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { ReplicaSettings, ReplicaSnapshot } from '../../../api/index.ts';
import { BackOff, endWorker, makeFolders, ReplicationError, workerEntry, type Log } from '../../../base/index.ts';
import type { EngineEvent, EngineIdentity, ReplicaSpec } from '../replicator-api.ts';
import { indexFile } from './certifier.ts';
import type { Hold } from './hold.ts';
import type { LeftoverAnswer, LeftoverQuestion } from './leftovers.ts';
import type { CertifyOrder, TargetOrder, TargetReport, TargetWorkerData } from './target-messages.ts';
import { SnapshotStore } from '../../snapshots/index.ts';
import type { SnapshotAnswer, SnapshotOrder } from './snapshots/snapshot-orders.ts';
import { PortKeeper, type Address } from './port-keeper.ts';
import { WORKER_LIMITS } from '../workers/worker-limits.ts';

const CLOSE_MS = 15_000;
const STARTED_AGAIN = 'the receiving part is started again';

export interface TargetHostOptions {
  readonly dataDir: string;
  readonly identity: EngineIdentity;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly log: Log;
  readonly onReplicas: (replicas: readonly ReplicaSnapshot[]) => void;
  readonly onEvent: (event: EngineEvent) => void;
  readonly onReleased: (connectionId: string) => void;
}

/** The folder of all certificates in a service's data folder: a folder for each connection, which outlives it. */
export function certificatesFolder(dataDir: string): string {
  return join(dataDir, 'certificates');
}

/** The list of snapshots in a service's data folder. */
export function snapshotsFolder(dataDir: string): string {
  return join(dataDir, 'snapshots');
}

interface Promised<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The target side as the main thread holds it: one worker with the data port and all replicas. It is started for the first of them, or for
 * whoever comes to the port before: a server that only sends does without the thread and its memory. If the worker dies of a bug, a
 * new one is started with the same port and the same replicas, which go on from their queues.
 */
export class TargetHost {
  readonly #options: TargetHostOptions;
  readonly #specs = new Map<string, ReplicaSpec>();
  readonly #releases = new Map<number, { readonly connectionId: string; readonly done: () => void }>();
  readonly #orders = new Map<number, Promised<void>>();
  readonly #questions = new Map<number, Promised<LeftoverAnswer>>();
  readonly #snapshotOrders = new Map<number, Promised<SnapshotAnswer>>();
  /** The worker has ended, and nobody answers before there is another. */
  #isDown = false;
  readonly #restart = new BackOff({ firstMs: 500, mostMs: 30_000 });
  #worker: Worker | null = null;
  #keeper: PortKeeper | null = null;
  /** Where sources find us, once it is known. */
  #address: Address | null = null;
  /** Who wait until the worker has the port, or has failed to get it for now. */
  #portWaiters: (() => void)[] = [];
  /** Who wait until the worker tells of a replica. */
  #knownWaiters: { readonly connectionId: string; readonly resolve: () => void }[] = [];
  #hasPort = false;
  #replicas: readonly ReplicaSnapshot[] = [];
  #nextId = 1;
  #isClosed = false;
  #restartTimer: NodeJS.Timeout | null = null;

  constructor(options: TargetHostOptions) {
    this.#options = options;
    makeFolders(this.#folder, 0o700);
  }

  /** Takes the data port, once, before anything else is asked for. Rejects with `port-in-use` and others. */
  async listen(): Promise<Address> {
    this.#keeper = new PortKeeper(() => this.#ensureWorker());
    this.#address = await this.#keeper.listen(this.#options.host, this.#options.port);
    // A revert that was cut off is finished even if nobody admits the replica any more.
    const unfinished = new SnapshotStore(snapshotsFolder(this.#options.dataDir))
      .list(null)
      .filter(({ state }) => state !== 'ready');
    if (unfinished.length > 0) this.#ensureWorker();
    return this.#address;
  }

  /** Takes this replica's source from now on; resolves when it can come. Admitting it again changes nothing. */
  async admit(spec: ReplicaSpec): Promise<void> {
    // To start the worker takes the main thread a while: not in the turn that checked the call.
    await nextTurn();
    this.#specs.set(spec.connectionId, spec);
    this.#order({ kind: 'admit', spec });
    if (!this.#hasPort) await new Promise<void>((resolve) => this.#portWaiters.push(resolve));
    // Whoever admitted it may configure it, or ask about it, in the next moment.
    if (!this.#isKnown(spec.connectionId))
      await new Promise<void>((resolve) => this.#knownWaiters.push({ connectionId: spec.connectionId, resolve }));
  }

  /** Throws `unknown-connection`. The snapshot is the last known one with the new settings. */
  configure(connectionId: string, settings: ReplicaSettings): ReplicaSnapshot {
    const spec = this.#specs.get(connectionId);
    const replica = this.#replicas.find((known) => known.connectionId === connectionId);
    if (spec === undefined || replica === undefined)
      throw new ReplicationError('unknown-connection', { connection: connectionId });
    this.#specs.set(connectionId, { ...spec, settings });
    this.#order({ kind: 'configure', connectionId, settings });
    return { ...replica, settings };
  }

  /** Throws `unknown-connection`. */
  acceptDrift(connectionId: string): void {
    if (!this.#specs.has(connectionId)) throw new ReplicationError('unknown-connection', { connection: connectionId });
    this.#order({ kind: 'accept-drift', connectionId });
  }

  /** Rejects with `unknown-connection`, or `busy` while the replica or its worker is being opened. */
  ask<Q extends LeftoverQuestion>(connectionId: string, question: Q): Promise<Extract<LeftoverAnswer, { kind: Q['kind'] }>> {
    const asked = this.#promised(this.#questions, (id) => ({ kind: 'ask', id, connectionId, question }));
    return asked as Promise<Extract<LeftoverAnswer, { kind: Q['kind'] }>>; // the worker answers what was asked
  }

  /** Stops taking the source, applies what was received if there is room for it, forgets the queue. Deletes no replica file. */
  release(connectionId: string): Promise<void> {
    if (!this.#specs.has(connectionId)) return Promise.resolve();
    const id = this.#nextId++;
    return new Promise((done) => {
      this.#releases.set(id, { connectionId, done });
      this.#order({ kind: 'release', id, connectionId });
    });
  }

  /** Holds a replica, or lets it go on with null. Resolves when the order is on disk; rejects with `unknown-connection` or why it is not. */
  hold(connectionId: string, hold: Hold | null): Promise<void> {
    return this.#promised(this.#orders, (id) => ({ kind: 'hold', id, connectionId, hold }));
  }

  /** Makes a certificate of a replica, or stops the one that is being made. Resolves when it is accepted; rejects with why it is not. */
  certify(connectionId: string, order: CertifyOrder): Promise<void> {
    return this.#promised(this.#orders, (id) => ({ kind: 'certify', id, connectionId, order }));
  }

  /** Takes a snapshot, sets a replica back to one, deletes one. Resolves when it is done; rejects with coded errors. */
  snapshot(connectionId: string, order: SnapshotOrder): Promise<SnapshotAnswer> {
    return this.#promised(this.#snapshotOrders, (id) => ({ kind: 'snapshot', id, connectionId, order }));
  }

  /** Where the index of a replica lies, from which what changed is told. */
  indexFile(connectionId: string): string {
    return indexFile(join(this.#folder, connectionId));
  }

  /** A certificate was deleted; the replica, if there still is one, may show another as its newest. */
  certificateDeleted(connectionId: string): void {
    if (this.#specs.has(connectionId)) this.#order({ kind: 'certificate-deleted', connectionId });
  }

  replicas(): readonly ReplicaSnapshot[] {
    return this.#replicas;
  }

  /** What is admitted now, for the check that new roots do not overlap. */
  specs(): readonly ReplicaSpec[] {
    return [...this.#specs.values()];
  }

  /** Clean stop; queues are kept. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#restartTimer !== null) clearTimeout(this.#restartTimer);
    await this.#keeper?.close();
    this.#portSettled();
    this.#replicasKnown();
    const worker = this.#worker;
    if (worker === null) return;
    const isEnded = await endWorker(worker, { kind: 'close' } satisfies TargetOrder, CLOSE_MS);
    if (!isEnded) this.#options.log.warn('the target worker did not stop in time');
  }

  get #folder(): string {
    return join(this.#options.dataDir, 'target');
  }

  #startWorker(): Worker {
    const { keyPem, certificatePem } = this.#options.identity;
    const workerData: TargetWorkerData = {
      folder: this.#folder,
      keyPem,
      certificatePem,
      certificates: certificatesFolder(this.#options.dataDir),
      snapshots: snapshotsFolder(this.#options.dataDir),
    };
    const worker = new Worker(workerEntry('target-worker'), {
      workerData,
      resourceLimits: WORKER_LIMITS,
      name: 'understudy target',
    });
    worker.on('message', (report: TargetReport) => this.#take(report));
    worker.on('error', (error: Error) =>
      this.#options.log.error('the target worker failed', { error: error.stack ?? error.message }),
    );
    worker.on('exit', () => this.#workerEnded());
    return worker;
  }

  /** Gives an order that is answered. Rejects with `busy` while nobody is there to answer it. */
  #promised<T>(waiting: Map<number, Promised<T>>, order: (id: number) => TargetOrder): Promise<T> {
    if (this.#isDown || this.#isClosed) return Promise.reject(new ReplicationError('busy', { text: STARTED_AGAIN }));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      this.#order(order(id));
    });
  }

  #order(order: TargetOrder): void {
    this.#ensureWorker();
    this.#worker?.postMessage(order);
  }

  /** What is ordered meanwhile reaches the worker before it has the port, so that no source comes before its replica. */
  #ensureWorker(): void {
    if (this.#worker !== null || this.#isClosed) return;
    this.#worker = this.#startWorker();
    void this.#handOver();
  }

  async #handOver(): Promise<void> {
    const keeper = this.#keeper;
    this.#keeper = null;
    await keeper?.close();
    this.#openPort();
  }

  #openPort(): void {
    if (this.#address === null || this.#hasPort || this.#isClosed) return;
    this.#worker?.postMessage({ kind: 'listen', ...this.#address } satisfies TargetOrder);
  }

  #portSettled(): void {
    for (const resolve of this.#portWaiters.splice(0)) resolve();
  }

  #isKnown(connectionId: string): boolean {
    return (
      this.#isClosed || !this.#specs.has(connectionId) || this.#replicas.some((known) => known.connectionId === connectionId)
    );
  }

  #replicasKnown(): void {
    const waiters = this.#knownWaiters;
    this.#knownWaiters = waiters.filter(({ connectionId }) => !this.#isKnown(connectionId));
    for (const { connectionId, resolve } of waiters) if (this.#isKnown(connectionId)) resolve();
  }

  #take(report: TargetReport): void {
    switch (report.kind) {
      case 'listening':
        this.#hasPort = true;
        this.#restart.reset();
        this.#portSettled();
        return;
      case 'not-listening':
        // Somebody took it between two owners of ours.
        this.#options.log.error('the data port could not be opened again', { code: report.code, ...report.details });
        this.#portSettled();
        this.#restartTimer = setTimeout(() => this.#openPort(), this.#restart.next());
        return;
      case 'replicas':
        this.#replicas = report.replicas;
        this.#replicasKnown();
        this.#options.onReplicas(report.replicas);
        return;
      case 'event':
        this.#options.onEvent(report.event);
        return;
      case 'log':
        this.#options.log[report.level](report.message, report.facts);
        return;
      case 'released':
        this.#specs.delete(report.connectionId);
        this.#replicasKnown();
        this.#options.onReleased(report.connectionId);
        return;
      case 'release-done':
        this.#releases.get(report.id)?.done();
        this.#releases.delete(report.id);
        return;
      case 'order-done': {
        const asked = this.#orders.get(report.id);
        this.#orders.delete(report.id);
        if (report.failure === null) asked?.resolve();
        else asked?.reject(new ReplicationError(report.failure.code, report.failure.details));
        return;
      }
      case 'answer':
        this.#questions.get(report.id)?.resolve(report.answer);
        this.#questions.delete(report.id);
        return;
      case 'no-answer':
        this.#questions.get(report.id)?.reject(new ReplicationError(report.code, report.details));
        this.#questions.delete(report.id);
        return;
      case 'snapshot-done': {
        const { id, answer } = report;
        const asked = this.#snapshotOrders.get(id);
        this.#snapshotOrders.delete(id);
        if (answer !== null && 'code' in answer) asked?.reject(new ReplicationError(answer.code, answer.details));
        else asked?.resolve(answer);
        return;
      }
      case 'closed':
        return;
    }
  }

  #workerEnded(): void {
    this.#isDown = true;
    // Whether an order reached the disk is unknown: whoever gave it has to ask again.
    for (const waiting of [this.#orders, this.#questions, this.#snapshotOrders]) {
      for (const { reject } of waiting.values()) reject(new ReplicationError('busy', { text: STARTED_AGAIN }));
      waiting.clear();
    }
    this.#hasPort = false;
    if (this.#restartTimer !== null) clearTimeout(this.#restartTimer);
    if (this.#isClosed) {
      for (const { done } of this.#releases.values()) done();
      return;
    }
    const text = 'The part of the service that receives changes failed and is started again. Nothing that was received is lost.';
    this.#options.onEvent({ severity: 'error', connectionId: null, text });
    this.#restartTimer = setTimeout(() => this.#startAgain(), this.#restart.next());
  }

  #startAgain(): void {
    this.#isDown = false;
    this.#worker = this.#startWorker();
    for (const spec of this.#specs.values()) this.#order({ kind: 'admit', spec });
    this.#openPort();
    for (const [id, { connectionId }] of this.#releases) this.#order({ kind: 'release', id, connectionId });
  }
}
