import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { ReplicaSettings, ReplicaSnapshot } from '../../../api/index.ts';
import { rawName, ReplicationError, toReplicationError, type Log } from '../../../base/index.ts';
import { KeptDeleted, ReplicaRecords } from '../../apply/index.ts';
import { VolumeFlushes, type BlockHasher } from '../../fs/index.ts';
import type { AbsolutePath } from '../../model/index.ts';
import { DATA_VERSION, type SourceMessage } from '../../wire/index.ts';
import type { EngineEvent, ReplicaSpec } from '../replicator-api.ts';
import { ApplyTurns } from './apply-turns.ts';
import type { Hold } from './hold.ts';
import type { LeftoverAnswer, LeftoverQuestion } from './leftovers.ts';
import { listenError } from './listen-error.ts';
import type { CertifyOrder } from './target-messages.ts';
import { ReplicaSlot } from './replica-slot.ts';
import type { SnapshotAnswer, SnapshotOrder } from './snapshots/snapshot-orders.ts';
import { TargetSnapshots } from './snapshots/target-snapshots.ts';
import { TargetLink } from './target-link.ts';

const PUBLISH_INTERVAL_MS = 200;
/** A peer that has not said who it is by then is sent away. */
const HELLO_MS = 10_000;
const MAX_LINKS = 1_000;

export interface TargetServerOptions {
  readonly folder: string;
  readonly keyPem: string;
  readonly certificatePem: string;
  /** The folder of all certificates. */
  readonly certificates: string;
  /** The list of snapshots. */
  readonly snapshots: string;
  readonly hasher: BlockHasher;
  readonly log: Log;
  /** At most five times a second, with all replicas. */
  readonly onReplicas: (replicas: readonly ReplicaSnapshot[]) => void;
  readonly onEvent: (event: EngineEvent) => void;
  readonly onReleased: (connectionId: string) => void;
}

/**
 * The data port of this server: TLS 1.3 with certificates on both sides. A link reaches a replica only when its certificate is the one
 * that an administrator admitted for that very connection. Lives in the target worker.
 */
export class TargetServer {
  readonly #options: TargetServerOptions;
  readonly #server: Server;
  readonly #slots = new Map<string, ReplicaSlot>();
  readonly #strangers = new Set<TargetLink>();
  readonly #records: ReplicaRecords;
  readonly #kept: KeptDeleted;
  readonly #flushes = new VolumeFlushes();
  readonly #turns = new ApplyTurns();
  readonly #snapshots: TargetSnapshots;
  #publishTimer: NodeJS.Timeout | null = null;

  constructor(options: TargetServerOptions) {
    this.#options = options;
    this.#records = new ReplicaRecords(this.#recordsFile);
    this.#kept = new KeptDeleted(this.#records);
    this.#snapshots = new TargetSnapshots({ folder: options.snapshots, slots: () => [...this.#slots.values()] });
    this.#server = createServer({
      key: options.keyPem,
      cert: options.certificatePem,
      requestCert: true,
      // Certificates are self-signed and pinned: the fingerprint is compared when the peer has said which replica it wants.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      handshakeTimeout: HELLO_MS,
    });
    this.#server.maxConnections = MAX_LINKS;
    this.#server.on('secureConnection', (socket) => this.#welcome(socket));
    this.#server.on('tlsClientError', (error, socket) => {
      options.log.info('a peer failed the TLS handshake', { peer: socket.remoteAddress ?? '?', error: error.message });
    });
  }

  /** Rejects with `port-in-use` and other coded failures. */
  async listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
      this.#server.listen(port, host, resolve);
    });
    this.#server.on('error', (error: Error) => this.#options.log.error('the data port has a problem', { error: error.message }));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new ReplicationError('internal', { text: 'no address' });
    return { host: address.address, port: address.port };
  }

  /** Admitting a connection again changes nothing. */
  admit(spec: ReplicaSpec): void {
    if (this.#slots.has(spec.connectionId)) return;
    const slot = new ReplicaSlot({
      spec,
      folder: this.#options.folder,
      hasher: this.#options.hasher,
      flushes: this.#flushes,
      turns: this.#turns,
      proof: {
        recordsFile: this.#recordsFile,
        certificates: `${this.#options.certificates}/${spec.connectionId}`,
        signer: { keyPem: this.#options.keyPem, certificatePem: this.#options.certificatePem },
      },
      leftovers: { records: this.#records, kept: this.#kept, otherRoots: () => this.#rootsBeside(spec.connectionId) },
      snapshots: this.#options.snapshots,
      beforeOpen: (places) => this.#snapshots.beforeOpen(places),
      onChanged: () => this.#publishSoon(),
      onEvent: this.#options.onEvent,
      onReleased: () => {
        this.#slots.delete(spec.connectionId);
        this.#options.onReleased(spec.connectionId);
        this.#publishSoon();
      },
    });
    this.#slots.set(spec.connectionId, slot);
    slot.start();
    this.#publish();
  }

  acceptDrift(connectionId: string): void {
    this.#slots.get(connectionId)?.acceptDrift();
  }

  configure(connectionId: string, settings: ReplicaSettings): void {
    this.#slots.get(connectionId)?.configure(settings);
  }

  /** Throws `unknown-connection`, `busy`. */
  ask(connectionId: string, question: LeftoverQuestion): LeftoverAnswer {
    const slot = this.#slots.get(connectionId);
    if (slot === undefined) throw new ReplicationError('unknown-connection', { connection: connectionId });
    return slot.ask(question);
  }

  /** Unknown connections are released already. */
  async release(connectionId: string): Promise<void> {
    await this.#slots.get(connectionId)?.release();
  }

  /** As `ReplicaSlot.hold`. Rejects with `unknown-connection` too. */
  async hold(connectionId: string, hold: Hold | null): Promise<void> {
    const slot = this.#slots.get(connectionId);
    if (slot === undefined) throw new ReplicationError('unknown-connection', { connection: connectionId });
    await slot.hold(hold);
    this.#publish();
  }

  /** As `ReplicaSlot.certify`. Throws `unknown-connection` too. */
  certify(connectionId: string, order: CertifyOrder): void {
    const slot = this.#slots.get(connectionId);
    if (slot === undefined) throw new ReplicationError('unknown-connection', { connection: connectionId });
    slot.certify(order);
    this.#publish();
  }

  /** As `TargetSnapshots.obey`. */
  async snapshot(connectionId: string, order: SnapshotOrder): Promise<SnapshotAnswer> {
    const answer = await this.#snapshots.obey(connectionId, order);
    this.#publish();
    return answer;
  }

  certificateDeleted(connectionId: string): void {
    this.#slots.get(connectionId)?.certificateDeleted();
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const link of this.#strangers) link.destroy();
    await Promise.all([this.#snapshots.close(), ...[...this.#slots.values()].map((slot) => slot.stop())]);
    if (this.#publishTimer !== null) clearTimeout(this.#publishTimer);
    this.#publish();
    this.#records.close();
  }

  get #recordsFile(): string {
    return `${this.#options.folder}/records.db`;
  }

  /** What other replicas hold. */
  #rootsBeside(connectionId: string): readonly AbsolutePath[] {
    return [...this.#slots.values()]
      .filter(({ spec }) => spec.connectionId !== connectionId)
      .flatMap(({ spec }) => spec.roots.map(({ to }) => rawName(to)));
  }

  #welcome(socket: TLSSocket): void {
    const timer = setTimeout(() => link.destroy(), HELLO_MS);
    const link = new TargetLink(socket, {
      received: ({ message }) => {
        clearTimeout(timer);
        this.#strangers.delete(link);
        this.#introduce(link, message);
      },
      closed: (error) => {
        clearTimeout(timer);
        this.#strangers.delete(link);
        this.#options.log.debug('a link ended before its hello', { peer: link.peer, error: error?.message ?? null });
      },
    });
    this.#strangers.add(link);
  }

  #introduce(link: TargetLink, message: SourceMessage): void {
    try {
      if (message.kind !== 'hello') throw new ReplicationError('protocol-error', { text: `${message.kind} came before hello` });
      if (message.version !== DATA_VERSION) throw otherVersion(message.version);
      const slot = this.#slots.get(message.connectionId);
      if (slot === undefined) throw new ReplicationError('not-admitted', { connection: message.connectionId });
      slot.accept(link);
    } catch (error) {
      const refusal = toReplicationError(error);
      this.#options.log.warn('a source was refused', { peer: link.peer, code: refusal.code, ...refusal.details });
      link.refuse(refusal);
    }
  }

  #publishSoon(): void {
    this.#publishTimer ??= setTimeout(() => {
      this.#publishTimer = null;
      this.#publish();
    }, PUBLISH_INTERVAL_MS);
  }

  #publish(): void {
    this.#options.onReplicas([...this.#slots.values()].map((slot) => slot.snapshot()));
  }
}

function otherVersion(found: number): ReplicationError {
  const text = `it speaks version ${found} of the data protocol, this server version ${DATA_VERSION}`;
  return new ReplicationError('protocol-error', { text, expected: DATA_VERSION, found });
}
