import type { ReplicaSettings, ReplicaSnapshot } from '../../../api/index.ts';
import { describeError } from '../../../base/index.ts';
import type { ReplicaSpec } from '../replicator-api.ts';
import type { Hold } from './hold.ts';
import type { WaitingProblem } from './problem.ts';
import type { RunFigures } from './replica-run.ts';
import type { ReplicaState } from './state-file.ts';

/** A replica that was never open. */
export const NO_FIGURES: RunFigures = {
  receivedSequence: 0,
  appliedSequence: 0,
  queuedOps: 0,
  queuedBytes: 0,
  cut: null,
  label: 'file-level',
  isHeld: false,
  failedPlaces: 0,
  kept: { count: 0, bytes: 0 },
  orphans: null,
  queue: { freeBytes: null, full: null },
};

export interface ReplicaFacts {
  readonly isReleased: boolean;
  readonly isLinked: boolean;
  readonly problem: WaitingProblem | null;
  readonly figures: RunFigures;
  readonly hold: Hold | null;
  readonly settings: ReplicaSettings;
  readonly losses: ReplicaSnapshot['losses'];
  readonly drift: ReplicaSnapshot['drift'];
  readonly certificates: ReplicaSnapshot['certificates'];
  readonly snapshots: ReplicaSnapshot['snapshots'];
}

/** What can be told of a replica, for people and for its state file; remembers since when its state is what it is. */
export class ReplicaView {
  readonly #spec: ReplicaSpec;
  #state: ReplicaSnapshot['state'] = 'waiting-for-source';
  #since = new Date().toISOString();

  constructor(spec: ReplicaSpec) {
    this.#spec = spec;
  }

  snapshot(facts: ReplicaFacts): ReplicaSnapshot {
    const state = stateOf(facts);
    if (state !== this.#state) this.#since = new Date().toISOString();
    this.#state = state;
    const { connectionId, setName, sourceName, roots } = this.#spec;
    const { receivedSequence, appliedSequence, queuedOps, queuedBytes, cut, label, isHeld, kept, orphans, queue } = facts.figures;
    const { hold, problem, settings, losses, drift, certificates, snapshots } = facts;
    return {
      connectionId,
      setName,
      sourceName,
      roots,
      state,
      since: this.#since,
      receivedSequence,
      appliedSequence,
      queuedOps,
      queuedBytes,
      cut,
      consistency: label,
      hold: hold === null ? null : { ...hold, isEffective: isHeld },
      kept,
      orphans: shownOrphans(orphans),
      problem: problem === null ? null : asProblem(problem),
      settings,
      losses,
      drift,
      certificates,
      snapshots,
      queue,
    };
  }
}

/** The part of it that is kept beside the replica. */
export function stateForFile(snapshot: ReplicaSnapshot): ReplicaState {
  const { setName, sourceName, roots, state, since, cut, appliedSequence, consistency } = snapshot;
  return {
    version: 1,
    set: setName,
    source: sourceName,
    map: roots,
    state,
    since,
    lastAppliedCut: cut,
    appliedSequence,
    label: consistency,
  };
}

function stateOf({ isReleased, problem, figures, hold, isLinked }: ReplicaFacts): ReplicaSnapshot['state'] {
  if (isReleased) return 'released';
  if (problem !== null) return 'retrying';
  // It also stands while a snapshot is taken, which nobody has to lift.
  if (figures.isHeld && hold !== null) return 'held';
  return isLinked ? 'receiving' : 'waiting-for-source';
}

function asProblem({ code, details, since }: WaitingProblem): NonNullable<ReplicaSnapshot['problem']> {
  const { cause, effect, nextStep } = describeError(code, details);
  return { code, path: typeof details.path === 'string' ? details.path : null, cause, since, effect, nextStep };
}

function shownOrphans(figures: RunFigures['orphans']): ReplicaSnapshot['orphans'] {
  if (figures === null) return null;
  const { startedAtMs, endedAtMs, ...counts } = figures;
  const iso = (ms: number) => new Date(ms).toISOString();
  return { startedAt: iso(startedAtMs), endedAt: endedAtMs === null ? null : iso(endedAtMs), ...counts };
}
