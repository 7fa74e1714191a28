import type { MirrorOptions, MirrorStatus, PlanRun, TransmissionHold, VerifyOptions, VerifyRun } from '../../../api/index.ts';
import { assertNever, ReplicationError } from '../../../base/index.ts';
import { noCounts } from '../../mirror/index.ts';
import type { ConnectionCommand, ConnectionSpec } from '../replicator-api.ts';
import type { SourceState, TransmissionStatus } from './source-status.ts';

/** What is known of a connection before its worker has told anything. */
export function initialState(spec: ConnectionSpec, mirror: MirrorOptions | null, isNew: boolean, now: string): SourceState {
  const hold = spec.hold;
  const holds = hold === null ? [] : [heldBy(hold)];
  const { park } = spec;
  return {
    link: { kind: 'connecting', since: now },
    transmission: hold === null ? { kind: 'active', since: now } : heldAt(hold),
    holds,
    mirror: mirror === null ? { kind: 'idle', lastCompletedAt: null } : beginningMirror(mirror, now),
    orphans: null,
    replication: 'starting',
    disconnection: null,
    park: park === null ? null : { kind: 'leaving', ...park },
    queue: { memoryBytes: 0, diskBytes: 0, roomBytes: 0, percent: 0, bytesPerSec: 0, fullInMs: null },
    targetData: isNew ? (mirror === null ? 'mirror-required' : 'mirroring') : 'unknown',
    consistency: 'file-level',
    consistencyWhy: 'the connection is starting',
    capture: { method: 'starting', why: 'watches are being set' },
    halt: null,
    problems: [],
    problemCount: 0,
    verify: { run: null, last: null },
    plan: { run: null, last: null, question: null },
    notCarried: [],
    statistics: {
      queuedOps: 0, queuedBytes: 0, queuedDiskOps: 0, queuedDiskBytes: 0, inFlightOps: 0, inFlightBytes: 0, targetQueueOps: 0, targetQueueBytes: 0, appliedOps: 0, appliedBytes: 0,
      sentBytes: 0, sentOps: 0, sentMirrorBytes: 0, sentReplicationBytes: 0, plainBytes: 0, wireBytes: 0, bytesPerSec: 0, sentSequence: 0, receivedSequence: 0,
      appliedSequence: 0, latencyMs: null, lastPath: null,
    }, // prettier-ignore
  };
}

type StoredHold = NonNullable<ConnectionSpec['hold']>;

function heldBy({ kind, owner, reason, since }: StoredHold): TransmissionHold {
  return { by: 'operator', kind, owner, reason, since };
}

function heldAt({ kind, owner, reason, since, cut }: StoredHold): TransmissionStatus {
  if (kind === 'stop') return { kind: 'stopped', since, owner, reason };
  return cut === null ? { kind: 'pausing', since, owner, reason } : { kind: 'paused', since, owner, reason, cut };
}

/** The stored form of what a person holds; the others say so again by themselves. */
export function holdOf({ holds, transmission }: Pick<SourceState, 'holds' | 'transmission'>): ConnectionSpec['hold'] {
  const hold = holds.find(({ by }) => by === 'operator');
  if (hold === undefined) return null;
  const { kind, owner, reason, since } = hold;
  const cut = kind === 'pause' && transmission.kind === 'paused' ? transmission.cut : null;
  return { kind, owner, reason, since, cut };
}

/** The stored form of an order to leave; carried out, it is in the catalog as well. */
export function parkOf({ park }: SourceState): ConnectionSpec['park'] {
  if (park === null) return null;
  const { owner, reason, since } = park;
  return { owner, reason, since };
}

/**
 * The state as it will be once the worker has taken the order, or the error that the order deserves now. Shown at once, so that a
 * caller who looks right after an order never sees the time before it.
 */
export function expectCommand(state: SourceState, command: ConnectionCommand, now: string): SourceState {
  const mirror = state.mirror;
  switch (command.kind) {
    case 'pause-transmission':
    case 'stop-transmission':
      return {
        ...state,
        holds: [operatorHold(command, now), ...othersThan(state.holds)],
        transmission: {
          kind: command.kind === 'pause-transmission' ? 'pausing' : 'stopped',
          since: now,
          owner: command.owner,
          reason: command.reason,
        },
      };
    case 'resume-transmission':
    case 'start-transmission':
      return { ...state, ...withoutOperator(state.holds, now) };
    case 'park':
      if (state.park !== null) return state;
      return { ...state, park: { kind: 'leaving', owner: command.owner, reason: command.reason, since: now } };
    case 'reconnect':
      if (state.disconnection === null && state.park === null) throw new ReplicationError('not-disconnected', {});
      return { ...state, park: null, replication: state.replication === 'parked' ? 'disconnected' : state.replication };
    case 'start-mirror':
      refuseParked(state);
      if (mirror.kind !== 'idle') throw new ReplicationError('mirror-running', { kind: mirror.options.kind });
      if (state.halt !== null) throw new ReplicationError('halted', { text: state.halt.cause });
      return { ...state, mirror: beginningMirror(command.options, now), targetData: 'mirroring' };
    case 'stop-mirror':
      if (mirror.kind === 'idle') throw new ReplicationError('no-mirror', {});
      return {
        ...state,
        mirror: { kind: 'idle', lastCompletedAt: null },
        plan: { ...state.plan, question: null },
        // One that had not begun has changed nothing.
        targetData: mirror.kind === 'planning' || mirror.kind === 'limited' ? state.targetData : 'mirror-required',
      };
    case 'start-plan':
      refuseParked(state);
      if (mirror.kind !== 'idle' && mirror.kind !== 'limited')
        throw new ReplicationError('mirror-running', { kind: mirror.options.kind });
      if (state.plan.run !== null) throw new ReplicationError('plan-running', {});
      if (state.halt !== null) throw new ReplicationError('halted', { text: state.halt.cause });
      return { ...state, plan: { ...state.plan, run: beginningPlan(command.options, command.startedBy, now) } };
    case 'stop-plan':
      if (state.plan.run?.why !== 'asked') throw new ReplicationError('no-plan', {});
      return { ...state, plan: { ...state.plan, run: null } };
    case 'start-orphans':
      refuseParked(state);
      if (mirror.kind !== 'idle') throw new ReplicationError('mirror-running', { kind: mirror.options.kind });
      if (state.orphans?.state === 'searching') throw new ReplicationError('search-running', {});
      if (state.halt !== null) throw new ReplicationError('halted', { text: state.halt.cause });
      return {
        ...state,
        orphans: { state: 'searching', startedAt: now, endedAt: null, foldersSeen: 0, found: 0, foundBytes: 0 },
      };
    case 'stop-orphans':
      if (state.orphans?.state !== 'searching') throw new ReplicationError('no-search', {});
      return { ...state, orphans: { ...state.orphans, state: 'stopped', endedAt: now } };
    case 'pause-mirror':
      if (mirror.kind === 'idle') throw new ReplicationError('no-mirror', {});
      return { ...state, mirror: { ...mirror, kind: 'paused' } };
    case 'resume-mirror':
      if (mirror.kind === 'idle') throw new ReplicationError('no-mirror', {});
      return { ...state, mirror: { ...mirror, kind: 'mirroring' }, plan: { ...state.plan, question: null } };
    case 'start-verify':
      refuseParked(state);
      if (mirror.kind !== 'idle') throw new ReplicationError('verify-during-mirror', {});
      if (state.verify.run !== null) throw new ReplicationError('verify-running', {});
      if (state.halt !== null) throw new ReplicationError('halted', { text: state.halt.cause });
      return { ...state, verify: { ...state.verify, run: beginningVerify(command.options, command.startedBy, now) } };
    case 'stop-verify':
      if (state.verify.run === null) throw new ReplicationError('no-verify', {});
      return { ...state, verify: { ...state.verify, run: null } };
    case 'answer':
      if (state.halt === null) throw new ReplicationError('bad-input', { text: 'the connection asks no question' });
      if (!state.halt.answers.some(({ id }) => id === command.answer)) {
        throw new ReplicationError('bad-input', { text: `the question has no answer '${command.answer}'` });
      }
      return state;
    case 'configure':
      return state;
    default:
      return assertNever(command);
  }
}

function refuseParked({ replication }: SourceState): void {
  if (replication === 'parked') throw new ReplicationError('parked', {});
}

function beginningMirror(options: MirrorOptions, now: string): MirrorStatus {
  return {
    kind: 'calculating', options, startedAt: now, calculatedBytes: null, calculatedFiles: null, sentBytes: 0, skippedBytes: 0,
    remainingBytes: null, sentFiles: 0, skippedFiles: 0, percent: null, bytesPerSec: 0, timeLeftMs: null,
  }; // prettier-ignore
}

function beginningPlan(options: MirrorOptions, startedBy: string, startedAt: string): PlanRun {
  return { options, startedBy, startedAt, why: 'asked', counts: noCounts(), path: null };
}

function beginningVerify(options: VerifyOptions, startedBy: string, now: string): VerifyRun {
  return {
    phase: 'comparing', options, startedBy, startedAt: now, suspects: 0, path: null, files: 0, folders: 0, symlinks: 0, bytes: 0,
    missing: 0, extra: 0, different: 0, unreadable: 0, busy: 0, bytesOutOfSync: 0, repaired: 0,
  }; // prettier-ignore
}

type Holding = ConnectionCommand & { readonly kind: 'pause-transmission' | 'stop-transmission' };

function operatorHold({ kind, owner, reason }: Holding, since: string): TransmissionHold {
  return { by: 'operator', kind: kind === 'pause-transmission' ? 'pause' : 'stop', owner, reason, since };
}

function othersThan(holds: readonly TransmissionHold[]): readonly TransmissionHold[] {
  return holds.filter(({ by }) => by !== 'operator');
}

/** A person lets go: whoever else holds still does. */
function withoutOperator(holds: readonly TransmissionHold[], now: string): Pick<SourceState, 'holds' | 'transmission'> {
  const others = othersThan(holds);
  const [first] = others;
  if (first === undefined) return { holds: others, transmission: { kind: 'active', since: now } };
  const { by, owner, reason, since } = first;
  const transmission: TransmissionStatus =
    by === 'target-full' ? { kind: 'waiting', by, owner, reason, since } : { kind: 'pausing', owner, reason, since };
  return { holds: others, transmission };
}
