/* One table of all calls, kept whole: signature, input and role of a call do not compile unless all three agree, and are read together. */
import { z } from './schema.ts';
import type {
  AccountInfo,
  AuditEntry,
  ConnectionSnapshot,
  FolderEntry,
  KeptDeletedEntry,
  LineSnapshot,
  MessageEntry,
  OrphanEntry,
  OrphanSearch,
  ReplicaSnapshot,
  ServerInfo,
  SessionInfo,
} from './snapshots.ts';
import {
  connectionSettingsChange,
  lineSettingsChange,
  replicaSettingsChange,
  serviceSettingsChange,
  type ConnectionSettingsChange,
  type LineSettingsChange,
  type ReplicaSettingsChange,
  type ServiceSettings,
  type ServiceSettingsChange,
} from './settings.ts';
import type { VerifyOptions, VerifyReport, VerifySummary } from './verify.ts';
import { diskPlaces, lineage, type DiskPlaces, type Origin } from './places.ts';
import type { BackupView, BackupWindow } from './backup.ts';
import type { StoredSnapshot } from './stored-snapshots.ts';
import type { CertificatePart, CertificateSummary, ChangesPage } from './certificates.ts';
import { planActions, type PlanAction, type PlanPage } from './plan.ts';
import type { PreservedReport } from './preserved.ts';
import {
  drillOrder,
  MOST_SAMPLED,
  overwritePolicies,
  restoreChoice,
  restoreFrom,
  type DrillOrder,
  type OriginalFile,
  type OverwritePolicy,
  type RestoreChoice,
  type RestoreFrom,
  type RestoreReport,
  type RestoreSample,
  type RestoreSnapshot,
} from './restore.ts';
import {
  rotationFields,
  slotName,
  type PlannedSwitch,
  type RotationChange,
  type RotationDraft,
  type RotationSnapshot,
} from './rotations.ts';
import type { SchedulePreview } from './schedule.ts';
import type { ConnectionId, MappedRoot, MapSpec, MirrorOptions, ReplicationSet, Role, SetRule } from './words.ts';

/** What a source tells a client who is about to connect it to a target. The client hands it to the target with `replica.admit`. */
export interface Offer {
  readonly connectionId: ConnectionId;
  readonly setName: string;
  readonly sourceName: string;
  readonly sourceFingerprint: string;
  readonly map: MapSpec;
  /** `to` may still be in the target's volume form (`c:\noon_mirror\c\data`); the target resolves it. */
  readonly roots: readonly MappedRoot[];
  /** For each root: where its data come from, this source first. */
  readonly lineage: readonly (readonly Origin[])[];
  /**
   * Of each root: how many names at the end of `to` lie inside the place that a person named, as those of one file of a tree that is restored. On the way through
   * them no link is followed. Absent: none, each root is such a place.
   */
  readonly namesInside?: readonly number[] | undefined;
}

/** What a target answers to `replica.admit`: where its data port is, who it is, and where the trees really arrive. */
export interface Admission {
  readonly targetName: string;
  readonly targetFingerprint: string;
  readonly dataPort: number;
  readonly roots: readonly MappedRoot[];
  /** For finding out that both share a disk; null where the target cannot tell. */
  readonly disk: DiskPlaces | null;
  /** What is allowed and worth knowing, in whole sentences. */
  readonly warnings: readonly string[];
}

/** A replica as a backup names it; `side`: whether this service is its source or its target. */
export interface BackupName {
  readonly side: 'source' | 'target';
  readonly name: string;
  readonly target: string | null;
}

/** The contract of a service. Calls return when accepted; results arrive as updates. */
export type Calls = {
  'session.login': (input: { user: string; password: string }) => Promise<SessionInfo>;
  'session.info': (input: null) => Promise<SessionInfo>;
  'server.info': (input: null) => Promise<ServerInfo>;
  /** `path` null lists volumes and the top of the disk. Files are listed only with `files`. */
  'folder.list': (input: { path: string | null; files: boolean }) => Promise<readonly FolderEntry[]>;
  'set.list': (input: null) => Promise<readonly ReplicationSet[]>;
  'set.get': (input: { name: string }) => Promise<ReplicationSet>;
  'set.create': (input: { name: string }) => Promise<ReplicationSet>;
  'set.add-rule': (input: { name: string; rule: SetRule }) => Promise<ReplicationSet>;
  'set.remove-rule': (input: { name: string; path: string }) => Promise<ReplicationSet>;
  /** Replaces all rules; still unsaved afterwards. */
  'set.replace-rules': (input: { name: string; rules: readonly SetRule[] }) => Promise<ReplicationSet>;
  'set.save': (input: { name: string }) => Promise<ReplicationSet>;
  'set.delete': (input: { name: string }) => Promise<null>;
  'set.calculate': (input: { rules: readonly SetRule[] }) => Promise<{ files: number; folders: number; bytes: number }>;
  'account.list': (input: null) => Promise<readonly AccountInfo[]>;
  'account.create': (input: { name: string; password: string; role: Role }) => Promise<AccountInfo>;
  'account.delete': (input: { name: string }) => Promise<null>;
  'account.set-password': (input: { name: string; password: string }) => Promise<null>;
  'account.set-role': (input: { name: string; role: Role }) => Promise<AccountInfo>;
  'audit.list': (input: { limit: number }) => Promise<readonly AuditEntry[]>;
  'message.list': (input: { afterId: number; limit: number }) => Promise<readonly MessageEntry[]>;
  /** Pure: where would the rules' trees arrive. Used by wizards; does not touch a target. */
  'connection.preview': (input: { rules: readonly SetRule[]; map: MapSpec }) => Promise<readonly MappedRoot[]>;
  /** On the source: checks set and map, gives the offer for the target. Nothing is stored. */
  'connection.prepare': (input: { setName: string; map: MapSpec; targetFingerprint: string }) => Promise<Offer>;
  /** On the target: an administrator agrees to take this replica. Checks that every root can be written. */
  'replica.admit': (input: { offer: Offer }) => Promise<Admission>;
  'replica.list': (input: null) => Promise<readonly ReplicaSnapshot[]>;
  /** On the target: forget an admission whose source is gone for good. Deletes no replica file. */
  'replica.release': (input: { connectionId: ConnectionId }) => Promise<null>;
  /** On the target: the replica stands still at the end of a group and goes on receiving, also over restarts. Accepted when it is on disk. */
  'replica.hold': (input: { connectionId: ConnectionId; reason: string }) => Promise<null>;
  /** On the target: ends a hold. */
  'replica.resume': (input: { connectionId: ConnectionId }) => Promise<null>;
  /** On the target: a person has seen the drift of a replica; its list begins anew. */
  'replica.accept-drift': (input: { connectionId: ConnectionId }) => Promise<null>;
  /**
   * On the target: makes a certificate of a replica that stands still. Accepted when reading has begun; the replica's snapshot tells how far
   * it is and what came of it. `full`: files that did not change are read too. Fails with `replica-moving`, `certificate-running`.
   */
  'certificate.make': (input: { connectionId: ConnectionId; full: boolean }) => Promise<null>;
  /** Fails with `no-certificate-run`. */
  'certificate.stop': (input: { connectionId: ConnectionId }) => Promise<null>;
  /** The certificates that are kept, newest first; also of connections that have ended. `connectionId` null: of all. */
  'certificate.list': (input: { connectionId: ConnectionId | null }) => Promise<readonly CertificateSummary[]>;
  /** A piece of a certificate's file; `certificateId` null: the newest. Fails with `not-found`. */
  'certificate.read': (input: {
    connectionId: ConnectionId;
    certificateId: string | null;
    offset: number;
    limit: number;
  }) => Promise<CertificatePart>;
  /** Fails with `not-found`. */
  'certificate.delete': (input: { connectionId: ConnectionId; certificateId: string }) => Promise<null>;
  /**
   * On the target: what changed in a replica since a time (ISO, the target's clock), or was removed, as its certificates found. `after`:
   * the `next` of the page before. Fails with `not-found` before the first certificate.
   */
  /**
   * On the target: takes a snapshot of a replica, which is brought to a cut for it. It is on disk when this resolves. `fileLevel`: one of a cut of which
   * different files are of slightly different moments will do.
   */
  'snapshot.take': (input: { connectionId: ConnectionId; name: string; fileLevel: boolean }) => Promise<StoredSnapshot>;
  /** The snapshots of this target, newest first; also of connections that have ended. `connectionId` null: of all. */
  'snapshot.list': (input: { connectionId: ConnectionId | null }) => Promise<readonly StoredSnapshot[]>;
  /** Sets a replica back, which nobody may be writing to. Resolves with the snapshot that now keeps what was there before. */
  'snapshot.revert': (input: { connectionId: ConnectionId; snapshotId: string }) => Promise<StoredSnapshot>;
  'snapshot.delete': (input: { connectionId: ConnectionId; snapshotId: string }) => Promise<null>;
  'replica.changes': (input: {
    connectionId: ConnectionId;
    since: string;
    removed: boolean;
    after: string | null;
    limit: number;
  }) => Promise<ChangesPage>;
  /** On the source: stores the connection and starts it. `targetHost` is how the source reaches the target's data port. */
  'connection.create': (input: {
    offer: Offer;
    admission: Admission;
    targetHost: string;
    mirror: MirrorOptions | null;
    settings?: ConnectionSettingsChange | undefined;
  }) => Promise<ConnectionSnapshot>;
  /** Changes some settings of one connection; stored before it is answered, in force at once. */
  'connection.configure': (input: {
    connectionId: ConnectionId;
    settings: ConnectionSettingsChange;
  }) => Promise<ConnectionSnapshot>;
  /** On the source: the same for what all its connections to one target share. The target need not be connected yet. */
  'line.configure': (input: { targetFingerprint: string; settings: LineSettingsChange }) => Promise<LineSnapshot>;
  /** Pure: what the clock would do with these rules; what is left out has its default. */
  'schedule.preview': (input: { settings: LineSettingsChange }) => Promise<SchedulePreview>;
  'line.list': (input: null) => Promise<readonly LineSnapshot[]>;
  /** On the target: the same for one replica. */
  'replica.configure': (input: { connectionId: ConnectionId; settings: ReplicaSettingsChange }) => Promise<ReplicaSnapshot>;
  /** The same for a whole service. */
  'service.configure': (input: { settings: ServiceSettingsChange }) => Promise<ServiceSettings>;
  'service.settings': (input: null) => Promise<ServiceSettings>;
  'connection.list': (input: null) => Promise<readonly ConnectionSnapshot[]>;
  'connection.get': (input: { connectionId: ConnectionId }) => Promise<ConnectionSnapshot>;
  /** What a replica keeps of its source, from the volumes of both sides. */
  'connection.preserved': (input: { connectionId: ConnectionId }) => Promise<PreservedReport>;
  /** The id lookup of scripts: same set, target and map (a null map matches when only one connection fits). */
  'connection.find': (input: { setName: string; target: string; map: MapSpec | null }) => Promise<ConnectionSnapshot>;
  /** Ends it: the source stops capturing and drops what it had not sent; the target applies what it received. */
  'connection.disconnect': (input: { connectionId: ConnectionId }) => Promise<null>;
  /**
   * The connection leaves its target at a cut and stays away, also over restarts, until it is reconnected; the replica is at rest. Accepted at
   * once; the snapshot reads `parked`, with its cut, when it is. Parking what is parked keeps its owner and cut.
   */
  'connection.park': (input: { connectionId: ConnectionId; reason: string }) => Promise<ConnectionSnapshot>;
  /**
   * Brings back a connection that left its target or was parked, with this mirror; null: nothing is sent before a mirror is started. One that
   * has not reached the cut at which it is to be parked simply stays. Fails with `not-disconnected`, `slot-in-use`.
   */
  'connection.reconnect': (input: { connectionId: ConnectionId; mirror: MirrorOptions | null }) => Promise<ConnectionSnapshot>;
  'connection.answer': (input: { connectionId: ConnectionId; answer: string }) => Promise<ConnectionSnapshot>;
  'mirror.start': (input: { connectionId: ConnectionId; options: MirrorOptions }) => Promise<ConnectionSnapshot>;
  /** Finds out what a mirror with these options would do, and does nothing. Fails with `plan-running`, `mirror-running`. */
  'mirror.plan': (input: { connectionId: ConnectionId; options: MirrorOptions }) => Promise<ConnectionSnapshot>;
  /** Fails with `no-plan`. */
  'mirror.stop-plan': (input: { connectionId: ConnectionId }) => Promise<ConnectionSnapshot>;
  /** A page of a finished plan; `planId` null: the newest; `action` null: all that are listed. Fails with `not-found`. */
  'mirror.planned': (input: {
    connectionId: ConnectionId;
    planId: string | null;
    action: PlanAction | null;
    offset: number;
    limit: number;
  }) => Promise<PlanPage>;
  'mirror.stop': (input: { connectionId: ConnectionId }) => Promise<ConnectionSnapshot>;
  'mirror.pause': (input: { connectionId: ConnectionId }) => Promise<ConnectionSnapshot>;
  'mirror.resume': (input: { connectionId: ConnectionId }) => Promise<ConnectionSnapshot>;
  /** Compares both sides and keeps a report. Fails with `verify-during-mirror`, `verify-running`. */
  'verify.start': (input: { connectionId: ConnectionId; options: VerifyOptions }) => Promise<ConnectionSnapshot>;
  'verify.stop': (input: { connectionId: ConnectionId }) => Promise<ConnectionSnapshot>;
  /** The reports that are kept, newest first; also those of connections that have ended. `connectionId` null: of all. */
  'verify.list': (input: { connectionId: ConnectionId | null }) => Promise<readonly VerifySummary[]>;
  /** A page of a report; `reportId` null: the newest of the connection. */
  'verify.report': (input: {
    connectionId: ConnectionId;
    reportId: string | null;
    offset: number;
    limit: number;
  }) => Promise<VerifyReport>;
  /** Looks for entries on the target that the source does not have. What becomes of them is a setting of the replica, on the target. */
  'orphans.start': (input: { connectionId: ConnectionId }) => Promise<ConnectionSnapshot>;
  'orphans.stop': (input: { connectionId: ConnectionId }) => Promise<ConnectionSnapshot>;
  /** On the target: what the newest search found, by path. */
  'replica.orphans': (input: {
    connectionId: ConnectionId;
    offset: number;
    limit: number;
  }) => Promise<{ search: OrphanSearch | null; entries: readonly OrphanEntry[] }>;
  /** On the target: deleted on the source and kept here; those whose path holds `search`, by path. */
  'replica.kept': (input: {
    connectionId: ConnectionId;
    search: string;
    offset: number;
    limit: number;
  }) => Promise<{ count: number; bytes: number; entries: readonly KeptDeletedEntry[] }>;
  /** On the target: removes kept entries for good, the longest deleted first. What changed since it was deleted stays. */
  'replica.purge-kept': (input: {
    connectionId: ConnectionId;
    search: string;
    /** Only those deleted so many days ago or more. */
    olderThanDays: number;
    /** Stops when no more than this is kept; null: goes on. */
    untilBytes: number | null;
  }) => Promise<{ removed: number; removedBytes: number; stayed: number }>;
  /** Accepted at once; the snapshot reads `paused` with its cut only when the target has applied everything before the cut. */
  'transmission.pause': (input: { connectionId: ConnectionId; reason: string }) => Promise<ConnectionSnapshot>;
  'transmission.resume': (input: { connectionId: ConnectionId }) => Promise<ConnectionSnapshot>;
  'transmission.stop': (input: { connectionId: ConnectionId; reason: string }) => Promise<ConnectionSnapshot>;
  'transmission.start': (input: { connectionId: ConnectionId }) => Promise<ConnectionSnapshot>;
  /** On the source. In all calls a rotation goes by name or id. */
  'rotation.list': (input: null) => Promise<readonly RotationSnapshot[]>;
  /** Without slots, without times, in the safe order. Fails with `rotation-exists`. */
  'rotation.create': (input: { name: string }) => Promise<RotationSnapshot>;
  /** Its connections stay as they are. Fails with `rotation-running`. */
  'rotation.delete': (input: { rotation: string }) => Promise<null>;
  /** A connection of the same set and rules as the other slots', to a place of its own. When another slot follows the source it goes to rest. */
  'rotation.add-slot': (input: { rotation: string; slot: string; connectionId: ConnectionId }) => Promise<RotationSnapshot>;
  'rotation.remove-slot': (input: { rotation: string; slot: string }) => Promise<RotationSnapshot>;
  /** What is left out stays. A new schedule counts from now on. Fails with `bad-input` for a time or a zone that there is not. */
  'rotation.configure': (input: { rotation: string; settings: RotationChange }) => Promise<RotationSnapshot>;
  /** Begins a switch now; `slot` null: to the next one. Fails with `rotation-running`, `slot-in-use`, `slot-live`. */
  'rotation.run-now': (input: { rotation: string; slot: string | null }) => Promise<RotationSnapshot>;
  /** Leaves out the next start by the clock. */
  'rotation.skip-next': (input: { rotation: string }) => Promise<RotationSnapshot>;
  /** Pure: the next starts and what each would do. */
  'rotation.preview': (input: { rotation: string; count: number }) => Promise<readonly PlannedSwitch[]>;
  /**
   * The same of a rotation that is still being put together: slots in their order, and the one that would be live. Nothing is kept. Fails
   * with `unknown-slot`, and with `bad-input` for a time or zone that there is not.
   */
  'rotation.preview-draft': (input: RotationDraft & { count: number }) => Promise<readonly PlannedSwitch[]>;
  /** Somebody begins to read a slot at rest: it is not switched in before it is released. Fails with `slot-live`, `slot-in-use`. */
  'rotation.use': (input: { rotation: string; slot: string; reason: string }) => Promise<RotationSnapshot>;
  'rotation.release': (input: { rotation: string; slot: string }) => Promise<RotationSnapshot>;
  /**
   * What is true now of a replica that is to be backed up. On the source `name` is a slot (`ROTATION/SLOT`), a rotation (its newest complete
   * slot at rest), a connection's number or id, or a set, of which `target` says where it goes if it goes to several; on the target the
   * connection's id. Fails with `unknown-connection`, `unknown-slot`.
   */
  'backup.look': (input: BackupName) => Promise<BackupView>;
  /**
   * Begins a window if the verdict is `go`; on the source at rest or by a pause, on the target by a hold. It is open when the view says so. One that
   * this owner has begun already is answered as it is. Fails with `window-open` for another owner's.
   */
  'backup.begin': (input: BackupName & { owner: string; reason: string; maxMinutes: number }) => Promise<BackupView>;
  /** Gives back what the window took. `ended` null: there was none. Fails with `window-open` for another owner's. */
  'backup.end': (input: BackupName & { owner: string }) => Promise<{ view: BackupView; ended: BackupWindow | null }>;
  /** All windows of this service, as source and as target. */
  'backup.list': (input: null) => Promise<readonly BackupWindow[]>;
  /** What `backup.look` says of every connection of this source, and of every replica here that a window holds. */
  'backup.views': (input: null) => Promise<readonly BackupView[]>;
  /** On the target: draws files for a drill at random. `seed` null: a new one. Fails with `bad-input` for more than there are files to draw from. */
  'restore.sample': (input: { from: RestoreFrom; files: number; seed: string | null }) => Promise<RestoreSample>;
  /**
   * On the target: checks what is chosen, gives the offer that the receiving server admits with `replica.admit`. Nothing is stored. `name`: what is
   * restored, for people.
   */
  'restore.prepare': (input: {
    choice: RestoreChoice;
    receiverFingerprint: string;
  }) => Promise<{ offer: Offer; name: string; warnings: readonly string[] }>;
  /**
   * On the target: stores the restore and begins it; the replica is brought to rest for it. With `plan` it finds out what it would do and waits
   * for `restore.go`. `owners`: by which the receiver gives them. `receiverHost` is how this target reaches its data port.
   */
  'restore.start': (input: {
    choice: RestoreChoice;
    offer: Offer;
    admission: Admission;
    receiverHost: string;
    overwrite: OverwritePolicy;
    checksum: boolean;
    owners: 'number' | 'name';
    plan: boolean;
    drill: DrillOrder | null;
  }) => Promise<RestoreSnapshot>;
  /** A restore that is planned is carried out. Fails with `bad-input` for any other. */
  'restore.go': (input: { restoreId: string }) => Promise<RestoreSnapshot>;
  /** Ends it; what is restored already stays. Fails with `bad-input` for one that is over. */
  'restore.cancel': (input: { restoreId: string }) => Promise<RestoreSnapshot>;
  /** Those that run, then those that are over, newest first; without the files of drills. */
  'restore.list': (input: null) => Promise<readonly RestoreSnapshot[]>;
  /** `restoreId` null: the newest. Fails with `not-found`. */
  'restore.get': (input: { restoreId: string | null }) => Promise<RestoreReport>;
  /** On the source: reads a file of a connection, so that a drill can compare. Fails with `bad-path` for one that is not in it. */
  'connection.hash-file': (input: { connectionId: ConnectionId; path: string }) => Promise<OriginalFile>;
};

export type CallName = keyof Calls;
export type CallInput<K extends CallName> = Parameters<Calls[K]>[0];
export type CallResult<K extends CallName> = Awaited<ReturnType<Calls[K]>>;

/** What a service pushes to every session. Lists are replaced whole. */
export interface Updates {
  readonly connections: readonly ConnectionSnapshot[];
  readonly replicas: readonly ReplicaSnapshot[];
  readonly sets: readonly ReplicationSet[];
  readonly rotations: readonly RotationSnapshot[];
  readonly windows: readonly BackupWindow[];
  readonly message: MessageEntry;
}
export type UpdateName = keyof Updates;
export type Update = { [K in UpdateName]: { readonly name: K; readonly value: Updates[K] } }[UpdateName];

const name = z.string().min(1).max(100);
const secret = z.string().min(1).max(100);
const role: z.ZodType<Role> = z.enum(['admin', 'monitor']);
const path = z.string().min(1).max(4096);
const rule: z.ZodType<SetRule> = z.strictObject({ path, verdict: z.enum(['include', 'exclude']), recursive: z.boolean() });
const rules = z.array(rule).max(10_000);
export const mapSpec: z.ZodType<MapSpec> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('exact') }),
  z.strictObject({ kind: z.literal('base'), base: path }),
  z.strictObject({
    kind: z.literal('pairs'),
    pairs: z
      .array(z.strictObject({ from: path, to: path }))
      .min(1)
      .max(1000),
  }),
]);
export const mirrorOptions: z.ZodType<MirrorOptions> = z
  .strictObject({
    kind: z.enum(['all', 'different', 'checksum']),
    newer: z.boolean().optional(),
    flaggedOnly: z.boolean().optional(),
    orphans: z.boolean().optional(),
  })
  .refine(({ kind, newer }) => kind !== 'all' || newer !== true, { error: '`newer` goes with differences only' })
  .refine(({ kind, flaggedOnly }) => kind === 'checksum' || flaggedOnly !== true, {
    error: '`flaggedOnly` goes with checksum only',
  });
const verifyOptions: z.ZodType<VerifyOptions> = z.strictObject({
  bytes: z.boolean(),
  repair: z.enum(['none', 'all', 'newer']),
  orphans: z.boolean(),
});
const roots = z
  .array(z.strictObject({ from: path, to: path }))
  .min(1)
  .max(1000);
const connectionId = z.uuid();
const certificateId = z.string().min(1).max(50);
const search = z.string().max(4096);
const offset = z.int().min(0);
const limit = z.int().min(1).max(10_000);
const byConnection = z.strictObject({ connectionId });
const byConnectionWithReason = z.strictObject({ connectionId, reason: z.string().max(500) });
const restoreId = z.string().min(1).max(50);
const byRestore = z.strictObject({ restoreId });
const byRotation = z.strictObject({ rotation: name });
const bySlot = z.strictObject({ rotation: name, slot: slotName });
const backupName = {
  side: z.enum(['source', 'target']),
  name: z.string().min(1).max(201),
  target: name.nullable(),
};
const backupOwner = z.string().min(1).max(200);
const rotationChange: z.ZodType<RotationChange> = z.strictObject({ ...rotationFields, mirror: mirrorOptions }).partial();
const offer: z.ZodType<Offer> = z.strictObject({
  lineage,
  connectionId,
  setName: name,
  sourceName: name,
  sourceFingerprint: z.string().min(1).max(200),
  map: mapSpec,
  roots,
  namesInside: z.array(z.int().min(0).max(4096)).max(1000).optional(),
});
const admission: z.ZodType<Admission> = z.strictObject({
  disk: diskPlaces.nullable(),
  warnings: z.array(z.string().max(1000)).max(100),
  targetName: name,
  targetFingerprint: z.string().min(1).max(200),
  dataPort: z.int().min(1).max(65_535),
  roots,
});

/** A call without a schema does not compile; unknown keys and enum values are refused at the edge. */
export const inputs: { readonly [K in CallName]: z.ZodType<CallInput<K>> } = {
  'session.login': z.strictObject({ user: name, password: secret }),
  'session.info': z.null(),
  'server.info': z.null(),
  'folder.list': z.strictObject({ path: path.nullable(), files: z.boolean() }),
  'set.list': z.null(),
  'set.get': z.strictObject({ name }),
  'set.create': z.strictObject({ name }),
  'set.add-rule': z.strictObject({ name, rule }),
  'set.remove-rule': z.strictObject({ name, path }),
  'set.replace-rules': z.strictObject({ name, rules }),
  'set.save': z.strictObject({ name }),
  'set.delete': z.strictObject({ name }),
  'set.calculate': z.strictObject({ rules }),
  'account.list': z.null(),
  'account.create': z.strictObject({ name, password: secret, role }),
  'account.delete': z.strictObject({ name }),
  'account.set-password': z.strictObject({ name, password: secret }),
  'account.set-role': z.strictObject({ name, role }),
  'audit.list': z.strictObject({ limit: z.int().min(1).max(10_000) }),
  'message.list': z.strictObject({ afterId: z.int().min(0), limit: z.int().min(1).max(10_000) }),
  'connection.preview': z.strictObject({ rules, map: mapSpec }),
  'connection.prepare': z.strictObject({ setName: name, map: mapSpec, targetFingerprint: z.string().min(1).max(200) }),
  'replica.admit': z.strictObject({ offer }),
  'replica.list': z.null(),
  'replica.release': byConnection,
  'replica.hold': byConnectionWithReason,
  'replica.resume': byConnection,
  'replica.accept-drift': byConnection,
  'certificate.make': z.strictObject({ connectionId, full: z.boolean() }),
  'certificate.stop': byConnection,
  'certificate.list': z.strictObject({ connectionId: connectionId.nullable() }),
  'certificate.read': z.strictObject({
    connectionId,
    certificateId: certificateId.nullable(),
    offset,
    limit: z
      .int()
      .min(1)
      .max(256 * 1024),
  }),
  'certificate.delete': z.strictObject({ connectionId, certificateId }),
  'snapshot.take': z.strictObject({ connectionId, name: z.string().trim().max(100), fileLevel: z.boolean() }),
  'snapshot.list': z.strictObject({ connectionId: connectionId.nullable() }),
  'snapshot.revert': z.strictObject({ connectionId, snapshotId: certificateId }),
  'snapshot.delete': z.strictObject({ connectionId, snapshotId: certificateId }),
  'replica.changes': z.strictObject({
    connectionId,
    since: z.iso.datetime(),
    removed: z.boolean(),
    after: z.string().max(20_000).nullable(),
    limit: z.int().min(1).max(1_000),
  }),
  'connection.create': z.strictObject({
    offer,
    admission,
    targetHost: name,
    mirror: mirrorOptions.nullable(),
    settings: connectionSettingsChange.optional(),
  }),
  'connection.configure': z.strictObject({ connectionId, settings: connectionSettingsChange }),
  'line.configure': z.strictObject({ targetFingerprint: z.string().min(1).max(200), settings: lineSettingsChange }),
  'schedule.preview': z.strictObject({ settings: lineSettingsChange }),
  'line.list': z.null(),
  'replica.configure': z.strictObject({ connectionId, settings: replicaSettingsChange }),
  'service.configure': z.strictObject({ settings: serviceSettingsChange }),
  'service.settings': z.null(),
  'connection.list': z.null(),
  'connection.get': byConnection,
  'connection.preserved': byConnection,
  'connection.find': z.strictObject({ setName: name, target: name, map: mapSpec.nullable() }),
  'connection.disconnect': byConnection,
  'connection.park': byConnectionWithReason,
  'connection.reconnect': z.strictObject({ connectionId, mirror: mirrorOptions.nullable() }),
  'connection.answer': z.strictObject({ connectionId, answer: name }),
  'mirror.start': z.strictObject({ connectionId, options: mirrorOptions }),
  'mirror.plan': z.strictObject({ connectionId, options: mirrorOptions }),
  'mirror.stop-plan': byConnection,
  'mirror.planned': z.strictObject({
    connectionId,
    planId: z.string().min(1).max(50).nullable(),
    action: z.enum(planActions).nullable(),
    offset,
    limit,
  }),
  'mirror.stop': byConnection,
  'mirror.pause': byConnection,
  'mirror.resume': byConnection,
  'verify.start': z.strictObject({ connectionId, options: verifyOptions }),
  'verify.stop': byConnection,
  'verify.list': z.strictObject({ connectionId: connectionId.nullable() }),
  'verify.report': z.strictObject({
    connectionId,
    reportId: z.string().min(1).max(50).nullable(),
    offset: z.int().min(0),
    limit: z.int().min(1).max(1000),
  }),
  'orphans.start': byConnection,
  'orphans.stop': byConnection,
  'replica.orphans': z.strictObject({ connectionId, offset, limit }),
  'replica.kept': z.strictObject({ connectionId, search, offset, limit }),
  'replica.purge-kept': z.strictObject({
    connectionId,
    search,
    olderThanDays: z.number().min(0).max(36_500),
    untilBytes: z.int().min(0).nullable(),
  }),
  'transmission.pause': byConnectionWithReason,
  'transmission.resume': byConnection,
  'transmission.stop': byConnectionWithReason,
  'transmission.start': byConnection,
  'rotation.list': z.null(),
  'rotation.create': z.strictObject({ name }),
  'rotation.delete': byRotation,
  'rotation.add-slot': z.strictObject({ rotation: name, slot: slotName, connectionId }),
  'rotation.remove-slot': bySlot,
  'rotation.configure': z.strictObject({ rotation: name, settings: rotationChange }),
  'rotation.run-now': z.strictObject({ rotation: name, slot: slotName.nullable() }),
  'rotation.skip-next': byRotation,
  'rotation.preview': z.strictObject({ rotation: name, count: z.int().min(1).max(100) }),
  'rotation.preview-draft': z.strictObject({
    slots: z.array(slotName).max(100),
    live: slotName.nullable(),
    schedule: rotationFields.schedule,
    order: rotationFields.order,
    missed: rotationFields.missed,
    count: z.int().min(1).max(100),
  }),
  'rotation.use': z.strictObject({ rotation: name, slot: slotName, reason: z.string().max(500) }),
  'rotation.release': bySlot,
  'backup.look': z.strictObject(backupName),
  'backup.begin': z.strictObject({
    ...backupName,
    owner: backupOwner,
    reason: z.string().max(500),
    maxMinutes: z.int().min(1).max(525_600),
  }),
  'backup.end': z.strictObject({ ...backupName, owner: backupOwner }),
  'backup.list': z.null(),
  'backup.views': z.null(),
  'restore.sample': z.strictObject({
    from: restoreFrom,
    files: z.int().min(1).max(MOST_SAMPLED),
    seed: z.string().min(1).max(100).nullable(),
  }),
  'restore.prepare': z.strictObject({ choice: restoreChoice, receiverFingerprint: z.string().min(1).max(200) }),
  'restore.start': z.strictObject({
    choice: restoreChoice,
    offer,
    admission,
    receiverHost: name,
    overwrite: z.enum(overwritePolicies),
    checksum: z.boolean(),
    owners: z.enum(['number', 'name']),
    plan: z.boolean(),
    drill: drillOrder.nullable(),
  }),
  'restore.go': byRestore,
  'restore.cancel': byRestore,
  'restore.list': z.null(),
  'restore.get': z.strictObject({ restoreId: restoreId.nullable() }),
  'connection.hash-file': z.strictObject({ connectionId, path }),
};

/** Who may make a call. `none`: before a login. A monitor sees statistics and definitions and changes nothing. */
export const requiredRole: Readonly<Record<CallName, Role | 'none'>> = {
  'session.login': 'none',
  'session.info': 'monitor',
  'server.info': 'none',
  'folder.list': 'admin',
  'set.list': 'monitor',
  'set.get': 'monitor',
  'set.create': 'admin',
  'set.add-rule': 'admin',
  'set.remove-rule': 'admin',
  'set.replace-rules': 'admin',
  'set.save': 'admin',
  'set.delete': 'admin',
  'set.calculate': 'admin',
  'account.list': 'admin',
  'account.create': 'admin',
  'account.delete': 'admin',
  'account.set-password': 'admin',
  'account.set-role': 'admin',
  'audit.list': 'admin',
  'message.list': 'monitor',
  'connection.preview': 'admin',
  'connection.prepare': 'admin',
  'replica.admit': 'admin',
  'replica.list': 'monitor',
  'replica.release': 'admin',
  'replica.hold': 'admin',
  'replica.resume': 'admin',
  'replica.accept-drift': 'admin',
  'certificate.make': 'admin',
  'certificate.stop': 'admin',
  'certificate.list': 'monitor',
  'certificate.read': 'admin',
  'certificate.delete': 'admin',
  'snapshot.take': 'admin',
  'snapshot.list': 'monitor',
  'snapshot.revert': 'admin',
  'snapshot.delete': 'admin',
  'replica.changes': 'admin',
  'connection.create': 'admin',
  'connection.configure': 'admin',
  'line.configure': 'admin',
  'schedule.preview': 'monitor',
  'line.list': 'monitor',
  'replica.configure': 'admin',
  'service.configure': 'admin',
  'service.settings': 'monitor',
  'connection.list': 'monitor',
  'connection.get': 'monitor',
  'connection.preserved': 'monitor',
  'connection.find': 'monitor',
  'connection.disconnect': 'admin',
  'connection.park': 'admin',
  'connection.reconnect': 'admin',
  'connection.answer': 'admin',
  'mirror.start': 'admin',
  'mirror.plan': 'admin',
  'mirror.stop-plan': 'admin',
  'mirror.planned': 'admin',
  'mirror.stop': 'admin',
  'mirror.pause': 'admin',
  'mirror.resume': 'admin',
  'verify.start': 'admin',
  'verify.stop': 'admin',
  'verify.list': 'monitor',
  'verify.report': 'admin',
  'orphans.start': 'admin',
  'orphans.stop': 'admin',
  'replica.orphans': 'monitor',
  'replica.kept': 'monitor',
  'replica.purge-kept': 'admin',
  'transmission.pause': 'admin',
  'transmission.resume': 'admin',
  'transmission.stop': 'admin',
  'transmission.start': 'admin',
  'rotation.list': 'monitor',
  'rotation.create': 'admin',
  'rotation.delete': 'admin',
  'rotation.add-slot': 'admin',
  'rotation.remove-slot': 'admin',
  'rotation.configure': 'admin',
  'rotation.run-now': 'admin',
  'rotation.skip-next': 'admin',
  'rotation.preview': 'monitor',
  'rotation.preview-draft': 'monitor',
  'rotation.use': 'admin',
  'rotation.release': 'admin',
  'backup.look': 'monitor',
  'backup.begin': 'admin',
  'backup.end': 'admin',
  'backup.list': 'monitor',
  'backup.views': 'monitor',
  'restore.sample': 'admin',
  'restore.prepare': 'admin',
  'restore.start': 'admin',
  'restore.go': 'admin',
  'restore.cancel': 'admin',
  'restore.list': 'monitor',
  'restore.get': 'monitor',
  'connection.hash-file': 'admin',
};
