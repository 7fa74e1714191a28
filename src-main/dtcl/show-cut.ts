import type { ApplicationHooks, CaptureFacts, CloneFacts, Cut, HookRun, Park, ReplicaSnapshot } from '../api/index.ts';
import { assertNever } from '../base/index.ts';

const cloneWords: Readonly<Record<CloneFacts['state'], string>> = {
  untried: 'ready',
  works: 'work',
  partly: 'work on some volumes',
  impossible: 'none',
  off: 'off',
};

/** What a cut is worth, and why. */
export function showCutWorth({ label, why }: Cut): string {
  return why == null ? label : `${label} (${why})`;
}

/** What the replica of a parked connection holds. */
export function showPark({ cut, isComplete }: Extract<Park, { kind: 'parked' }>): string {
  if (cut === null) return 'without a cut: it had left its target before';
  const worth = isComplete ? 'a complete copy' : 'NOT a complete copy: a mirror was owed or under way';
  return `at operation ${cut.sequence}, ${cut.at}, ${showCutWorth(cut)}, ${worth}`;
}

/** What notices changes, why it, and what writers paid for cuts. */
export function showCapture({ method, why, writersHeld }: CaptureFacts): string {
  const how = why === '' ? method : `${method}: ${why}`;
  if (writersHeld === undefined) return how;
  const { times, lastMs, lastWrites, mostMs } = writersHeld;
  return `${how}; writers held for a cut ${times} times, last ${lastMs} ms (${lastWrites} writes waited), at most ${mostMs} ms`;
}

/** Whether files that are written without rest can be copied at one instant, and what came of it. */
export function showClones(facts: CloneFacts | undefined): string {
  if (facts === undefined) return 'not known yet';
  const { state, why, made, cuts } = facts;
  const now = why === '' ? cloneWords[state] : `${cloneWords[state]}: ${why}`;
  return made + cuts === 0 ? now : `${now}; ${made} clones made, ${cuts} cuts from copies`;
}

/** Where a replica stands on its target: what it holds now, its last cut, and whether somebody keeps it there. */
export function showStanding({ cut, consistency, hold }: ReplicaSnapshot): string {
  const last = cut === null ? 'no cut yet' : `last cut at operation ${cut.sequence}, ${cut.at}, ${cut.label}`;
  if (hold === null) return `${consistency}; ${last}`;
  const how = hold.isEffective ? 'held' : 'to be held at the end of the group';
  return `${consistency}; ${last}; ${how} for ${hold.owner} since ${hold.since}: ${hold.reason}`;
}

/** Where the programs stand that let the application stand still for a cut. */
export function showHooks({ state, since, last }: ApplicationHooks): string {
  if (state === 'off') return 'not frozen for cuts; no program is set';
  const now = stateText(state, since);
  if (last === null) return `${now}; not asked since the service started`;
  const freeze = last.freeze === null ? '' : `, freeze ${showRun(last.freeze)}`;
  const thaw = last.thaw === null ? '' : `, thaw ${showRun(last.thaw)}`;
  const rest = last.frozenMs === null ? '' : `, at rest for ${last.frozenMs} ms`;
  return `${now}; last for a ${last.for}${freeze}${thaw}${rest}`;
}

function stateText(state: Exclude<ApplicationHooks['state'], 'off'>, since: string): string {
  switch (state) {
    case 'ready':
      return 'ready';
    case 'waiting':
      return `waiting since ${since} for another connection that has it at rest`;
    case 'freezing':
    case 'frozen':
    case 'thawing':
      return `${state} since ${since}`;
    case 'thaw-failed':
      return `MAY STAND STILL since ${since}: the program that lets it go on fails and is tried again`;
    default:
      return assertNever(state);
  }
}

function showRun({ outcome, startedAt, tookMs, text }: HookRun): string {
  return outcome === 'ok' ? `ok at ${startedAt} (${tookMs} ms)` : `${outcome} at ${startedAt}: ${text}`;
}
