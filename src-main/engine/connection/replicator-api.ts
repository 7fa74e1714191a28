import type {
  CertificatePart,
  CertificateSummary,
  ChangesPage,
  ConnectionId,
  ConnectionSettings,
  ConnectionSnapshot,
  Cut,
  DiskPlaces,
  HookRun,
  LineSettings,
  LineSnapshot,
  MappedRoot,
  MapSpec,
  MirrorOptions,
  Origin,
  PlanAction,
  PlanPage,
  PreservedReport,
  ReplicaSettings,
  ReplicaSnapshot,
  ServiceSettings,
  SetRule,
  StoredSnapshot,
  VerifyOptions,
  VerifyReport,
  VerifySummary,
} from '../../api/index.ts';
import type { ChangesRequest } from '../backup/index.ts';
import type { LeftoverAnswer, LeftoverQuestion } from './target/leftovers.ts';
import type { SnapshotOrder } from './target/snapshots/snapshot-orders.ts';
import type { CertifyOrder } from './target/target-messages.ts';
import type { ErrorCode, ErrorDetails, Log } from '../../base/index.ts';

/** This server's own key and certificate, PEM. `fingerprint` is the SHA-256 of the certificate's DER, as `AB:CD:…`. */
export interface EngineIdentity {
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly fingerprint: string;
}

/** A drive letter (upper case, no colon) and the absolute folder that it stands for. */
export interface Volume {
  readonly name: string;
  readonly folder: string;
}

/** A connection as the source stores it. The service writes it durably before `open`, and again whenever `onPersist` says so. */
export interface ConnectionSpec {
  readonly version: 1;
  readonly id: ConnectionId;
  readonly setName: string;
  /** Rules at the time of the connect, as typed; a later change of the set holds for connections made after it. */
  readonly rules: readonly SetRule[];
  readonly map: MapSpec;
  /** Absolute source path (volumes resolved, text form) → absolute target path, as admitted. */
  readonly roots: readonly MappedRoot[];
  /** What the target said at its admission. */
  readonly warnings: readonly string[];
  readonly sourceName: string;
  readonly targetName: string;
  readonly targetHost: string;
  readonly targetDataPort: number;
  readonly targetFingerprint: string;
  readonly createdAt: string;
  /** A pause or stop by a person or script survives restarts. */
  readonly hold: {
    readonly kind: 'pause' | 'stop';
    readonly owner: string;
    readonly reason: string;
    readonly since: string;
    /** Where a pause stands; null before it has reached its cut. After a restart it stands there again, and nothing more is sent. */
    readonly cut: Cut | null;
  } | null;
  /** Somebody ordered that it leaves its target at a cut and stays away; until it is reconnected. */
  readonly park: { readonly owner: string; readonly reason: string; readonly since: string } | null;
  readonly settings: ConnectionSettings;
  /** It mirrors and follows nothing: its source is a replica that stands still, from which something is restored. */
  readonly isMirrorOnly?: boolean | undefined;
}

/** A replica as the target stores it: what an administrator admitted. */
export interface ReplicaSpec {
  readonly version: 1;
  readonly connectionId: ConnectionId;
  readonly setName: string;
  readonly sourceName: string;
  readonly sourceFingerprint: string;
  /** Absolute paths, volumes resolved. */
  readonly roots: readonly MappedRoot[];
  /** For each root: where its data come from, the source first. */
  readonly lineage: readonly (readonly Origin[])[];
  /** As in the offer. */
  readonly namesInside?: readonly number[] | undefined;
  readonly admittedAt: string;
  readonly settings: ReplicaSettings;
}

/** Who ordered that a replica stands still, and why. ISO time. */
export interface ReplicaHold {
  readonly owner: string;
  readonly reason: string;
  readonly since: string;
}

export interface EngineEvent {
  readonly severity: 'info' | 'warning' | 'error';
  readonly connectionId: ConnectionId | null;
  /** For people, whole sentences: what happened, to what, what follows. */
  readonly text: string;
}

/** A program of the administrator's was run; for the audit log. */
export interface ProgramReport {
  readonly connectionId: ConnectionId;
  readonly purpose: 'freeze' | 'thaw';
  readonly program: string;
  readonly outcome: HookRun['outcome'];
  /** For people: what went wrong; '' when nothing did. */
  readonly text: string;
}

export interface ReplicatorOptions {
  /** Folder for catalogs (source) and queues (target); the service's data folder. */
  readonly dataDir: string;
  readonly identity: EngineIdentity;
  readonly dataHost: string;
  /** 0: any free port (tests). */
  readonly dataPort: number;
  readonly volumes: readonly Volume[];
  /** As stored; later changes come by `configureService`. */
  readonly settings: ServiceSettings;
  readonly log: Log;
  /** Called at most about 4 times a second for each side, with everything. */
  readonly onConnections: (snapshots: readonly ConnectionSnapshot[]) => void;
  readonly onReplicas: (snapshots: readonly ReplicaSnapshot[]) => void;
  readonly onEvent: (event: EngineEvent) => void;
  readonly onProgram: (report: ProgramReport) => void;
  /** The source released the replica (disconnect): the service forgets its ReplicaSpec. */
  readonly onReleased: (connectionId: ConnectionId) => void;
}

/** The engine as the service sees it: both sides of every connection. All work happens in worker threads. */
export interface Replicator {
  /** Opens the data port. Rejects with `port-in-use`. */
  listen(): Promise<{ readonly host: string; readonly port: number }>;
  /** Sums what the rules select; runs in a worker. Rejects with `not-found` and the path when an included path does not exist. */
  calculate(rules: readonly SetRule[]): Promise<{ files: number; folders: number; bytes: number }>;
  /** Where the rules' trees would arrive. Throws `set-empty`, `bad-path`, `volume-unknown`, `map-invalid`. */
  preview(rules: readonly SetRule[], map: MapSpec): readonly MappedRoot[];
  /** As `preview`, plus what a connect must refuse: `not-found` (no such source folder), `map-loop` when the target is this same
   *  machine (`targetFingerprint` is ours) and a root would arrive inside the set or on itself. */
  prepare(rules: readonly SetRule[], map: MapSpec, targetFingerprint: string): readonly MappedRoot[];
  /** Refuses (`map-loop`) roots that would arrive inside the set when the target has the same disk, under whatever address; `roots` and
   *  `disk` as it admitted them. */
  refuseLoop(rules: readonly SetRule[], roots: readonly MappedRoot[], disk: DiskPlaces | null): void;
  /** Target side: where the admitted roots lie on this machine's disk; null where machines cannot be told apart. */
  diskPlaces(roots: readonly MappedRoot[]): DiskPlaces | null;
  /** Target side: resolves volumes in `roots[].to`, makes sure each root's nearest existing parent is a writable folder
   *  (`permission-denied`, `read-only`, `not-a-folder`), refuses roots that overlap another replica (`map-loop`) or are
   *  reached through a link in their last names (`outside-root`). Creates nothing. */
  checkRoots(roots: readonly MappedRoot[], namesInside?: readonly number[]): readonly MappedRoot[];
  /** Starts to accept this replica's source; resolves when it can come. Called at admission, and for each stored spec at start. */
  admit(spec: ReplicaSpec): Promise<void>;
  /** Stops accepting; applies what was received; closes files. Deletes no replica file. */
  release(connectionId: ConnectionId): Promise<void>;
  /** Target side: the replica stands still at the end of a group and goes on receiving; null lets it go on. Resolves when the order is on disk. */
  hold(connectionId: ConnectionId, hold: ReplicaHold | null): Promise<void>;
  replicas(): readonly ReplicaSnapshot[];
  /** Target side: makes a certificate of a replica that stands still, or stops the one that is being made. Resolves when it is accepted;
   *  rejects with `unknown-connection`, `replica-moving`, `certificate-running`, `no-certificate-run`, `busy`. */
  certify(connectionId: ConnectionId, order: CertifyOrder): Promise<void>;
  /** The certificates that this target keeps, newest first; `connectionId` null: of all connections, also of those that ended. */
  certificates(connectionId: ConnectionId | null): readonly CertificateSummary[];
  /** A piece of a certificate's file; `id` null: the newest. Rejects with `not-found` and errors of the disk. */
  certificatePart(
    connectionId: ConnectionId,
    request: { readonly id: string | null; readonly offset: number; readonly limit: number },
  ): Promise<CertificatePart>;
  /** The newest certificate of a connection and where it lies; null while there is none. */
  newestCertificate(connectionId: ConnectionId): { readonly id: string; readonly file: string } | null;
  /** Throws `not-found`. */
  deleteCertificate(connectionId: ConnectionId, id: string): void;
  /** What changed in a replica, by its certificates. Throws `unknown-connection`, `not-found`, `bad-input`. */
  changes(connectionId: ConnectionId, request: ChangesRequest): ChangesPage;
  /** Target side: takes a snapshot, sets a replica back to one, or deletes one. Resolves when that is done and on disk, with the snapshot that was taken,
   *  or that keeps what a revert took away, or null; rejects with `unknown-connection`, `not-found`, `snapshot-running`, `snapshot-refused`,
   *  `revert-refused`, `no-snapshots` and errors of the disk. */
  snapshot(connectionId: ConnectionId, order: SnapshotOrder): Promise<StoredSnapshot | null>;
  /** The snapshots of this target, newest first; `connectionId` null: of all connections, also of those that ended. */
  snapshots(connectionId: ConnectionId | null): readonly StoredSnapshot[];
  /** The list of drift of a replica begins anew. Throws `unknown-connection`. */
  acceptDrift(connectionId: ConnectionId): void;
  /** What the target knows of entries that the source does not have; purging removes kept ones. Rejects with `unknown-connection`, `busy`. */
  askReplica<Q extends LeftoverQuestion>(
    connectionId: ConnectionId,
    question: Q,
  ): Promise<Extract<LeftoverAnswer, { readonly kind: Q['kind'] }>>;
  /** Starts a connection. `mirror` non-null at its first start; null when reopened after a restart (it then finds by itself what changed). */
  open(spec: ConnectionSpec, number: number, start: { mirror: MirrorOptions | null; isNew: boolean }): void;
  /** Ends a connection for good: capture stops, unsent ops are dropped, the target is told to finish and release, the catalog is deleted. Resolves
   *  with false when the target could not be told: it then keeps its admission. */
  disconnect(connectionId: ConnectionId): Promise<boolean>;
  /** A person's or script's order. Throws a ReplicationError (`unknown-connection`, `mirror-running`, `no-mirror`, `halted`,
   *  `not-disconnected`, `parked`) at once. */
  command(connectionId: ConnectionId, command: ConnectionCommand): ConnectionSnapshot;
  /** The finished verification reports, newest first; `connectionId` null: of all connections, also of those that ended. */
  verifyReports(connectionId: ConnectionId | null): readonly VerifySummary[];
  /** A page of a report; `reportId` null: the newest. Rejects with `not-found`, `damaged-data`. */
  verifyReport(
    connectionId: ConnectionId,
    request: { readonly reportId: string | null; readonly offset: number; readonly limit: number },
  ): Promise<VerifyReport>;
  /** A page of a finished plan of a mirror; `planId` null: the newest. Rejects with `not-found`, `damaged-data`. */
  plannedMirror(
    connectionId: ConnectionId,
    request: {
      readonly planId: string | null;
      readonly action: PlanAction | null;
      readonly offset: number;
      readonly limit: number;
    },
  ): Promise<PlanPage>;
  connections(): readonly ConnectionSnapshot[];
  /** What is preserved between the volumes of both sides, as far as it is known. Throws `unknown-connection`. */
  preserved(connectionId: ConnectionId): PreservedReport;
  /** New settings of what was admitted; in force at once. Throws `unknown-connection`. */
  configureReplica(connectionId: ConnectionId, settings: ReplicaSettings): ReplicaSnapshot;
  /** What all connections to this target share, those that are opened later included. */
  configureLine(targetFingerprint: string, settings: LineSettings): LineSnapshot;
  lines(): readonly LineSnapshot[];
  /** Throws what the settings cannot be: `queue-inside-set`, `volume-unknown`, `bad-path`. */
  checkService(settings: ServiceSettings): void;
  configureService(settings: ServiceSettings): void;
  /** Clean stop of both sides; connections and replicas are kept. */
  close(): Promise<void>;
}

export type ConnectionCommand =
  /** `common`: the cut is to be the same as that of this connection, which is ordered the same; each makes its own if it cannot be. */
  | {
      readonly kind: 'pause-transmission';
      readonly owner: string;
      readonly reason: string;
      readonly common?: ConnectionId;
    }
  | { readonly kind: 'stop-transmission'; readonly owner: string; readonly reason: string }
  | { readonly kind: 'resume-transmission' | 'start-transmission' }
  | { readonly kind: 'start-mirror'; readonly options: MirrorOptions }
  | { readonly kind: 'start-plan'; readonly options: MirrorOptions; readonly startedBy: string }
  | { readonly kind: 'stop-plan' }
  | { readonly kind: 'stop-mirror' | 'pause-mirror' | 'resume-mirror' }
  | { readonly kind: 'start-verify'; readonly options: VerifyOptions; readonly startedBy: string }
  | { readonly kind: 'stop-verify'; readonly owner: string }
  | { readonly kind: 'start-orphans' | 'stop-orphans' }
  | { readonly kind: 'answer'; readonly answer: string }
  /** It leaves its target at a cut, and stays away until `reconnect`. */
  | { readonly kind: 'park'; readonly owner: string; readonly reason: string }
  /** A connection that left its target comes back, with this mirror or, null, with none; one that is to be parked stays. */
  | { readonly kind: 'reconnect'; readonly mirror: MirrorOptions | null }
  | { readonly kind: 'configure'; readonly settings: ConnectionSettings };

export interface CodedFailure {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
}
