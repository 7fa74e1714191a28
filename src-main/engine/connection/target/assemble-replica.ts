import type { ReplicaSettings } from '../../../api/index.ts';
import { Applier, AttributeSetter, Flusher, makeStagePlaces, ReplicaPaths, Stage } from '../../apply/index.ts';
import type { BlockHasher, VolumeFlushes } from '../../fs/index.ts';
import type { AbsolutePath } from '../../model/index.ts';
import { CutFile, TargetQueue } from '../../queue/index.ts';
import type { ReplicaSpec } from '../replicator-api.ts';
import { Answers } from './answers.ts';
import { ApplyLoop } from './apply-loop.ts';
import type { ApplyTurns } from './apply-turns.ts';
import type { Completeness } from './completeness.ts';
import type { DriftWatch } from './drift-watch.ts';
import { Failures, type Failure } from './failures.ts';
import { FlushLoop } from './flush-loop.ts';
import { GroupGate } from './group-gate.ts';
import { Intake } from './intake.ts';
import { Leftovers, type LeftoversParts } from './leftovers.ts';
import { Losses, type RootLoss } from './losses.ts';
import { Milestone } from './milestone.ts';
import { OwnerMap } from './owner-map.ts';
import { PendingOps } from './pending-ops.ts';
import { ProblemSlot } from './problem.ts';
import { StreamFlush } from './stream-flush.ts';

export interface ReplicaRunOptions {
  readonly connectionId: string;
  readonly roots: readonly AbsolutePath[];
  readonly namesInside?: ReplicaSpec['namesInside'];
  /** Where the queue and the list of failures lie. */
  readonly folder: string;
  readonly hasher: BlockHasher;
  /** Shared by all replicas of this server. */
  readonly flushes: VolumeFlushes;
  /** The same. */
  readonly turns: ApplyTurns;
  readonly drift: DriftWatch;
  /** The settings of this moment. */
  readonly settings: () => ReplicaSettings;
  /** What the source says of it. */
  readonly completeness: Completeness;
  /** A hold was ordered before. */
  readonly isHoldOrdered: boolean;
  /** The target's records, and what one replica has to know of the others. */
  readonly leftovers: Pick<LeftoversParts, 'records' | 'kept' | 'setName' | 'otherRoots'>;
  /** An entry of the replica is about to change: by an op, or because a kept one is purged. */
  readonly onMoving: () => void;
  /** Figures or the problem changed. */
  readonly onChanged: () => void;
  readonly onEvent: (severity: 'info' | 'warning' | 'error', text: string) => void;
}

/** What the stages tell whoever runs them. */
export interface ReplicaHooks {
  readonly onLoss: (loss: RootLoss, text: string) => void;
  readonly onFailed: (failure: Failure) => void;
  /** More is applied for good; what came meanwhile is still to be kept. */
  readonly onApplied: () => void;
  /** More is received or applied for good. */
  readonly onFlushed: () => void;
  /** Data of large files under way are on disk. */
  readonly onStreamsFlushed: () => void;
  readonly onProblem: () => void;
}

/** The stages of an open replica, joined. */
export interface ReplicaStages {
  readonly queue: TargetQueue;
  readonly failures: Failures;
  readonly cuts: CutFile;
  readonly gate: GroupGate;
  readonly pending: PendingOps;
  readonly stage: Stage;
  readonly intake: Intake;
  readonly answers: Answers;
  readonly applyLoop: ApplyLoop;
  readonly flushLoop: FlushLoop;
  readonly streamFlush: StreamFlush;
  readonly leftovers: Leftovers;
  readonly losses: Losses;
  readonly owners: OwnerMap;
  /** Where data wait until they are applied. */
  readonly stageFolders: readonly AbsolutePath[];
  /** Applied, if not yet on disk. */
  readonly committed: Milestone;
  /** On disk, and to be acknowledged: as received, as applied. */
  readonly received: Milestone;
  readonly flushed: Milestone;
  readonly problems: { readonly staging: ProblemSlot; readonly flush: ProblemSlot; readonly apply: ProblemSlot };
  /** What the queue held when it was opened. */
  readonly bytesAtStart: number;
}

/** Opens everything. Throws coded errors of the disk. */
export function assembleReplica(options: ReplicaRunOptions, hooks: ReplicaHooks): ReplicaStages {
  const { roots, folder, onChanged, onEvent } = options;
  const problems = {
    staging: new ProblemSlot(hooks.onProblem),
    flush: new ProblemSlot(hooks.onProblem),
    apply: new ProblemSlot(hooks.onProblem),
  };
  const places = makeStagePlaces(roots, options.connectionId);
  const stageFolders = places.roots.map((place) => place.folder);
  const losses = new Losses({ roots, stageFolders, onNew: hooks.onLoss });
  const flushes = options.flushes.share();
  const queue = TargetQueue.open(`${folder}/queue`, { syncFile: flushes.file });
  const failures = Failures.open(`${folder}/failures`);
  const owners = OwnerMap.open(`${folder}/owners`);
  const attributes = new AttributeSetter((path, loss) => losses.note(path, loss), owners);
  const cuts = CutFile.open(`${folder}/cut`);
  const paths = new ReplicaPaths(roots, options.namesInside);
  const flusher = new Flusher(places.volumes, flushes);
  const stage = new Stage(places, flusher, attributes);
  stage.clean(queue.appliedSequence, queue.receivedSequence);
  const intake = new Intake(stage, roots.length, queue.receivedSequence);
  const pending = new PendingOps(queue);
  const received = new Milestone(queue.receivedSequence);
  const committed = new Milestone(queue.appliedSequence);
  const flushed = new Milestone(queue.appliedSequence);
  const gate = new GroupGate({
    isHoldOrdered: options.isHoldOrdered,
    cuts,
    beganInside: pending.beganInside,
    appliedSequence: queue.appliedSequence,
    applied: () => committed.sequence,
    hasQuestions: () => answers.isBusy,
    onHeld: () => {
      flushLoop.notify();
      onChanged();
    },
  });
  const leftovers = new Leftovers({
    ...options.leftovers,
    paths,
    attributes,
    roots,
    connectionId: options.connectionId,
    settings: options.settings,
    changed: (root, changed) => flusher.changed(stage.volumeOf(root), changed),
    onChanged,
    onEvent,
  });
  const applyLoop: ApplyLoop = new ApplyLoop({
    applier: new Applier({ paths, stage, flusher, attributes, kept: leftovers.kept, orphans: leftovers.orphans }),
    queue,
    pending,
    failures,
    gate,
    drift: options.drift,
    paths,
    problem: problems.apply,
    turn: options.turns.share(),
    committed,
    onMoving: options.onMoving,
    onFailed: hooks.onFailed,
    onCommitted: () => flushLoop.notify(),
  });
  const flushLoop: FlushLoop = new FlushLoop({
    intake,
    flusher,
    paths,
    queue,
    pending,
    failures,
    problem: problems.flush,
    commitRecords: () => options.leftovers.records.commit(),
    committed,
    received,
    flushed,
    appliedBytes: () => applyLoop.appliedBytes,
    onApplied: hooks.onApplied,
    onReceived: () => applyLoop.notify(),
    onFlushed: hooks.onFlushed,
  });
  const streamFlush = new StreamFlush({ intake, stage, flusher, onFlushed: hooks.onStreamsFlushed });
  const answers = new Answers({
    paths,
    stageFolders,
    leaving: (found) => owners.leaving(found),
    hasher: options.hasher,
    committed,
    onAnswered: () => applyLoop.notify(),
  });
  if (queue.damage !== null)
    onEvent('warning', `The queue of received changes was damaged (${queue.damage}). The source sends again what is missing.`);
  const bytesAtStart = pending.bytes;
  return {
    queue, failures, cuts, gate, pending, stage, intake, answers, applyLoop, flushLoop, streamFlush, leftovers, losses, owners, stageFolders,
    committed, received, flushed, problems, bytesAtStart,
  }; // prettier-ignore
}
