/* What a service shows of itself, kept whole: the shapes refer to each other, and a console reads them as one picture. */
import type { ReplicaCertificates } from './certificates.ts';
import type { ReplicaSnapshots } from './stored-snapshots.ts';
import type { ApplicationHooks } from './hooks.ts';
import type { ConnectionSettings, LineSettings, ReplicaSettings } from './settings.ts';
import type { ParkSchedule } from './park-schedule.ts';
import type { ConnectionPlan } from './plan.ts';
import type { ConnectionVerify } from './verify.ts';
import type { ConnectionId, Halt, MappedRoot, MapSpec, MirrorOptions, Problem, Role } from './words.ts';

/** connecting → up ⇄ down; stopped by `transmission stop`, which closes the link. */
export type LinkStatus =
  | { readonly kind: 'connecting'; readonly since: string }
  /** `clockSkewMs`: how far the target's clock is ahead of the source's, at least; 0 within what can be measured. */
  | { readonly kind: 'up'; readonly since: string; readonly clockSkewMs?: number | undefined }
  | { readonly kind: 'down'; readonly since: string; readonly cause: string; readonly retryInMs: number }
  | { readonly kind: 'stopped'; readonly since: string };

/**
 * How much order a replica keeps between files. `point-in-time`: it holds a state that the source had at one moment. `file-level`: each
 * file is a complete version, different files may be from slightly different moments.
 */
export type Consistency = 'point-in-time' | 'file-level';

/** A moment of the source that a replica reached. `sequence`: the last op of it. `at`: ISO time, the source's clock. */
export interface Cut {
  readonly sequence: number;
  readonly at: string;
  readonly label: Consistency;
  /** Why it is no more than `file-level`, or what made it a point in time; null or absent when nothing is to be said. */
  readonly why?: string | null | undefined;
  /** The application was made to stand still for it. */
  readonly isFrozen?: boolean | undefined;
  /** Only where it was sought together with the cut of another connection of the same set. */
  readonly common?: CommonState | undefined;
}

/**
 * Whether the replicas of two connections hold one and the same state, each at its cut; proven only where both cuts say so of each other and
 * have the same `at`. `why`: what stands against it; null when nothing does.
 */
export interface CommonState {
  readonly with: ConnectionId;
  readonly isSame: boolean;
  readonly why: string | null;
}

/**
 * Somebody ordered that a connection leaves its target and stays away until it is reconnected: leaving (what changed unseen is found, then a
 * cut is sought, as for a pause) → parked → gone from here when it is reconnected. `cut`: what the replica at rest holds; null when it had
 * left without one. `isComplete`: at the cut it was a whole and current copy, no mirror was owed or under way.
 */
export type Park =
  | { readonly kind: 'leaving'; readonly owner: string; readonly reason: string; readonly since: string }
  | {
      readonly kind: 'parked';
      readonly owner: string;
      readonly reason: string;
      readonly since: string;
      readonly cut: Cut | null;
      readonly isComplete: boolean;
    };

/** active → pausing → paused → active; active|paused → stopped → active; active ⇄ waiting. `cut` is the last op the target applied before the pause. */
export type TransmissionStatus =
  | { readonly kind: 'active'; readonly since: string }
  | { readonly kind: 'pausing'; readonly since: string; readonly owner: string; readonly reason: string }
  | {
      readonly kind: 'paused';
      readonly since: string;
      readonly owner: string;
      readonly reason: string;
      readonly cut: Cut;
    }
  | { readonly kind: 'stopped'; readonly since: string; readonly owner: string; readonly reason: string }
  /** Held back by no person: the link stays up, and it goes on by itself. */
  | {
      readonly kind: 'waiting';
      readonly by: Extract<HoldOwner, 'target-full'>;
      readonly since: string;
      readonly owner: string;
      readonly reason: string;
    }
  /** Nobody holds it, but the schedule of the line lets nothing go now; `startsAt`: when the clock starts it next, if it does. */
  | { readonly kind: 'scheduled'; readonly since: string; readonly reason: string; readonly startsAt: string | null };

/** `operator`: a person or a script. `park`: the cut at which the connection is to leave its target. Each lifts only its own hold. */
export type HoldOwner = 'operator' | 'park' | 'target-full';

/** One reason for which transmission is held back. `owner` names who said so, for people. */
export interface TransmissionHold {
  readonly by: HoldOwner;
  readonly kind: 'pause' | 'stop';
  readonly owner: string;
  readonly reason: string;
  readonly since: string;
}

/** Where the schedule of a line stands. unscheduled: no rule counts, and nothing is held back. */
export type ScheduleStatus =
  | { readonly kind: 'unscheduled' }
  | { readonly kind: 'waiting'; readonly since: string; readonly reason: string; readonly startsAt: string | null }
  | { readonly kind: 'sending'; readonly since: string; readonly startedBy: 'time' | 'queue' | 'person' };

/**
 * idle → calculating → mirroring → idle; mirroring ⇄ paused (keeps its place). With limits it is planned first: idle → planning →
 * calculating, or planning → limited, where it waits for a person and has done nothing. Counts are file bytes.
 */
export type MirrorStatus =
  | { readonly kind: 'idle'; readonly lastCompletedAt: string | null; readonly lastResult?: MirrorResult | undefined }
  | ({ readonly kind: 'planning' | 'limited' | 'calculating' | 'mirroring' | 'paused' } & MirrorProgress);

export interface MirrorProgress {
  readonly options: MirrorOptions;
  readonly startedAt: string;
  /** Null while the size is being calculated; afterwards remaining + sent + skipped = calculated. */
  readonly calculatedBytes: number | null;
  readonly calculatedFiles: number | null;
  readonly sentBytes: number;
  readonly skippedBytes: number;
  readonly remainingBytes: number | null;
  readonly sentFiles: number;
  readonly skippedFiles: number;
  readonly percent: number | null;
  readonly bytesPerSec: number;
  readonly timeLeftMs: number | null;
}

/** What a mirror did, once the target had applied it. Bytes are those of files; `left` are those of the skipped that differ. */
export interface MirrorResult {
  readonly options: MirrorOptions;
  readonly completedAt: string;
  readonly sentFiles: number;
  readonly sentBytes: number;
  readonly skippedFiles: number;
  readonly skippedBytes: number;
  /** Different, and left because the mirror was to send only what is newer, or only what was missing. */
  readonly leftFiles: number;
  readonly leftBytes: number;
}

/** What the target's copy is worth now. `good`: mirrored and following the source. `mirror-required` also after a mirror left differences. */
export type TargetDataState = 'good' | 'mirroring' | 'mirror-required' | 'unknown';

export interface ConnectionStatistics {
  /**
   * Each byte is in exactly one of: source queue in memory, source queue on disk, in flight, target queue, applied. A change that waits on
   * the source holds no data yet; it stands for the size of its file, as of its last change. Here memory and disk together.
   */
  readonly queuedOps: number;
  readonly queuedBytes: number;
  /** Of those, what lies on disk. */
  readonly queuedDiskOps: number;
  readonly queuedDiskBytes: number;
  readonly inFlightOps: number;
  readonly inFlightBytes: number;
  readonly targetQueueOps: number;
  readonly targetQueueBytes: number;
  readonly appliedOps: number;
  readonly appliedBytes: number;
  /** Bytes put on the wire since the connection started in this run, and their parts. */
  readonly sentBytes: number;
  readonly sentOps: number;
  readonly sentMirrorBytes: number;
  readonly sentReplicationBytes: number;
  /** Everything put on the wire in this run, repetitions included: as it would be without compression, and as it is. */
  readonly plainBytes: number;
  readonly wireBytes: number;
  readonly bytesPerSec: number;
  readonly sentSequence: number;
  readonly receivedSequence: number;
  readonly appliedSequence: number;
  /** Time from the notice of a change to its applied acknowledgement, over the last changes; null before the first. */
  readonly latencyMs: { readonly p50: number; readonly p99: number } | null;
  readonly lastPath: string | null;
}

/** Pipes, sockets and devices are left out; flags of files and folders, and attributes beyond 128 KiB of one entry, too. */
export interface NotCarried {
  readonly kind: 'pipe' | 'socket' | 'device' | 'immutable' | 'append-only' | 'too-many-attributes';
  readonly count: number;
  /** Paths of the source, for people; at most 10. */
  readonly examples: readonly string[];
}

/** The room that waiting changes take on the source; they are names, not data. */
export interface QueueStatus {
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** What may still come, by the limits and the free space; up to five seconds old while the queue stays as it is. */
  readonly roomBytes: number;
  /** Of all room, how much is taken. */
  readonly percent: number;
  /** How fast changes come, over the last five minutes. */
  readonly bytesPerSec: number;
  /** How long transmission could be held, at that rate, until the queue is full; null while nothing changes. */
  readonly fullInMs: number | null;
}

/**
 * Copies of files that are written without rest: clones of the large ones. `untried`: none was needed yet; `partly`: not on every volume.
 * `why`: what stands against them, '' when nothing does.
 */
export interface CloneFacts {
  readonly state: 'untried' | 'works' | 'partly' | 'impossible' | 'off';
  readonly why: string;
  /** Clones made, and cuts that became a point in time by copies at one instant, since the connection's service started. */
  readonly made: number;
  readonly cuts: number;
}

/** What notices changes, and why it and nothing better. */
export interface CaptureFacts {
  readonly method: string;
  readonly why: string;
  /** How often, and how long, writers of large files were held for a cut since the capture began; absent before the first time. */
  readonly writersHeld?:
    { readonly times: number; readonly lastMs: number; readonly lastWrites: number; readonly mostMs: number } | undefined;
  /** Absent until the connection's worker has told. */
  readonly clones?: CloneFacts | undefined;
}

export interface ConnectionSnapshot {
  readonly id: ConnectionId;
  readonly number: number;
  readonly setName: string;
  readonly sourceName: string;
  readonly targetName: string;
  readonly targetAddress: string;
  readonly targetFingerprint: string;
  readonly map: MapSpec;
  readonly roots: readonly MappedRoot[];
  /** What the target allowed and found worth knowing at the connect, in whole sentences. */
  readonly warnings: readonly string[];
  readonly connectedSince: string;
  readonly link: LinkStatus;
  readonly transmission: TransmissionStatus;
  /** Everybody who holds transmission now, the strongest first. */
  readonly holds: readonly TransmissionHold[];
  readonly mirror: MirrorStatus;
  /** The newest search for orphans since the service started; null before the first. */
  readonly orphans: OrphanProgress | null;
  /**
   * `disconnected`: it left the target by itself, or comes back from being parked; changes are not noted. `parked`: it left because somebody
   * ordered it, and comes back only when it is reconnected. `pending`: it is back, and waits for somebody to start a mirror.
   */
  readonly replication: 'starting' | 'replicating' | 'halted' | 'disconnected' | 'parked' | 'pending';
  /** Why it left the target, while it is `disconnected`, `parked` or `pending`. */
  readonly disconnection: Problem | null;
  readonly park: Park | null;
  /** Absent where the clock never had to do with it. */
  readonly parkSchedule?: ParkSchedule | undefined;
  readonly queue: QueueStatus;
  readonly targetData: TargetDataState;
  /** How much order the replica now keeps between files; `consistencyWhy` says why not more, '' when nothing stands against it. */
  readonly consistency: Consistency;
  readonly consistencyWhy: string;
  readonly capture: CaptureFacts;
  readonly halt: Halt | null;
  /** At most the newest 100; `problemCount` counts all that are open. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  /** What the source has and no replica carries, by kind: shown, and no failure. */
  readonly notCarried: readonly NotCarried[];
  readonly statistics: ConnectionStatistics;
  readonly settings: ConnectionSettings;
  readonly line: LineSnapshot;
  readonly verify: ConnectionVerify;
  readonly plan: ConnectionPlan;
  /** The programs that let the application stand still while a cut is made. */
  readonly hooks: ApplicationHooks;
}

/** What all connections of this source to one target share. */
export interface LineSnapshot {
  readonly targetFingerprint: string;
  readonly settings: LineSettings;
  readonly schedule: ScheduleStatus;
  /** Bytes that all its connections have put on the wire since the service started. */
  readonly wireBytes: number;
}

/** A search for orphans as the source sees it: what it found. What became of that is with the target. Bytes are those of files. */
export interface OrphanProgress {
  readonly state: 'searching' | 'done' | 'stopped';
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly foldersSeen: number;
  readonly found: number;
  readonly foundBytes: number;
}

/** The newest search for orphans in a replica: entries on the target that the source does not have. Bytes are those of files. */
export interface OrphanSearch {
  readonly startedAt: string;
  /** Null while it goes on. */
  readonly endedAt: string | null;
  readonly found: number;
  readonly foundBytes: number;
  readonly deleted: number;
  readonly moved: number;
  /** Found and still there. */
  readonly left: number;
}

/** One entry of the target that the source does not have. `why`: for `moved` where to, for `stayed` the reason. */
export interface OrphanEntry {
  readonly path: string;
  readonly kind: FolderEntry['kind'];
  readonly bytes: number;
  readonly modifiedAt: string;
  readonly outcome: 'reported' | 'deleted' | 'moved' | 'stayed';
  readonly why: string;
}

/** One entry that the source deleted and that stays, because the connection ignores deletes. */
export interface KeptDeletedEntry {
  readonly path: string;
  readonly kind: FolderEntry['kind'];
  readonly bytes: number;
  readonly modifiedAt: string;
  readonly deletedAt: string;
  readonly setName: string;
}

/** One replica that this server holds as a target. */
export interface ReplicaSnapshot {
  readonly connectionId: ConnectionId;
  readonly setName: string;
  readonly sourceName: string;
  readonly roots: readonly MappedRoot[];
  /** `held`: a hold has taken effect; what comes is kept safe and not applied. */
  readonly state: 'waiting-for-source' | 'receiving' | 'held' | 'retrying' | 'released';
  readonly since: string;
  readonly receivedSequence: number;
  readonly appliedSequence: number;
  readonly queuedOps: number;
  readonly queuedBytes: number;
  /** The last cut that is applied and on disk. */
  readonly cut: Cut | null;
  /** What the files hold now: the cut's label while they are exactly at the cut. */
  readonly consistency: Consistency;
  /** An order that the replica stands still. `isEffective` false: the group that is being applied comes to its end first. */
  readonly hold:
    | { readonly owner: string; readonly reason: string; readonly since: string; readonly isEffective: boolean }
    | null; // prettier-ignore
  readonly problem: Problem | null;
  readonly settings: ReplicaSettings;
  /** What this target cannot keep of what the source has, once for each root; the files themselves are complete. */
  readonly losses: readonly Problem[];
  /** Deleted on the source and kept here. */
  readonly kept: { readonly count: number; readonly bytes: number };
  readonly orphans: OrphanSearch | null;
  readonly drift: ReplicaDrift;
  readonly certificates: ReplicaCertificates;
  readonly snapshots: ReplicaSnapshots;
  readonly queue: ReplicaQueue;
}

/** The room for what a replica receives and has not applied. */
export interface ReplicaQueue {
  /** On the volume that has least; null while nothing is to be left. */
  readonly freeBytes: number | null;
  /** A limit is reached and the source pauses. `why`: the second half of a sentence. */
  readonly full: { readonly since: string; readonly why: string } | null;
}

/** Files that somebody else changed or removed in a replica, since a person last accepted the list. */
export interface ReplicaDrift {
  readonly count: number;
  /** At most a hundred, newest first. */
  readonly newest: readonly DriftEntry[];
}

/** Found when the source's next change of that file came; `then` says what became of it. */
export interface DriftEntry {
  readonly path: string;
  readonly at: string;
  readonly what: 'changed' | 'missing';
  readonly expected: { readonly size: number; readonly modified: string };
  readonly found: { readonly size: number; readonly modified: string } | null;
  readonly then: 'replaced' | 'removed';
}

export interface ServerInfo {
  readonly serverId: string;
  readonly name: string;
  readonly version: string;
  readonly platform: string;
  readonly fingerprint: string;
  readonly controlAddress: string;
  readonly dataAddress: string;
  readonly volumes: readonly { readonly name: string; readonly folder: string }[];
  readonly startedAt: string;
  readonly capture: { readonly method: string; readonly why: string };
}

export interface SessionInfo {
  readonly user: string;
  readonly role: Role;
  readonly server: ServerInfo;
}

export interface FolderEntry {
  readonly name: string;
  /** Absolute path in the form that rules take. */
  readonly path: string;
  readonly kind: 'volume' | 'folder' | 'file' | 'symlink' | 'other';
  readonly size: number;
  readonly hasChildren: boolean;
}

export interface MessageEntry {
  readonly id: number;
  readonly at: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly connectionId: ConnectionId | null;
}

export interface AuditEntry {
  readonly at: string;
  readonly user: string;
  readonly from: string;
  readonly action: string;
  readonly details: string;
  readonly outcome: 'ok' | 'refused' | 'failed';
}

export interface AccountInfo {
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
}
